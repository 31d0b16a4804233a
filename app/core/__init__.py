"""What every room stands on: errors, clock, events, language, files. Standard library only."""
