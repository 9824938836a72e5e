"""How making works: what every front end and every tool shares."""
