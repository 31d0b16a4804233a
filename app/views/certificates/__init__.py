"""The Certificates page: every certificate issued, and all that is known of one."""
