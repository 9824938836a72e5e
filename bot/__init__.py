"""Discord, and the only place that knows it."""
