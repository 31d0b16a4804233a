"""Certificate templates and custom extensions."""
