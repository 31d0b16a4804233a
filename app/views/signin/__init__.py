"""Where a person says who they are."""
