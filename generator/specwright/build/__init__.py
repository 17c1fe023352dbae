"""From a spec to files: plan decides, templates lay out, write swaps the tree."""
