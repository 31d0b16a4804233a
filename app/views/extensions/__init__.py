"""The page Custom extensions."""
