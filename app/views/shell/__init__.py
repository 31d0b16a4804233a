"""The window around the pages: navigation, title bar, station bar, locking."""
