"""The EST servers page."""
