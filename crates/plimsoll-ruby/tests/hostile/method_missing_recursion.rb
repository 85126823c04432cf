# SystemStackError
class Missing
  def method_missing(name, *args)
    public_send(:"#{name}x", *args)
  end
end
Missing.new.start
