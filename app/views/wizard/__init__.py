"""The wizard that creates a device in six steps."""
