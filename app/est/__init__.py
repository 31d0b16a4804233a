"""Enrolment over Secure Transport (RFC 7030): a plain request in, a plain response out.

No sockets.
"""
