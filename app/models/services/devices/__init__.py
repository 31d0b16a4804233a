"""Devices: created, listed, led through their life."""
