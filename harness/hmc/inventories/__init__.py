"""Inventories that nobody wrote by hand.

generate.py    as large as wanted, the same for the same seed
record.py      what a real HMC has, through zhmcclient
anonymous.py   takes away who it was: names, addresses, WWPNs, serial numbers, consistently
file.py        writes one, as YAML, or as JSON, which loads much faster
"""
