"""What a client does when the HMC is sick: the catalogue of faults, played against it one by one.

cases.py          which fault, on which operation, at the start or once logged on
facts.py          what was seen of one case, and what it means; pure
subject.py        our side of the client's process
zhmc_subject.py   the client's side: zhmcclient, of whatever version its Python has; imports nothing of ours
play.py           one case after the other, each before a fresh HMC
text.py           for people
"""

from harness.fingerprint.cases import CASES, Case
from harness.fingerprint.facts import Facts
from harness.fingerprint.play import fingerprint
from harness.fingerprint.text import as_json, as_text, differences

__all__ = ["CASES", "Case", "Facts", "as_json", "as_text", "differences", "fingerprint"]
