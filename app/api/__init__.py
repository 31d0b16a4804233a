"""What other programs ask over HTTP: a plain request in, a plain response out. No sockets."""
