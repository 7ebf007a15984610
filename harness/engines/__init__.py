"""Engines carry out commands; each says in `CARRIES` which.

relay/              exact TCP faults, in the path of every trial
toxiproxy.py        some of the same on a real Toxiproxy server (toxiproxy_server.py, toxiproxy_toxics.py), if asked for
mitm/               HTTP faults through mitmproxy, in the path where a step needs it
agent_process.py    the agent and its bystanders as processes
warp/               the agent's clock N times as fast
"""
