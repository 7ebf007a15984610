"""zhmcclient as a subject: told over standard input what to do, a JSON object a line, and says what came of it.

Runs in whatever Python has the version of zhmcclient that is looked at, so it imports nothing of the harness.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

import zhmcclient

SWITCH = "/api/virtual-switches/cccccccc-0000-4000-8000-000000000001"
"""Of the inventory two-nics."""


class Subject:
    """One session."""

    session: Any = None

    def open(self, order: dict[str, Any]) -> None:
        """A session that has not logged on yet."""
        settings = zhmcclient.RetryTimeoutConfig(**order["settings"])
        self.session = zhmcclient.Session(
            order["host"],
            order["user"],
            order["password"],
            port=order["port"],
            verify_cert=order["ca"],
            retry_timeout_config=settings,
        )

    def do(self, order: dict[str, Any]) -> Any:
        """One operation; its result."""
        session = self.session
        what = order["what"]
        if what == "logon":
            return session.logon()
        if what == "GET":
            return session.get(order["path"])
        if what == "POST":
            return session.post(order["path"], body={"name": "nic-new", "virtual-switch-uri": SWITCH})
        if what == "DELETE":
            return session.delete(order["path"])
        return session.post(order["path"], body={}, wait_for_completion=True)


def told(subject: Subject, order: dict[str, Any]) -> dict[str, Any]:
    """What came of an order."""
    began = time.monotonic()
    try:
        result = getattr(subject, order["order"])(order)
    except BaseException as error:  # noqa: BLE001 - whatever the client dies of is what is looked for
        outcome, words = type(error).__name__, str(error)[:300]
    else:
        outcome, words = f"returned {type(result).__name__}", repr(result)[:300]
    return {"outcome": outcome, "words": words, "seconds": time.monotonic() - began}


def main() -> None:
    """Until nobody has an order any more."""
    warnings.simplefilter("ignore")
    subject = Subject()
    print(json.dumps({"version": zhmcclient.__version__}), flush=True)
    for line in sys.stdin:
        print(json.dumps(told(subject, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
