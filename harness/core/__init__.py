"""The pure part: decides, and never waits. Nothing here opens a socket, reads a clock or knows a plugin by name."""
