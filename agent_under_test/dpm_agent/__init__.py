"""The DPM agent that does what the HMC error handling concept demands. Run it as a program:

    python -m agent_under_test.dpm_agent --config FILE

    __main__.py       the program that reports over HTTP
    neutron/          the program that reports to a real Neutron by its message bus: its own map is there
    process.py        what both share: options, log, signals, threads; the exit status
    config.py         the one INI file, checked once
    ini.py            single values of such a file
    watch.py          the loop: look at the HMC, live through a lost one; both programs have it
    agent.py          a watch that tells a control plane what it sees
    hmc_side.py       the HMC through zhmcclient: one session, one scan of NICs; only reads
    causes.py         an exception of zhmcclient, requests or the system as a cause in words
    backoff.py        how long to wait before the next attempt (Open vSwitch's model)
    outage.py         what is said of something that is away, at a bounded rate
    heartbeat.py      signs of life in a thread of their own, which never meets the HMC
    reporter.py       what the agent tells a control plane, as a protocol
    http_reporter.py  the same over HTTP

Threads: the main one waits for the end, `hmc` runs the loop, `heartbeat` reports. The last two are daemons, so that
a call that hangs never keeps the process.
"""
