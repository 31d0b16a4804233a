"""Manufacturers' CAs and the factory certificates they issue."""
