"""What changed in the client's surface between two states of a spec."""
