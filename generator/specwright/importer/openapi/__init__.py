"""From an OpenAPI 3 document to the files of a spec."""
