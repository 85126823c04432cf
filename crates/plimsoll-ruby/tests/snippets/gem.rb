[Gem::Version.new("1.2.3"), Gem::Version.new(" 1 ").to_s, Gem::Version.new("1-2").to_s, Gem::Version.new("").to_s, Gem::Version.new(1.5).to_s, Gem::Version.new(nil).to_s] #=> [#<Gem::Version "1.2.3">, "1", "1.pre.2", "0", "1.5", ""]
Gem::Version.new("a.b") #=> !! ArgumentError: Malformed version number string a.b
Gem::Version.new("1.2-") #=> !! ArgumentError: Malformed version number string 1.2-
Gem::Version.new("1:2") #=> !! ArgumentError: Malformed version number string 1:2
[Gem::Version.create("1"), Gem::Version.create(nil), Gem::Version.correct?("1.a"), Gem::Version.correct?("x"), Gem::Version.correct?(nil)] #=> [#<Gem::Version "1">, nil, true, false, true]
[Gem::Version.new("1.0")==Gem::Version.new("1"), Gem::Version.new("1.0").eql?(Gem::Version.new("1")), Gem::Version.new("1.0") <=> "1.1", Gem::Version.new("1") <=> 1, Gem::Version.new("1") <=> "x", Gem::Version.new("1.0.a") < Gem::Version.new("1.0"), Gem::Version.new("1.10") > Gem::Version.new("1.9"), Gem::Version.new("1.a") <=> Gem::Version.new("1.b"), %w[1.10 1.9 1.9.a].sort_by{|x| Gem::Version.new(x)}, Gem::Version.new("2").between?(Gem::Version.new("1"),Gem::Version.new("3")), Gem::Version.new("1")=="1"] #=> [true, false, -1, nil, nil, true, true, -1, ["1.9.a", "1.9", "1.10"], true, true]
Gem::Version.new("1") < 1 #=> !! ArgumentError: comparison of Gem::Version with 1 failed
Gem::Version.new("1") < nil #=> !! ArgumentError: comparison of Gem::Version with nil failed
Gem::Version.new("1") < "x" #=> !! ArgumentError: comparison of Gem::Version with String failed
Gem::Requirement.new("foo") #=> !! Gem::Requirement::BadRequirementError: Illformed requirement ["foo"]
Gem::Requirement.new("> 1").satisfied_by?("1") #=> !! ArgumentError: Need a Gem::Version: "1"
