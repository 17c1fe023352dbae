"""New products: a folder of a spec that can be generated at once, and filled from there."""
