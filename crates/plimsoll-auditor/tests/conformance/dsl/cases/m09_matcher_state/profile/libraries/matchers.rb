RSpec::Matchers.define :show_another_actual do |expected|
  match do |actual|
    @actual = actual.map(&:to_s).join(',')
    @actual == expected
  end
  diffable
end
RSpec::Matchers.define :read_its_state do |*wanted|
  match { |actual| false }
  failure_message { "#{@name.inspect} #{@actual.inspect} #{@expected_as_array.inspect} #{name} #{expected.inspect} #{expected_as_array.inspect}" }
end
RSpec::Matchers.define :add_to_the_default do |wanted|
  match { |actual| actual == wanted }
  failure_message { super() + ' (and more)' }
  failure_message_when_negated { |actual| "#{super()} (#{actual} again)" }
  description { "#{super()} plus" }
end
RSpec::Matchers.define :keep_the_error do
  match_unless_raises(ArgumentError) { |actual| raise actual }
  failure_message { "#{rescued_exception.class}: #{rescued_exception.message}; #{@rescued_exception.equal?(rescued_exception)}" }
end
RSpec::Matchers.define :hold_when_nothing_is_raised do
  match_unless_raises { |actual| raise 'bang' if actual }
end
RSpec::Matchers.define :tell_the_inner_failure do
  match(notify_expectation_failures: true) { |actual| expect(actual).to eq 1 }
end
RSpec::Matchers.define :hide_the_inner_failure do
  match { |actual| expect(actual).to eq 1 }
end
RSpec::Matchers.define :use_its_block do
  match { |actual| block_arg.call(actual) }
end
RSpec::Matchers.define :tell_the_old_way do |wanted|
  match_for_should { |actual| actual == wanted }
  match_for_should_not { |actual| actual != wanted }
  failure_message_for_should { |actual| "old: #{actual}" }
  failure_message_for_should_not { |actual| "old not: #{actual}" }
end
RSpec::Matchers.define :define_a_method_itself do |wanted|
  def twice(value) = value * 2
  define_method(:wanted_twice) { twice(wanted) }
  match { |actual| actual == wanted_twice }
  chain(:and_by, :factor, :offset)
  failure_message { "#{wanted_twice} #{factor.inspect} #{offset.inspect} #{@factor.inspect}" }
end
RSpec::Matchers.define :chain_in_order do
  match { |actual| @seen == actual }
  chain(:first_then) { |*more| (@seen ||= []).concat(more) }
end
RSpec::Matchers.define :wrap_the_actual do |n|
  match do |actual|
    @inner = actual.to_i
    @actual = @inner
    expect(@inner).to be > n
  end
  failure_message { "#{actual.inspect} #{@inner}" }
end
RSpec::Matchers.define :inspect_itself do
  match { |actual| false }
  failure_message { inspect }
end
RSpec::Matchers.define :take_options do |a, b = 2, c: 3|
  match { |actual| actual == [a, b, c] }
end
RSpec::Matchers.define :raise_of_its_own do
  match { |actual| no_such_name }
end
