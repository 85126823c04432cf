# Pattern matching.
case 5; in 5 then 1 end #=> 1
case 5; in Integer => n then n end #=> 5
case 5; in n then n end #=> 5
case 5; in 1..3 then :a; in 4.. then :b end #=> :b
case [1, 2]; in [a, b] then [a, b] end #=> [1, 2]
case [1, 2]; in [a] then 1 else 2 end #=> 2
case [1, 2, 3]; in [a, *b] then [a, b] end #=> [1, [2, 3]]
case [1, 2, 3]; in [*, c] then c end #=> 3
case [1, 2, 3]; in [a, *, c] then [a, c] end #=> [1, 3]
case [1, [2, 3]]; in [a, [b, c]] then [a, b, c] end #=> [1, 2, 3]
case [1, 2, 3]; in a, *b then [a, b] end #=> [1, [2, 3]]
case { a: 1, b: 2 }; in { a: } then a end #=> 1
case { a: 1, b: 2 }; in { a: Integer => x, b: } then [x, b] end #=> [1, 2]
case { a: 1, b: 2 }; in { a:, **rest } then [a, rest] end #=> [1, {:b=>2}]
case { a: 1 }; in { a:, **nil } then a end #=> 1
case { a: 1, b: 2 }; in { a:, **nil } then a else :no end #=> :no
case { a: 1 }; in {} then 1 else 2 end #=> 2
case({}); in {} then 1 end #=> 1
case { a: { b: [1, 2] } }; in { a: { b: [_, x] } } then x end #=> 2
case { a: 1 }; in a: then a end #=> 1
case { name: "x", age: 5 }; in { name: String => n, age: 1..9 => g } then [n, g] end #=> ["x", 5]
case [1, "a", :b]; in [Integer, String, Symbol] then :ok end #=> :ok
case 5; in 1 | 5 then :hit end #=> :hit
case [1, 2]; in [1, 2 | 3 => x] then x end #=> 2
x = 5; case 5; in ^x then :pin end #=> :pin
x = 5; case 6; in ^x then :pin else :no end #=> :no
case 6; in ^(1 + 5) then :expr end #=> :expr
@iv = 3; case 3; in ^@iv then :iv end #=> :iv
case 5; in n if n > 3 then :big end #=> :big
case 5; in n unless n > 3 then :big else :small end #=> :small
case [1, 5, 9]; in [*, 5 => x, *post] then [x, post] end #=> [5, [9]]
case [1, 2, 3, 42, 5]; in [*pre, 40..50 => x, *post] then [pre, x, post] end #=> [[1, 2, 3], 42, [5]]
case [[:a, 1], [:b, 2]]; in [*, [:b, v], *] then v end #=> 2
case nil; in nil then :nil end #=> :nil
case "str"; in /t/ then :re end #=> :re
case 7; in ->(x) { x > 5 } then :lam end #=> :lam
case []; in [] then :empty end #=> :empty
case 1; in String then 1 end #=> !! NoMatchingPatternError: 1: String === 1 does not return true
case [1, 2]; in [a, b, c] then 1 end #=> !! NoMatchingPatternError: [1, 2]: [1, 2] length mismatch (given 2, expected 3)
case { a: 1 }; in { b: } then 1 end #=> !! NoMatchingPatternKeyError: {:a=>1}: key not found: :b
5 => x; x #=> 5
{ a: 1 } => { a: }; a #=> 1
[1, [2]] => [x, [y]]; [x, y] #=> [1, 2]
{ a: 1 } => { b: } #=> !! NoMatchingPatternKeyError: {:a=>1}: key not found: :b
5 => String #=> !! NoMatchingPatternError: 5: String === 5 does not return true
5 in Integer #=> true
5 in String #=> false
{ a: 1 } in { a: Integer } #=> true
(5 in x) && x #=> 5
h = { status: "ok", items: [{ id: 1 }, { id: 2 }] }; case h; in { status: "ok", items: [{ id: }, *] } then id end #=> 1
P = Struct.new(:x, :y); case P.new(1, 2); in [x, y] then [x, y] end #=> [1, 2]
case P.new(1, 2); in { x:, y: } then [x, y] end #=> [1, 2]
case P.new(1, 2); in P(x:, y: 2) then x end #=> 1
case P.new(1, 2); in P[a, b] then [a, b] end #=> [1, 2]
class Dk; def deconstruct_keys(k) = { a: 1, k: k }; end; case Dk.new; in { a:, k: } then [a, k] end #=> [1, [:a, :k]]
class Dk; end; case Dk.new; in { a:, **r } then r end #=> {:k=>nil}
class Dc; def deconstruct = [1, 2]; end; case Dc.new; in [a, b] then [a, b] end #=> [1, 2]
class Dc; end; case Dc.new; in Dc(a, b) then a + b end #=> 3
case { "a" => 1 }; in { a: } then 1 else 2 end #=> 2
case [1, [2, [3, 4]]]; in [Integer => a, [b, [*, c]]] then [a, b, c] end #=> [1, 2, 4]
case 1; in 0 then :z; in 1 then :o end #=> :o
case { k: nil }; in { k: nil } then :nilval end #=> :nilval
case { k: 1 }; in { k: String } | { k: Integer } then :alt end #=> :alt
in_val = (case 3; in x then x * 2 end); in_val #=> 6
case [1, 1]; in [a, ^a] then :same end #=> :same
case [1, 2]; in [a, ^a] then :same else :diff end #=> :diff
r = (1 in Integer | Float); r #=> true
case { a: 1, b: 2, c: 3 }; in { a: 1, **r } then r end #=> {:b=>2, :c=>3}
case "a".."c"; in Range then 1 end #=> 1
result = case [:error, "msg"]; in [:ok, v] then v; in [:error, m] then "E:#{m}" end; result #=> "E:msg"
case { a: 1 }; in {} then 1 end #=> !! NoMatchingPatternError: {:a=>1}: {:a=>1} is not empty
case { a: 1, b: 2 }; in { a:, **nil } then 1 end #=> !! NoMatchingPatternError: {:a=>1, :b=>2}: rest of {:b=>2} is not empty
case 5; in Integer if false then 1 end #=> !! NoMatchingPatternError: 5: guard clause does not return true
case 5; in [a] then 1 end #=> !! NoMatchingPatternError: 5: 5 does not respond to #deconstruct
case 5; in { a: } then 1 end #=> !! NoMatchingPatternError: 5: 5 does not respond to #deconstruct_keys
case [1, 2]; in [*, 3, *] then 1 end #=> !! NoMatchingPatternError: [1, 2]: [1, 2] does not match to find pattern
case [1]; in [a, b, *] then 1 end #=> !! NoMatchingPatternError: [1]: [1] length mismatch (given 1, expected 2+)
case 5; in 1 then 1; in 2 then 2 end #=> !! NoMatchingPatternError: 5
