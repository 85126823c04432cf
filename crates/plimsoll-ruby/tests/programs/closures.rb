# What blocks see and where jumps go.
def each_pair_of(list)
  return enum_for(:each_pair_of, list) unless block_given?

  list.each_slice(2) { |a, b| yield a, b }
  :done
end

p each_pair_of([1, 2, 3, 4]) { |a, b| p [a, b] }
p each_pair_of([1, 2, 3]).to_a

def find_first(list)
  list.each do |item|
    result = yield(item)
    return [:found, item] if result
  end
  [:none]
ensure
  puts 'looked'
end

p find_first([1, 2, 3]) { |x| x > 1 }
p find_first([1]) { |x| x > 1 }

counter = 0
add = lambda do |by = 1, *rest, scale: 1|
  next counter if by.zero?

  counter += by * scale + rest.sum
end
add.call
add.(2, scale: 10)
add[3, 4, 5]
p counter, add.call(0)

def orphan = proc { |x| return x }

begin
  orphan.call(1)
rescue LocalJumpError => e
  puts e.message, e.reason
end

def breaker
  proc { break 3 }
end

begin
  breaker.call
rescue LocalJumpError => e
  puts e.message, e.reason
end

result = [1, 2, 3].each_with_index do |x, i|
  next if i.zero?
  break "broke at #{x}" if x == 3
end
p result

outer = 10
[1].each do |outer; inner|
  inner = outer
  outer = inner + 1
end
p outer

def nested
  [1, 2].each do |a|
    [3, 4].each do |b|
      return [a, b] if a + b == 5
    end
  end
  nil
end
p nested

adders = (1..3).map { |n| ->(x) { x + n } }
p adders.map { |f| f.(10) }
p adders.reduce(:>>).call(0)

def ensure_order
  yield
  puts 'after yield'
ensure
  puts 'ensure'
end

ensure_order { puts 'block' }
[1].each { ensure_order { next } }
catch(:done) { ensure_order { throw :done } }
x = [1, 2].each { ensure_order { break } }
p x

def retrying
  attempts = 0
  begin
    attempts += 1
    raise ArgumentError, "try #{attempts}" if attempts < 3

    "succeeded after #{attempts}"
  rescue ArgumentError => e
    puts e.message
    retry
  else
    'never: the value comes from the body'
  end
end
puts retrying

gen = Enumerator.new do |y|
  y << 1
  y.yield 2, 3
  :end
end
p gen.to_a, gen.next, gen.next
begin
  gen.next
rescue StopIteration => e
  p e.result
end
p gen.lazy.map { |v| [v] }.first(1)
