"""Asks the control interface of an HMC that runs in another process."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping

from harness.errors import BadInput, HarnessError

TIMEOUT_S = 30.0


class ControlUnreachable(HarnessError):
    """Nothing that speaks the control interface answers at the address."""


def ask(host: str, port: int, word: str, parameters: Mapping[str, object]) -> object:
    """Let the HMC do a word; its result.

    Raises:
        BadInput: the HMC refuses; says why.
        ControlUnreachable: nobody answers there.
    """
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", f"/{word}", json.dumps(parameters), {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ControlUnreachable(
            f"no control interface answers at {host}:{port}: {error}; start the HMC with --control {host}:{port}"
        ) from error
    finally:
        connection.close()
    if "error" in answer:
        raise BadInput(str(answer["error"]))
    return answer.get("result")
