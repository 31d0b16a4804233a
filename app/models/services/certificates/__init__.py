"""Certificates: issued, renewed, listed, checked, taken along."""
