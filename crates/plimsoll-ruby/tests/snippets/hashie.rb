M.new #=> !! NameError: uninitialized constant M
m=M.new(a: 1, "b"=>{c: [ {d: 2}, 3]}); [m, m.a, m.b.c.first.d, m["a"], m[:a], m.b.class, m.b.c.class, m.keys, m.x, m.x?, m.a?, m.a!, m.zz!.class, m.yy_.class] #=> !! NameError: uninitialized constant M
m=M.new; m.a = 1; m.b = {c: 2}; m[:d] = [1,{e: 3}]; [m, m.b.c, m.d[1].e, m.to_hash, m.to_hash.class, m.to_h] #=> !! NameError: uninitialized constant M
m=M.new(a: 1); [m == {"a"=>1}, m == M.new(a: 1), m.key?(:a), m.key?("a"), m.has_key?(:a), m.include?(:b), m.respond_to?(:a), m.respond_to?(:zz), m.respond_to?(:a=), m.respond_to?(:a?), m.fetch(:a), m.dig(:a), m.values_at(:a,"a"), m.delete(:a), m] #=> !! NameError: uninitialized constant M
M.new(a: 1).fetch(:b) #=> !! NameError: uninitialized constant M
M.new(a: {b: 1}).merge(a: {c: 2}, d: 3) #=> !! NameError: uninitialized constant M
m=M.new(a: {b: 1}); m.update(a: {b: 2}); m.deep_update("x"=>1); m.deep_merge!(y: 2); m.merge!(z: 1); m #=> !! NameError: uninitialized constant M
m=M.new(a: {b: 1}); m.shallow_update(a: {c: 2}); m #=> !! NameError: uninitialized constant M
m=M.new(a: {b: 1}); [m.shallow_merge(a: {c: 2}), m] #=> !! NameError: uninitialized constant M
M.new(a: 1).foo(1) #=> !! NameError: uninitialized constant M
M.new(a: 1).foo = 2 #=> !! NameError: uninitialized constant M
m=M.new(a: 1, b: 2); [m.select { |k,v| v>1 }, m.reject { |k,v| v>1 }, m.map { |k,v| [k,v] }, m.to_a, m.each { |k,v| }, m.slice(:a), m.except(:a), m.transform_values { |v| v+1 }.class, m.invert, m.dup.class, m.sort_by{|k,v|-v}, m.compact.class] #=> !! NameError: uninitialized constant M
M.new({a: 1}, 5).zz #=> !! NameError: uninitialized constant M
M.new { |h,k| "d#{k}" }.zz #=> !! NameError: uninitialized constant M
m=M.new(class: 1, size: 2); [m[:class], m.size, m.class] #=> !! NameError: uninitialized constant M
M.new(1=>2, nil=>3, :a=>4) #=> !! NameError: uninitialized constant M
m=M.new(a: 1); m.inspect + m.to_s #=> !! NameError: uninitialized constant M
M.new(a: M.new(b: 1)).inspect #=> !! NameError: uninitialized constant M
m=M.new(a: 1); m.replace(b: 2); [m, m.a] #=> !! NameError: uninitialized constant M
M.new(a: nil).a? #=> !! NameError: uninitialized constant M
M.new(a: [[{b: 1}]]).a[0][0].b #=> !! NameError: uninitialized constant M
m=M.new; m.a!.b!.c = 1; m #=> !! NameError: uninitialized constant M
m=M.new; m.a_.b_.c; m #=> !! NameError: uninitialized constant M
m=M.new("a-b"=>1); m["a-b"] #=> !! NameError: uninitialized constant M
M.new(a: 1).frozen? #=> !! NameError: uninitialized constant M
M.new([1]) #=> !! NameError: uninitialized constant M
[M.ancestors.include?(Hash), M.superclass, Hashie::Hash.superclass] #=> !! NameError: uninitialized constant M
m=M.new(a: {b: 1}); h=m.to_hash; h["a"].class #=> !! NameError: uninitialized constant M
m=M.new(a: {b: 1}); m.to_hash(symbolize_keys: true) #=> !! NameError: uninitialized constant M
m=M.new(a: 1); m.delete_field(:a) rescue "nm" #=> !! NameError: uninitialized constant M
{a: M.new(b: 1)}.inspect #=> !! NameError: uninitialized constant M
M.new(a: 1) <= {"a"=>1,"b"=>2} #=> !! NameError: uninitialized constant M
m = M.new(a: 1); m.default = 3; [m.q, m[:q]] #=> !! NameError: uninitialized constant M
m=M.new(a: {b: {c: 1}}); [m.dig(:a, :b, :c), m.a.b.c, m.dig("a","b"), m.a.dig(:b,:c)] #=> !! NameError: uninitialized constant M
m=M.new(a: 1); m.a += 1; m.a ||= 5; m.z ||= 7; m #=> !! NameError: uninitialized constant M
