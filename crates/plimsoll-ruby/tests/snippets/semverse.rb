[Version.new("1.2"), Version.new([1,2,3]), Version.new(1,2,3)] #=> !! NameError: uninitialized constant Version
[Version.new([1,2,3])] #=> !! NameError: uninitialized constant Version
[Version.new("1.2") , Version.new("1")] #=> !! NameError: uninitialized constant Version
[Version.new("1")] #=> !! NameError: uninitialized constant Version
[Version.new("")] #=> !! NameError: uninitialized constant Version
[Version.new(nil)] #=> !! NameError: uninitialized constant Version
[Version.new("a.b")] #=> !! NameError: uninitialized constant Version
[Version.coerce("1.2.3"), Version.coerce(Version.new("1.0.0")), Version.split("1.2.3")] #=> !! NameError: uninitialized constant Version
[Version.new("1.2.3")==Version.new("1.2.3"), Version.new("1.2.3")<Version.new("1.2.4"), Version.new("1.2.3-a")<Version.new("1.2.3"), Version.new("1.2.3")=="1.2.3", Version.new("1.2.3")>"1.2.0"] #=> !! NameError: uninitialized constant Version
[Version.new("1.10.0") <=> Version.new("1.9.0"), Version.new("1.0.0-1") <=> Version.new("1.0.0-a"), Version.new("1.0.0+2")<=>Version.new("1.0.0+10")] #=> !! NameError: uninitialized constant Version
[Constraint.new("~> 1.2").satisfies?("1.9.9"), Constraint.new("~> 1.2.3").satisfies?("1.3.0"), Constraint.new("~> 1").satisfies?("2.0.0"), Constraint.new("1.2.3").satisfies?("1.2.3"), Constraint.new("= 1.2.3"), Constraint.new("< 2").satisfies?("1.99.0"), Constraint.new.satisfies?("0.0.1"), Constraint.new("> 1.0.0").satisfies?("1.0.0"), Constraint.new("<= 1.0.0").satisfies?("1.0.0"), Constraint.split(">= 1.0"), Constraint.new("!= 1.0.0")] #=> !! NameError: uninitialized constant Constraint
Constraint.new("foo") #=> !! NameError: uninitialized constant Constraint
[Constraint.satisfy_all([">= 1.0"], [Version.new("1.1.0"),Version.new("0.1.0")]), Constraint.satisfy_best([">= 1.0"], [Version.new("1.1.0"),Version.new("1.5.0")]) , Constraint.new(">= 1.0") == Constraint.new(">= 1.0")] #=> !! NameError: uninitialized constant Constraint
