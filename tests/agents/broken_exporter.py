"""The Prometheus exporter with one flaw: once it has lost the HMC its page never answers again, though it asks the HMC.

To be run as its launcher is (agent_under_test/prometheus_exporter/start.py), by the exporter's own Python.
"""

from __future__ import annotations

import importlib
import runpy
import threading
from collections.abc import Callable
from pathlib import Path

LAUNCHER = Path(__file__).parents[2] / "agent_under_test" / "prometheus_exporter" / "start.py"


def main() -> None:
    """Break the exporter and run it."""
    exporter = importlib.import_module("zhmc_prometheus_exporter.zhmc_prometheus_exporter")
    retrieve: Callable[[object], object] = exporter.retrieve_metrics
    lost = threading.Event()

    def broken(context: object) -> object:
        try:
            metrics = retrieve(context)
        except Exception:
            lost.set()
            raise
        if lost.is_set():
            threading.Event().wait()
        return metrics

    vars(exporter)["retrieve_metrics"] = broken
    runpy.run_path(str(LAUNCHER), run_name="__main__")


if __name__ == "__main__":
    main()
