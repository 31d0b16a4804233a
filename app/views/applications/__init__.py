"""The API applications page."""
