"""Tests of the Device types page."""
