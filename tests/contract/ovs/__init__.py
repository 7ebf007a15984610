"""neutron-openvswitch-agent, which the concept takes as its model, under the harness's own faults and checks.

open_vswitch.py     ovsdb-server and ovs-vswitchd with a datapath that is no more than memory; ports without machines
world.py            a trial whose managed thing is Open vSwitch in the place of the HMC; all else is as ever
profiles/           how that agent is started
"""
