"""The tour: drives the real windows through everything and takes a picture of every page."""
