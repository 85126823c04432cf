# Kinds of documents that are read in ways of their own.
require 'inspec/resources/json'
require 'inspec/resources/yaml'

class PipedConfig < JsonConfig
  name 'piped_config'

  def parse(content)
    content.lines.map { |line| line.chomp.split('|') }.to_h
  end

  def value(key)
    "<#{extract_value(key, params)}>"
  end

  private

  def resource_base_name
    'Piped'
  end
end

class LoudYaml < YamlConfig
  name 'loud_yaml'

  def parse(content)
    super(content).transform_values { |v| v.to_s.upcase }
  end
end

class FixedConfig < JsonConfig
  name 'fixed_config'

  def initialize(size)
    @size = size
    super({ content: '{"size": 0}' })
  end

  def parse(content)
    super.merge('size' => @size, 'raw' => content)
  end
end

class BrokenConfig < JsonConfig
  name 'broken_config'

  def parse(_content)
    raise Inspec::Exceptions::ResourceFailed, 'it has no form'
  end
end

class OwnLoader < JsonConfig
  name 'own_loader'

  def load_raw_content(opts)
    @resource_name_supplement = 'of its own'
    %({"given": "#{opts}"})
  end
end

class OwnValue < JsonConfig
  name 'own_value'

  def value(key)
    v = super
    v.nil? ? 'none' : v
  end
end
