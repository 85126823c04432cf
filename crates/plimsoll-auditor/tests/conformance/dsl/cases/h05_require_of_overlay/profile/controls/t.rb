require_controls 'middle' do
  control 'b-1'
  control 'm-1' do
    title 'renamed'
    impact 'none'
  end
end
