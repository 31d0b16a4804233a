"""The files with which a client is set up to enrol at an EST server, as texts."""
