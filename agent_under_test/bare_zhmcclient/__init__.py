"""The smallest program that uses an HMC through zhmcclient: it does one thing, and tells in one line how that ended.

    python -m agent_under_test.bare_zhmcclient DEED ...

There is nothing of its own between the library and whoever looks: no retry, no other timeout, no other words.
"""
