"""Descriptors of the exchange's operations."""
