"""The page Templates: what certificates may contain."""
