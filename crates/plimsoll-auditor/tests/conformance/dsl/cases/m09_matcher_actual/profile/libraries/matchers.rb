# A matcher whose block shows something else than what it was given.
RSpec::Matchers.define :list_all do |*wanted|
  match do |actual|
    @actual = actual.map(&:to_s).sort.join("\n")
    wanted.all? { |w| actual.include?(w) }
  end
  diffable
  description { "list #{wanted.join(' and ')}" }
end
RSpec::Matchers.define :be_short do
  match { |text| (@actual = text.to_s.length) < 4 }
end
RSpec::Matchers.define :be_long do |by|
  match { |text| @actual = text.to_s.length; @actual > by }
  failure_message { |shown| "only #{shown} (#{actual}) of #{by}" }
  failure_message_when_negated { |shown| "as many as #{shown}" }
end
RSpec::Matchers.define :be_odd_or_seven do
  match { actual.odd? }
  match_when_negated { |n| @actual = [n]; n != 7 && n.even? }
end
class Lines < Array
  def initialize(name)
    @name = name
  end

  def to_s
    to_a.join('|')
  end

  def inspect
    "#<Lines #{@name}>"
  end
end
