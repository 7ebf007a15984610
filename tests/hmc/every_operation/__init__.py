"""One good request for each operation that zhmcclient calls: what the status column of the docs is held to."""
