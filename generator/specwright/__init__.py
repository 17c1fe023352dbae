"""specwright: turns a YAML description of an exchange API into a typed Python client."""
