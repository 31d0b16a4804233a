"""What devices ask of the EST server, as it happens."""
