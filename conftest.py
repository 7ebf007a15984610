"""Scenario files are tests: see harness/pytest_plugin.py."""

pytest_plugins = ["harness.pytest_plugin"]
