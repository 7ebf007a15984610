"""Requests a second of the mock HMC beside vcsim, vSphere's simulator, in one run: 8 keep-alive TLS connections.

Target: at least 0.5 times vcsim's. Each is asked for what it keeps in memory, by an operation of its API: the
properties of a CPC, and vSphere's RetrieveServiceContent. `vcsim_file_per_s` is no API: a fixed file that vcsim's web
server has, several times as fast as its API; it tells how far Go's server and the machine could go.

All are measured in turns on the same machine, with the load generator on it. `make bench-hmc` installs vcsim where Go
is; without it the ratio is left out, and the numbers say so.

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
def running_vcsim(program: str) -> Iterator[dict[str, Request]]:
    """Start one; what to ask it."""
    with socket.create_server((VCSIM_HOST, 0)) as free:
        place = f"{VCSIM_HOST}:{free.getsockname()[1]}"
    process = subprocess.Popen(
        [program, f"-httptest.serve={place}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _until_it_listens(place)
        headers = {"Content-Type": "text/xml", "SOAPAction": "urn:vim25/6.5"}
        yield {
            "vcsim_per_s": Request(f"https://{place}/sdk", headers, SOAP),
            "vcsim_file_per_s": Request(f"https://{place}/sdk/vimServiceVersions.xml"),
        }
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
            targets |= stack.enter_context(running_vcsim(program))
        rounds = [{name: rate(request, SECONDS) for name, request in targets.items()} for _ in range(ROUNDS)]
        client.close()
    numbers = {name: round(statistics.median(one[name] for one in rounds)) for name in targets}
    figures: dict[str, float] = dict(numbers)
    print(f"load by {generator()}, {ROUNDS} rounds of {SECONDS} s each, in turns")
    if program:
        figures["hmc_to_vcsim"] = round(
            statistics.median(one["hmc_cpc_per_s"] / one["vcsim_per_s"] for one in rounds), 2
        )
    else:
        print("vcsim is not there, so the ratio to it is left out: install Go and run `make bench-hmc`")
    for name, value in figures.items():
        print(f"{name:>16} {value}")
    return figures


if __name__ == "__main__":
    main()
