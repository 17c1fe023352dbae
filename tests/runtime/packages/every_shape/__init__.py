"""A product whose models have every shape that the wire can have, for tests of the codec."""
