# memory steps time
chain = -> { 0 }
while true
  chain = ->(inner) { -> { inner } }.call(chain)
end
