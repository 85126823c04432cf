# Which examples are about what the interpreter refuses on purpose. CRuby runs an example and tells what it called; the rules
# below name the reason. They look at what is asked for, never at whether the interpreter could do it.
class Refused
  # Methods, as `Class.method` or `Class#method`, that an example calls.
  CALLS = {
    /\A(Thread|Mutex|Thread::\w+|Queue|SizedQueue|ConditionVariable|Monitor|Ractor|ThreadGroup)[.#]/ => "threads",
    /\A(Process|Process::\w+|Signal)[.#]/ => "processes",
    /\A(Kernel|main)[.#](fork|system|spawn|exec|`|trap|exit!|syscall)\z/ => "processes",
    /\AIO[.]popen\z/ => "processes",
    /\A(ObjectSpace|ObjectSpace::\w+|GC|TracePoint|RubyVM::\w+)[.#]/ => "ObjectSpace",
    /\AKernel[.#](set_trace_func|trace_var|untrace_var)\z/ => "ObjectSpace",
    /\A(Module#refine|Module#using|main[.#]using|Module[.]used_modules)\z/ => "refinements",
    /\A(Kernel[.#]eval|Binding#eval)\z/ => "string eval",
    /\AFile[.](?!join|basename|dirname|extname|expand_path|absolute_path|fnmatch|split|path)/ => "files",
    /\A(File#|FileTest[.]|File::Stat|Dir[.#]|IO[.]|IO#(?!(write|print|puts|<<|p|printf|putc|inspect|sync)\b))/ => "files",
    /\AKernel[.#](open|gets|readline|readlines|select|test|load|autoload)\z/ => "files",
    /\AModule#autoload\z/ => "files",
    /\AEncoding[.]default_(internal|external)=\z/ => "encodings",
    /\A(String|Encoding)#(dummy\?)\z/ => "encodings",
    /\AEncoding::Converter[.#]/ => "encodings",
    /\A\w+#(taint|untaint|tainted\?|trust|untrust|untrusted\?)\z/ => "taint",
    /\A(Kernel[.#]warn|Warning[.#]\S+)\z/ => "warnings",
  }.freeze

  # Encodings other than UTF-8, US-ASCII and ASCII-8BIT, in the source of an example or of what runs before it.
  ENCODINGS = /
    \butf[-_]?(16|32|7)|\beuc[-_]?(jp|kr|tw)|\bshift[-_]jis|\bsjis|\bwindows[-_](\d+|31j)|\biso[-_]?(8859|2022)|
    \bbig5|\bgb(18030|k|2312)\b|\b(cp|ibm)\d{3,}\b|\bkoi8|\bemacs[-_]mule|\butf8[-_]mac|\bstateless_iso|\bcesu[-_]?8
  /ix

  attr_reader :reason

  def initialize(example)
    source = example.blocks.map { |block| text_of(block) }.join
    @reason = "encodings" if ENCODINGS.match?(source)
  end

  # Runs the block and notes what it calls.
  def watching(&block)
    trace = TracePoint.new(:call, :c_call, :script_compiled) { |event| note(event) }
    trace.enable(target_thread: Thread.current, &block)
  ensure
    trace.disable
  end

  private

  def note(event)
    if event.event == :script_compiled
      @reason ||= "string eval" if event.eval_script
      return
    end
    name = called(event) or return
    @reason ||= (REASONS[name] ||= CALLS.find { |pattern, _| pattern.match?(name) }&.last || :none).then do |reason|
      reason == :none ? nil : reason
    end
  end

  REASONS = {}
  NAME = Module.instance_method(:name)
  SINGLETON = Module.instance_method(:singleton_class?)

  def called(event)
    owner = event.defined_class or return
    if SINGLETON.bind_call(owner)
      receiver = event.self
      return "main.#{event.method_id}" if TOPLEVEL_BINDING.receiver.equal?(receiver)
      return unless Module === receiver
      "#{NAME.bind_call(receiver)}.#{event.method_id}"
    else
      "#{NAME.bind_call(owner)}##{event.method_id}"
    end
  end

  def text_of(block)
    file, first = block.source_location
    last = RubyVM::AbstractSyntaxTree.of(block)&.last_lineno || first
    (LINES[file] ||= File.binread(file).lines)[first - 1..last - 1].join
  rescue SystemCallError, ArgumentError
    ""
  end

  LINES = {}
end
