"""Set-up files that go from workspace to workspace, and the demo's data."""
