"""A small exchange for tests of the runtime, written as the generator would write it."""
