"""The only room where concrete parts meet.

project.py      what there is: profiles, inventories, and the vocabulary that scenarios are read with
names.py        partitions and NICs that a scenario names and its inventory does not have
worker.py       what trials of one process share: certificate authority, mitmproxy, what was read from files
trial.py        one trial, put together and played; the verdict
hmc_side.py     the mock HMC's observer, and the engine that changes the HMC behind the agent's back
programs.py     the agent and its bystanders as processes made from profiles
pace.py         how fast a trial's clocks run, and whether they can
burden.py       what the machine takes from a trial whose clocks run fast
warped.py       such a trial as a door sees it: what was asked for, whether it is played again, what is stored
"""
