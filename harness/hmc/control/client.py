"""Asks the control interface of an HMC that runs in another process."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping

from harness.errors import BadInput
from harness.hmc.control.known import check_plain

TIMEOUT_S = 30.0


def ask(host: str, port: int, word: str, parameters: Mapping[str, object]) -> object:
    """Let the HMC do a word; its result.

    Raises:
        BadInput: nobody answers there, or the HMC refuses; says why.
    """
    check_plain(f"what {word} is told", parameters)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", f"/{word}", json.dumps(parameters), {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise BadInput(
            f"no control interface answers at {host}:{port}: {error}; start the HMC with --control {host}:{port}"
        ) from error
    finally:
        connection.close()
    if "error" in answer:
        raise BadInput(str(answer["error"]))
    return answer.get("result")
