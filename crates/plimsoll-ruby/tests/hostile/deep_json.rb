# JSON::NestingError
require "json"
JSON.parse("[" * 100_000)
