"""What could be better in a spec that has no mistake: texts, units, reasons, and what nobody needs."""
