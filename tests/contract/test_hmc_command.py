"""``python -m harness.hmc``: what it prints can be used, what it refuses it explains, and it leaves nothing behind."""

from __future__ import annotations

import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zhmcclient

pytestmark = pytest.mark.contract

TWO_NICS = Path(__file__).parents[2] / "scenarios" / "inventories" / "two-nics.yaml"
HOST = "127.0.0.82"


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "harness.hmc", "--inventory", str(TWO_NICS), *options]


@contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command(*options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line_with(process: subprocess.Popen[str], word: str) -> str:
    """The first line printed that holds the word."""
    assert process.stdout
    for line in process.stdout:
        if word in line:
            return line
    assert process.stderr
    raise AssertionError(f"it ended without {word!r}: {process.stderr.read()}")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_what_it_prints_can_be_used_and_it_ends_clean(ending: signal.Signals) -> None:
    with running("--listen", f"{HOST}:0", "--user", "me") as process:
        port = re.search(r":(\d+);", line_with(process, "https://"))
        files = re.search(r"password in (\S+); certificate to trust in (\S+)\.$", line_with(process, "password in"))
        assert port
        assert files
        password_file, ca_file = Path(files[1]), Path(files[2])
        assert stat.S_IMODE(password_file.stat().st_mode) == 0o600
        password = password_file.read_text()
        session = zhmcclient.Session(HOST, "me", password, port=int(port[1]), verify_cert=str(ca_file))
        assert zhmcclient.Client(session).cpcs.list()[0].name == "cpc-1"
        process.send_signal(ending)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, err) == (0, "")
        assert password not in out
        assert not password_file.parent.exists()


def test_with_a_seed_and_limits_it_is_the_same_twice_and_locks_out() -> None:
    def play() -> str:
        with running(
            "--listen", f"{HOST}:0", "--seed", "7", "--max-sessions", "1", "--max-failed-logons", "1"
        ) as process:
            port = int(line_with(process, "https://").partition(";")[0].rpartition(":")[2])
            files = re.search(r"password in (\S+); certificate to trust in (\S+)\.$", line_with(process, "password in"))
            assert files
            login = {"host": HOST, "userid": "zhmc", "port": port, "verify_cert": files[2]}
            session = zhmcclient.Session(password=Path(files[1]).read_text(), **login)
            session.logon()
            for password in (session._password, "wrong", session._password):  # one too many, wrong, locked out
                with pytest.raises(zhmcclient.ServerAuthError):
                    zhmcclient.Session(password=password, **login).logon()
            audit = zhmcclient.Client(session).consoles.console.get_security_log()
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)
            return f"{session.session_id} {audit}"

    first = play()
    assert first == play()
    assert first.count("logon refused: user zhmc") == 3


def test_at_the_hmcs_own_port_it_prints_the_zhmc_command() -> None:
    with running("--listen", HOST) as process:
        line = line_with(process, "zhmc -h")
        assert re.fullmatch(rf"  zhmc -h {HOST} -u zhmc -c \S+/ca\.pem cpc list\n", line)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.parametrize("reached_as", ["127.0.0.1", "localhost"])
def test_clients_verify_it_by_what_they_write_with_files_where_they_see_them(tmp_path: Path, reached_as: str) -> None:
    folder = tmp_path / "made" / "here"
    with running("--listen", "127.0.0.1:0", "--reached-as", "localhost", "--files", str(folder)) as process:
        port = re.search(r"https://localhost:(\d+);", line_with(process, "https://"))
        assert port
        assert str(folder) in line_with(process, "password in")
        assert stat.S_IMODE((folder / "password").stat().st_mode) == 0o600
        password, ca = (folder / "password").read_text(), folder / "ca.pem"
        session = zhmcclient.Session(reached_as, "zhmc", password, port=int(port[1]), verify_cert=str(ca))
        assert zhmcclient.Client(session).cpcs.list()[0].name == "cpc-1"
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10)[1] == ""
    assert list(folder.iterdir()) == []


def test_what_a_killed_one_left_is_replaced(tmp_path: Path) -> None:
    for name in ("password", "ca.pem"):
        (tmp_path / name).write_text("old")
        (tmp_path / name).chmod(0o400)
    with running("--listen", f"{HOST}:0", "--files", str(tmp_path)) as process:
        line_with(process, "password in")
        assert (tmp_path / "password").read_text() != "old"
        assert "CERTIFICATE" in (tmp_path / "ca.pem").read_text()


def test_a_second_one_at_the_same_address_leaves_the_files_of_the_first(tmp_path: Path) -> None:
    with running("--listen", f"{HOST}:0", "--files", str(tmp_path)) as process:
        port = re.search(r":(\d+);", line_with(process, "https://"))
        assert port
        line_with(process, "password in")
        before = (tmp_path / "password").read_text()
        assert "in use" in refused("--listen", f"{HOST}:{port[1]}", "--files", str(tmp_path))
        assert (tmp_path / "password").read_text() == before


def refused(*options: str) -> str:
    done = subprocess.run(command(*options), capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_port_in_use_is_said_plainly() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        assert f"{HOST}:{port} is in use by another program" in refused("--listen", f"{HOST}:{port}")


@pytest.mark.parametrize(
    ("listen", "says"),
    [
        ("0.0.0.0:0", "--listen-anywhere"),
        ("[::]:0", "--listen-anywhere"),
        ("192.0.2.1:0", "--listen-anywhere"),
        ("localhost:0", "write an IP address"),
        ("127.0.0.1:99999", "is no port"),
        ("127.0.0.1:" + "9" * 5000, "is no port"),
        ("127.0.0.1:x", "is no port"),
    ],
)
def test_an_address_that_is_no_good_is_refused_before_anything_starts(listen: str, says: str) -> None:
    assert says in refused("--listen", listen)


@pytest.mark.parametrize(
    ("control", "says"),
    [
        ("8.8.8.8:1", "--control 8.8.8.8:1: 8.8.8.8 can be reached from other machines, and this HMC is no safe"),
        ("", "--control : '' does not appear to be an IP"),
    ],
)
def test_a_control_that_is_no_good_is_refused_before_anything_starts(control: str, says: str) -> None:
    told = refused("--listen", f"{HOST}:0", "--control", control)
    assert says in told
    assert "--listen-anywhere" not in told


def test_a_control_port_in_use_is_said_before_anything_is_said_to_run() -> None:
    with socket.create_server((HOST, 0)) as taken:
        place = f"{HOST}:{taken.getsockname()[1]}"
        assert f"--control {place}: " in refused("--listen", f"{HOST}:0", "--control", place)


def test_every_address_needs_the_name_that_clients_write() -> None:
    assert "--reached-as 127.0.0.1" in refused("--listen", "0.0.0.0:0", "--listen-anywhere")


@pytest.mark.parametrize("name", ["127.0.0.1:6794", "a b", "", "*.example.org", "me@example.org", "127.0.0.999"])
def test_what_no_client_could_write_is_refused(name: str) -> None:
    assert "is no IP address or host name" in refused("--listen", f"{HOST}:0", f"--reached-as={name}")


def test_a_folder_that_cannot_be_written_to_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "give a folder of your own" in refused("--listen", f"{HOST}:0", "--files", str(tmp_path / "file"))


def test_a_bad_inventory_is_said_plainly(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("a: [")
    assert f"{bad}:1:5" in refused("--inventory", str(bad))
