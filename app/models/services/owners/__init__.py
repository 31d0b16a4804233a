"""Tenants, organizations and the people who work in them."""
