"""Agents that are put to the test; strangers to the harness, which never imports them."""
