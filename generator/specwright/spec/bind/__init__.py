"""From nodes to the dialect's classes: which keys each entry takes, and of what kind their values are."""
