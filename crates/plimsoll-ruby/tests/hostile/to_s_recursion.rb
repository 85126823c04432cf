# SystemStackError
class Shown
  def to_s = "#{self}"
end
Shown.new.to_s
