# SystemStackError
class Shown
  def inspect = [self].inspect
end
Shown.new.inspect
