"""TLS and HTTP in front of the EST room, on its own thread and event loop."""
