"""Requests a second of the mock HMC beside vcsim, vSphere's simulator, in one run: 8 keep-alive TLS connections.

Target: at least 0.5 times vcsim's, each with a read of its API that needs no more than what it keeps in memory: Query API
Version, and vSphere's RetrieveServiceContent. Both are measured in turns on the same machine, and so is the load
generator. `make bench-hmc` installs vcsim where Go is; without it that one ratio is left out, and the numbers say so.

Run: python -m benchmarks.bench_hmc_rate
"""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.hmc_process import Client, running_hmc
from benchmarks.load import Request, generator, rate

ROOT = Path(__file__).parents[1]
INVENTORY = ROOT / "scenarios" / "inventories" / "two-nics.yaml"
HMC_HOST, VCSIM_HOST = "127.0.0.75", "127.0.0.76"
SECONDS = 4
ROUNDS = 3
SOAP = (
    '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><RetrieveServiceContent xmlns="urn:vim25">'
    '<_this type="ServiceInstance">ServiceInstance</_this></RetrieveServiceContent></Body></Envelope>'
)


def vcsim() -> str | None:
    """Where the program is; None where it is not."""
    ours = ROOT / ".venvs" / "go" / "vcsim"
    return str(ours) if ours.exists() else shutil.which("vcsim")


@contextmanager
def running_vcsim(program: str) -> Iterator[Request]:
    """Start one; a read of its API."""
    with socket.create_server((VCSIM_HOST, 0)) as free:
        place = f"{VCSIM_HOST}:{free.getsockname()[1]}"
    process = subprocess.Popen(
        [program, f"-httptest.serve={place}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _until_it_listens(place)
        yield Request(f"https://{place}/sdk", {"Content-Type": "text/xml", "SOAPAction": "urn:vim25/6.5"}, SOAP)
    finally:
        process.terminate()
        process.wait(20)


def _until_it_listens(place: str) -> None:
    host, _, port = place.partition(":")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"vcsim does not listen on {place}")


def main() -> dict[str, float]:
    """Measure, print and return the numbers; those of vcsim only where it is."""
    program = vcsim()
    with ExitStack() as stack:
        hmc = stack.enter_context(running_hmc(INVENTORY, HMC_HOST))
        client = Client(hmc)
        [cpc] = client.get("/api/cpcs")["cpcs"]
        base, session = f"https://{HMC_HOST}:{hmc.port}", {"X-API-Session": client.session_id}
        targets = {
            "hmc_version_per_s": Request(f"{base}/api/version"),
            "hmc_cpc_per_s": Request(f"{base}{cpc['object-uri']}", session),
        }
        if program:
            targets["vcsim_per_s"] = stack.enter_context(running_vcsim(program))
        rounds = [{name: rate(request, SECONDS) for name, request in targets.items()} for _ in range(ROUNDS)]
        client.close()
    numbers = {name: round(statistics.median(one[name] for one in rounds)) for name in targets}
    figures: dict[str, float] = dict(numbers)
    print(f"load by {generator()}, {ROUNDS} rounds of {SECONDS} s each, in turns")
    if program:
        figures["hmc_to_vcsim"] = round(
            statistics.median(one["hmc_version_per_s"] / one["vcsim_per_s"] for one in rounds), 2
        )
    else:
        print("vcsim is not there, so the ratio to it is left out: install Go and run `make bench-hmc`")
    for name, value in figures.items():
        print(f"{name:>16} {value}")
    return figures


if __name__ == "__main__":
    main()
