# Runs the examples of one file under CRuby: SUITE FILE FIRST. Prints what the interpreter's worker prints (worker.rs), and for
# examples about what the interpreter refuses on purpose `REFUSED reason` in place of their result.
require "did_you_mean"
require "set" # part of the core for ruby/spec, which is written for newer versions too
require "timeout"
require_relative "mspec"
require_relative "refused"

# A runaway example must not take the machine with it.
Process.setrlimit(Process::RLIMIT_AS, 2 << 30)

module SpecZone
  def self.set(name, offset, daylight)
    @known = ENV["TZ"]
    ENV["TZ"] = offset ? "#{name}#{-offset}:00:00#{daylight}" : name
  end

  def self.reset = ENV["TZ"] = @known
end

suite, file, first = ARGV
ARGV.clear
$VERBOSE = nil
CODE_LOADING_DIR = File.join(suite, "fixtures/code")
$LOADED_FEATURES << File.join(suite, "spec_helper.rb")
protocol = $stdout.dup
protocol.sync = true
[$stdout, $stderr].each { |stream| stream.reopen("/dev/null", "w") }
$stdin.reopen("/dev/null")
line = ->(text) { protocol.puts(text.to_s.b.gsub(/\s+/n, " ").gsub(/0x\h{8,}/n, "0x").slice(0, 500)) }

begin
  load File.join(suite, file)
rescue Exception => error
  line.("LOAD #{error.class}: #{error.message}")
end
(first.to_i...Examples.count).each do |number|
  line.("RUN #{Examples.name(number)}")
  refused = Refused.new(Examples.list[number])
  outcome = begin
    Timeout.timeout(10) { refused.watching { Examples.run(number) } }
  rescue Exception => error
    "FAIL #{error.class}"
  end
  outcome = "REFUSED #{refused.reason}" if refused.reason && outcome == "PASS"
  line.(outcome)
end
line.("END")
protocol.close
exit!(0)
