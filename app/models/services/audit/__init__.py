"""The audit log, its signed checkpoints, and reports."""
