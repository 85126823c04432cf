# Methods, blocks and objects.
class Account
  attr_reader :uid

  def initialize(name, uid)
    @name = name
    @uid = uid
  end

  def system?(limit = 1000)
    uid < limit
  end

  def <=>(other)
    uid <=> other.uid
  end
end

def fib(n)
  n < 2 ? n : fib(n - 1) + fib(n - 2)
end

def each_account(n)
  i = 0
  while i < n
    yield Account.new("user", i)
    i += 1
  end
end

system = 0
each_account(100_000) { |account| system += 1 if account.system? }
raise "wrong" unless fib(22) == 17_711 && system == 1000
