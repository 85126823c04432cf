# SystemStackError
class Same
  def ==(other) = [self] == [other]
end
[Same.new] == [Same.new]
