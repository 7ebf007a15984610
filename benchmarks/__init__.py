"""What parts of the harness cost, each a program that prints its numbers."""
