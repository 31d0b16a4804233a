"""Certification authorities: made, imported, rolled over, revoked."""
