"""What every room stands on: errors, clock, events, language, redaction. Standard library only."""
