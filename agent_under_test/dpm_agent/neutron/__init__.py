"""The DPM agent on a real Neutron: the same watch on the HMC, reporting by Neutron's own agent loop over RabbitMQ.

    python -m agent_under_test.dpm_agent.neutron --config FILE

    __main__.py       the program: the watch on the HMC, and Neutron's loop once that has started
    devices.py        what the loop is told of the devices; never waits for the HMC
    options.py        the configuration file in the words of Neutron and oslo
    others_log.py     what Neutron and oslo log: bounded, without tracebacks and secrets
    loop.py           Neutron's loop and what it wants of an agent; the only file that imports Neutron

Threads: the main one waits for the end, `hmc` looks at the HMC, `neutron` runs Neutron's loop, which starts its own
for heartbeats and messages. They have one value in common: the devices that were last seen.
"""
