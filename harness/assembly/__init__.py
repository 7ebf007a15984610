"""The only room where concrete parts meet.

project.py      what there is: profiles, inventories, and the vocabulary that scenarios are read with
names.py        partitions and NICs that a scenario names and its inventory does not have
faults_page.py  docs/faults.md, made from what there is
worker.py       what trials of one process share: certificate authority, mitmproxy, what was read from files
trial.py        one trial, put together and played; the verdict
address.py      the loopback address that a trial's HMC has, and the name that programs may be told for it
path.py         what stands between the relay and the HMC: mitmproxy, Toxiproxy
hmc_side.py     the mock HMC's observer, and the engine that changes the HMC behind the agent's back
broker_side.py  the same for the notifications that it sends
alternate.py    the second HMC of a trial whose programs are told two
planes.py       the control plane: embedded, or a share of a real Neutron
bus_side.py     the engine that stops a real Neutron's message bus, or its server
programs.py     the agent and its bystanders as processes made from profiles
agent_engine.py the engine that stops, kills and starts the agent
probes.py       what looks at the agent from outside
pace.py         how fast a trial's clocks run, and whether they can
burden.py       what the machine takes from a trial whose clocks run fast
warped.py       such a trial as a door sees it: what was asked for, whether it is played again, what is stored
"""
