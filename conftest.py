"""Scenario files are tests: see harness/pytest_plugin/."""

pytest_plugins = ["harness.pytest_plugin"]
