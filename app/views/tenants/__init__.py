"""The Tenants page."""
