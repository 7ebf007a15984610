"""Starts the unmodified Prometheus exporter on one loopback address; `start.py` is run by its path."""
