"""Birthmark, the device provisioning workstation."""

__version__ = "0.1.0"
