"""The External CAs page."""
