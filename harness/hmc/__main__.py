"""``python -m harness.hmc``: alone.py, with its libraries loaded in less time.

Nearly all of the time until this mock HMC is ready is the import of aiohttp, zhmcclient and cryptography, of which
none can be left out or had later. A fifth of it is not theirs to need: see `_quickly`.
"""

from __future__ import annotations

import gc
import inspect
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial


@contextmanager
def _quickly() -> Iterator[None]:
    """Import without what this process has no use for; afterwards all is as before.

    - The garbage collector looks at each new module's objects again and again, and none of them ever dies.
    - zhmcclient asks the name of the class round each of its methods in a way that reads the source, too.
    - aiohttp reads all certificates that the system trusts, for its client. This process is only ever a server.
    """
    whole = inspect.getframeinfo
    inspect.getframeinfo = partial(whole, context=0)
    names = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}
    before = {name: os.environ.get(name) for name in names}
    os.environ |= names
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        inspect.getframeinfo = whole
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


if __name__ == "__main__":
    with _quickly():
        from harness.hmc.alone import main

        gc.freeze()  # or the collector's first look, which comes before this is ready, is at all that is imported
    sys.exit(main())
