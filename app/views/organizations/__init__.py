"""The Organizations page."""
