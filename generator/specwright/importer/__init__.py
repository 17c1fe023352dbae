"""Spec entries from what others have written: documentation pages of the exchange, OpenAPI documents."""
