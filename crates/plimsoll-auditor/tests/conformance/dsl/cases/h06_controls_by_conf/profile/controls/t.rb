# Asks the dependency which controls it has, and takes those with a tag.
require_controls 'middle' do
  @conf['profile'].info[:controls].each do |found|
    control found[:id] if found[:tags][:level]
  end
end
