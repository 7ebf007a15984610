"""Starts the unmodified upstream agent, networking-dpm 3.0.0; `start.py` is run by its path."""
