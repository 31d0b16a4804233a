"""The settings of the workspace, as a page."""
