"""The page Authorities."""
