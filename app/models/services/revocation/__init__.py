"""Revoking certificates, and publishing that: revocation lists, OCSP."""
