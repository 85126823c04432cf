# elements memory steps time
class Link
  def initialize(before) = @before = before
end
link = nil
link = Link.new(link) while true
