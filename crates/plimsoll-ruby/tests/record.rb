# Fills in what each snippet gives, with the Ruby that runs this: ruby 3.1.
#
#   ruby crates/plimsoll-ruby/tests/record.rb [FILE…]
#
# A snippet is one line of a file in snippets/: an expression, then ` #=> ` and what it inspects as, or
# `!! Class: message` for what it raises. Add a line with the expression alone, run this, read the difference.
# Lines that start with `#` are comments.

require 'base64'
require 'bigdecimal'
require 'bigdecimal/util'
require 'csv'
require 'date'
require 'delegate'
require 'digest'
require 'erb'
require 'forwardable'
require 'hashie'
require 'ipaddr'
require 'json'
require 'ostruct'
require 'pathname'
require 'rexml/document'
require 'semverse'
require 'set'
require 'shellwords'
require 'singleton'
require 'stringio'
require 'time'
require 'timeout'
require 'uri'
require 'yaml'

MARK = ' #=> '.freeze

def outcome(code, file, line)
  $VERBOSE = nil
  scope = TOPLEVEL_BINDING.dup
  scope.eval('$~ = nil')
  scope.eval(code, file, line).inspect
rescue Exception => error
  # The message itself, without the suggestions that CRuby's gems add for people.
  message = error.respond_to?(:original_message) ? error.original_message : error.message
  "!! #{error.class}: #{message}"
end

def one_line(text)
  text.encode('UTF-8', invalid: :replace, undef: :replace).gsub("\n", '\n')
end

files = ARGV.empty? ? Dir[File.join(__dir__, 'snippets', '*.rb')] : ARGV
def record(file)
  lines = File.readlines(file, chomp: true, encoding: 'UTF-8').each.with_index(1).map do |line, number|
    next line if line.strip.empty? || line.start_with?('#')
    code = line.split(MARK, 2).first
    "#{code}#{MARK}#{one_line(outcome(code, File.basename(file), number))}"
  end
  File.write(file, lines.join("\n") + "\n")
end

# A process each: what one file defines is not there for the next.
files.sort.each { |file| Process.wait(fork { record(file) }) }
