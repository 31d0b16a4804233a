"""The Device types page."""
