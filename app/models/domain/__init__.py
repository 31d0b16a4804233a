"""Frozen dataclasses, enums and pure rules. No database, no Qt, no I/O."""
