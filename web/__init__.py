"""The web studio: pages, live events, files and the HTTP API."""
