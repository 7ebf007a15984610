"""zhmcclient's own end-to-end tests as the independent judge of the mock HMC: ``make conformance``."""
