"""Broken agents: the DPM agent with exactly one flaw each, so that each check can be shown to catch what it is for."""
