"""An agent in Python: one request with a read timeout of 60 s. Prints JSON: when it began and ended, and the error."""

import json
import sys
import time

import requests

url, ca_file = sys.argv[1:]
session = requests.Session()
session.verify = ca_file
began = time.monotonic()
error = "none"
try:
    session.get(url, timeout=(30, 60))
except requests.RequestException as raised:
    error = type(raised).__name__
print(json.dumps({"began": began, "ended": time.monotonic(), "error": error}))
