"""An agent with a bare zhmcclient: starts a partition and waits for the job. Prints JSON: began, ended."""

import json
import sys
import time

import zhmcclient

host, port, password, ca_file = sys.argv[1:]
session = zhmcclient.Session(host, "agent", password, port=int(port), verify_cert=ca_file)
partition = zhmcclient.Client(session).cpcs.list()[0].partitions.find(name="part-idle")
began = time.monotonic()
partition.start(wait_for_completion=True)
print(json.dumps({"began": began, "ended": time.monotonic()}))
session.logoff()
