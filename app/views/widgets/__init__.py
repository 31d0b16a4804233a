"""The widgets every page is made of. None of them knows a service."""
