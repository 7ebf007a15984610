"""Foreign processes that cannot outlive us.

guard.py     the program that stands between us and each foreign process; standard library only, runs alone
guarded.py   our side of it: start, read the output, notice the end, stop
lines.py     bytes of a pipe -> lines, bounded
folder.py    a folder that goes with its owner, however that ends
"""
