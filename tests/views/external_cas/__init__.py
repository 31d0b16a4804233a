"""Tests of the External CAs page."""
