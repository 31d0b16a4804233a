"""Settings declared once, the folders the program uses, and logging."""
