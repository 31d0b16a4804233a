"""Bytes in, bytes out: keys, requests, certificates, chains, containers, sealing.

No clock, no I/O.
"""
