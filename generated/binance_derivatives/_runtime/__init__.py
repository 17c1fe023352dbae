"""What every generated package ships: hand-written, tested, copied as it is."""
