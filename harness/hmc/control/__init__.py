"""What somebody else does to an HMC, for tests: the same words in Python, over HTTP with JSON, and on the command line.

words.py     Control: each public method is a word, its parameters are the word's
table.py     the words as a table, read from those methods: what HTTP and the command line go by
known.py     a typo is refused, with the nearest name that is known
requests.py  RequestJournal: what the HMC was asked, and what it answered
http.py      ControlServer: POST /WORD with the parameters as a JSON object; on loopback, apart from the HMC's own port
client.py    asks a ControlServer
"""

from harness.hmc.control.client import ask
from harness.hmc.control.http import ControlServer
from harness.hmc.control.requests import RequestJournal
from harness.hmc.control.words import Control

__all__ = ["Control", "ControlServer", "RequestJournal", "ask"]
