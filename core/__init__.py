"""Words and values: no I/O, and nothing of ours is imported from here."""
