"""API applications: machine clients, how they sign in and what they are linked to."""
