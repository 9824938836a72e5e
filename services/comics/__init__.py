"""Comic and manga pages: script, layout, panels, lettering."""
