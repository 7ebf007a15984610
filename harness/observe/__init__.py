"""Raw signals become history events.

clock.py      the wall's seconds
recorder.py   stamps, redacts, keeps and writes events
probes.py     looks at the control plane and at metrics pages, from outside, at a steady pace
"""
