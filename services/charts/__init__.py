"""Charts: a pasted table in, a drawing of our own making out."""
