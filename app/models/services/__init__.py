"""Use cases, one module a noun: check access, one transaction, one audit event."""
