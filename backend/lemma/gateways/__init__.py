"""The doors to the outside: behind each a protocol, the real thing and an honest fake."""
