"""What a client or agent does when the HMC is sick: the catalogue of faults, played against it one by one.

catalogue.py      the faults, each under a name
moments.py        a fault's phases, as one call after the other meets them; pure
facts.py          what was seen of one case, and what it means; pure
lanes.py          several cases at once

of a client library, on one operation after the other
  cases.py        which fault, on which operation, at the start or once logged on
  subject.py      our side of the client's process
  zhmc_subject.py the client's side: zhmcclient, of whatever version its Python has; imports nothing of ours
  clients.py      versions of it, each installed into an environment of its own
  stage.py        a fresh HMC, and what carries out the faults before it
  play.py         one case after the other

of an agent, in trials as any other
  words.py        a fault as a scenario writes it
  agent_cases.py  which fault, at its start or once it runs; the scenario that this is
  agent_facts.py  a trial's history and verdict become facts; pure
  agent_play.py   one case after the other

compare.py        what differs between two of them; pure
text.py, page.py  for people
command.py        `harness fingerprint`
"""

from harness.fingerprint.cases import CASES, Case
from harness.fingerprint.compare import differences, differences_text
from harness.fingerprint.facts import Facts
from harness.fingerprint.play import fingerprint
from harness.fingerprint.text import as_json, as_text

__all__ = ["CASES", "Case", "Facts", "as_json", "as_text", "differences", "differences_text", "fingerprint"]
