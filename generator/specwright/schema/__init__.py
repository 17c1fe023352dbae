"""A JSON Schema of the dialect, so that editors complete and check a spec while it is written."""
