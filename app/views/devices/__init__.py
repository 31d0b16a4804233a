"""The Devices page: every device within reach, and all that is known of one."""
