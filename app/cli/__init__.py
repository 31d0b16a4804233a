"""The command line: headless verbs over the same services as the window."""
