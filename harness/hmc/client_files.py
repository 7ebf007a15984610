"""What a client of a mock HMC that runs alone needs: the certificate to trust, and the password."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import BadInput


@dataclass(frozen=True, slots=True)
class ClientFiles:
    """Two files in a folder."""

    folder: Path

    @property
    def ca(self) -> Path:
        """The certificate to trust."""
        return self.folder / "ca.pem"

    @property
    def password(self) -> Path:
        """The user's password."""
        return self.folder / "password"

    def write(self, ca_pem: bytes, password: str) -> None:
        """Write both anew; the password can be read by its owner only, from the first byte on.

        Raises:
            BadInput: the folder cannot be made or written to.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.remove()  # an HMC that was killed has left its own
            self.ca.write_bytes(ca_pem)
            with os.fdopen(os.open(self.password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(password)
        except OSError as error:
            raise BadInput(
                f"--files {self.folder}: cannot write there: {error.strerror}; give a folder of your own"
            ) from error

    def remove(self) -> None:
        """Remove what of them is there."""
        self.ca.unlink(missing_ok=True)
        self.password.unlink(missing_ok=True)


@contextlib.contextmanager
def client_files(folder: Path | None, ca_pem: bytes, password: str) -> Iterator[ClientFiles]:
    """The files, as long as this lasts: in this folder, which stays, or in one that only we can enter, which goes.

    Raises:
        BadInput: the folder cannot be made or written to.
    """
    with contextlib.ExitStack() as stack:
        files = ClientFiles(folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mock-hmc-"))))
        files.write(ca_pem, password)
        stack.callback(files.remove)
        yield files
