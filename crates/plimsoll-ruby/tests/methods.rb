# Lists the public methods of Ruby's core classes in methods.txt, with the Ruby that runs this: ruby 3.1.
#
#   ruby --disable=gems crates/plimsoll-ruby/tests/methods.rb
#
# A line for the instance methods that a class defines itself (`String# % * …`), and one for its own (`String. new …`).

require 'date'
require 'ostruct'
require 'set'
require 'time'

core = [
  BasicObject, Object, Kernel, Module, Class, NilClass, TrueClass, FalseClass, Integer, Float, Rational, Complex, Numeric,
  String, Symbol, Regexp, MatchData, Array, Hash, Range, Enumerable, Comparable, Enumerator, Enumerator::Lazy,
  Enumerator::Chain, Enumerator::Yielder, Enumerator::Generator, Enumerator::ArithmeticSequence, Proc, Method,
  UnboundMethod, Struct, OpenStruct, Set, Time, Date, DateTime, Random, Random::Base, Random::Formatter, Math
]
# Threads, signals, sockets and memory buffers are nobody's business in a profile.
elsewhere = /\A(Errno|IO::|Ractor|Thread|ClosedQueue|Fiber|Gem|fatal)/
errors = ObjectSpace.each_object(Class).select { |klass| klass <= Exception && klass.name && klass.name !~ elsewhere }

lines = (core + errors.sort_by(&:name)).flat_map do |mod|
  instance = mod.public_instance_methods(false).sort
  singleton = mod.singleton_methods(false).sort
  ["#{mod}# #{instance.join(' ')}", "#{mod}. #{singleton.join(' ')}"].reject { |line| line.end_with?(' ') }
end
File.write(File.join(__dir__, 'methods.txt'), lines.join("\n") + "\n")
