"""`harness fingerprint zhmcclient` finds, unaided, what is known of zhmcclient 1.26, and says what it does not know."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from harness.assembly.project import Project
from harness.cli import main
from harness.errors import BadInput, EngineFailed
from harness.fingerprint import CASES, Facts, fingerprint
from harness.fingerprint.cases import CLAIMS, Does
from harness.fingerprint.clients import python_with

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]

KNOWN = {
    "redirect-loop/GET": "although it was told 3",
    "page-with-200/GET": "takes what is no answer for a result",
    "canceled_job/job": "polls a canceled job until the operation timeout",
    "session-unknown/logon": "logs on",
    "redirect-away/GET": "sends its session id to another host",
    "redirect-away/logon": "sends its password to another host",
    "connect_timeout-0/logon": "refuses this setting only when it connects",
    "read_timeout-0/logon": "refuses this setting only when it connects",
}


def play(ids: Sequence[str], python: str = sys.executable) -> dict[str, Facts]:
    cases = [case for case in CASES if case.id in ids]
    _, facts = asyncio.run(fingerprint(Project(ROOT), cases, python))
    return {item.case: item for item in facts}


def test_the_known_truths_are_found() -> None:
    found = play(list(KNOWN))
    for case, flag in KNOWN.items():
        assert any(flag in item for item in found[case].flags), found[case]
        assert not any("UNKNOWN" in item for item in found[case].flags), found[case]
    assert psutil.Process().children() == []


def test_a_client_before_a_well_hmc_does_each_thing_once_and_is_not_blamed() -> None:
    for facts in play([case.id for case in CASES if case.name == "well"]).values():
        assert (facts.requests, facts.executed, facts.flags) == (1, 1, ())
        assert facts.outcome.startswith("returned")


def test_faults_of_connections_bite_and_no_operation_is_carried_out_twice() -> None:
    names = (
        "refuse_connections",
        "hang",
        "reset-before",
        "reset-after",
        "drop-after",
        "certificate-expired",
        "old_tls",
    )
    found = play([f"{name}/{does}" for name in names for does in ("GET", "POST", "DELETE")])
    assert len(found) == 3 * len(names)
    for facts in found.values():
        assert facts.met, facts
        assert facts.flags == (), facts
        assert facts.executed <= 1


def test_what_the_hmc_never_gets_is_told_from_what_it_has_carried_out() -> None:
    """A fault that is named `before` was there before the HMC had the request; `after`, it was too late."""
    names = [f"{fault}/{does}" for fault in ("stall", "reset", "drop") for does in (Does.GET, Does.POST, Does.DELETE)]
    found = play([name.replace("/", f"-{when}/") for name in names for when in ("before", "after")])
    assert len(found) == 2 * len(names)
    for facts in found.values():
        assert facts.met, facts
        assert facts.executed == ("-after/" in facts.case), facts


def test_a_name_that_does_not_lead_to_the_hmc() -> None:
    names = ("unresolved_name", "unresolved_name-temporary", "dead_address", "dead_address-silent", "slow_name")
    found = play([f"{name}/logon" for name in names])
    assert all(facts.met for facts in found.values()), found
    outcomes = {name: found[f"{name}/logon"].outcome for name in names}
    assert outcomes == dict(zip(names, ["ConnectionError"] * 2 + ["returned NoneType"] * 3, strict=True))
    assert found["dead_address-silent/logon"].seconds >= CLAIMS["connect_timeout"], "the first address takes all of it"
    assert found["slow_name/logon"].seconds > CLAIMS["connect_timeout"] * 2, "no timeout counts a look-up"
    assert psutil.Process().children() == []


def test_where_no_library_can_be_built_a_name_is_unknown_and_all_else_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "LD_PRELOAD takes no space"))
    found = play(["unresolved_name/logon", "well/logon"])
    unknown, well = found["unresolved_name/logon"], found["well/logon"]
    assert not unknown.met
    assert unknown.flags[0].startswith("UNKNOWN: LD_PRELOAD takes no path with a space or colon")
    assert (well.met, well.flags) == (True, ())


def test_a_console_that_goes_and_comes_is_told_call_by_call() -> None:
    found = play(["reboot/GET", "restart/logon", "maintenance/GET"])
    assert all(facts.met for facts in found.values()), found
    reboot = found["reboot/GET"]
    assert reboot.outcome == "ConnectionError > ConnectionError > HTTPError > returned dict"
    assert (reboot.logons, reboot.flags) == (1, ()), "it logs on again by itself"
    assert found["restart/logon"].outcome == "ConnectionError > returned NoneType"
    assert found["maintenance/GET"].spacing_s[0] >= 1.0, "it waits as long as the HMC says, within the call"


def test_only_a_get_is_asked_again_where_there_was_no_answer() -> None:
    found = play([case.id for case in CASES if case.name.endswith("-retry")])
    assert all(facts.met and not facts.notes and not facts.flags for facts in found.values()), found
    sent = {case: facts.requests for case, facts in found.items()}
    assert sent == {case: 2 if case.endswith("/GET") else 1 for case in found}
    assert len(sent) == 3 * 3


def test_a_client_that_sends_a_post_again_is_told(tmp_path: Path) -> None:
    found = play([f"{name}-retry/POST" for name in ("lost_answer", "reset-after", "stall-after")], resending(tmp_path))
    assert len(found) == 3
    for facts in found.values():
        assert "has the HMC carry out one POST 2 times" in facts.flags, facts
        assert "sends one POST 2 times" in facts.notes, facts


def resending(folder: Path) -> str:
    """A Python whose zhmcclient takes a POST for something that may be repeated."""
    flawed = folder / "flawed.py"
    flawed.write_text(
        "import runpy, sys, zhmcclient\n"
        "class Flawed(zhmcclient.RetryTimeoutConfig):\n"
        "    def __init__(self, **settings):\n"
        "        super().__init__(**settings)\n"
        "        self.allowed_methods = {'GET', 'POST'}\n"
        "zhmcclient.RetryTimeoutConfig = Flawed\n"
        "runpy.run_path(sys.argv[1], run_name='__main__')\n",
        encoding="utf-8",
    )
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nshift\nexec {sys.executable} -I {flawed} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return str(python)


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_python_without_the_client_is_told(lanes: int) -> None:
    with pytest.raises(EngineFailed, match=r"/bin/true does not run zhmc_subject\.py: it says nothing"):
        play([case.id for case in CASES if case.name == "well"][:lanes], "/bin/true")
    assert psutil.Process().children() == []


def test_it_is_stored_and_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "one.json"
    assert main(["--root", str(ROOT), "fingerprint", "zhmcclient", "--only", "well/GET", "--json", str(file)]) == 0
    assert "well/GET" in capsys.readouterr().out
    assert main(["fingerprint", "--compare", str(file), str(file)]) == 0
    assert capsys.readouterr().out.endswith("nothing changed\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["zhmcclient", "--only", "no-such-case"], "no case has 'no-such-case' in its name; known: well/logon"),
        ([], "name the client or agent to look at"),
        (["zhmcclient", "--python", "/bin/true"], "/bin/true does not run zhmc_subject.py"),
        (["no-such-agent"], "there is no client or profile 'no-such-agent'; known: zhmcclient, bare-zhmcclient"),
        (["dpm-agent", "--only", "no-such-case"], "no case has 'no-such-case' in its name; known: well/start"),
        (["dpm-agent", "--hmc", "no-such-hmc"], "there is no inventory 'no-such-hmc'; known: classic"),
        (["--compare", "/no/such/file", "/no/such/file"], "cannot be read as a fingerprint"),
        (["--compare", "zhmcclient==999", "zhmcclient==1.26"], "zhmcclient==999 cannot be installed for python3."),
        (["zhmcclient", "--only", "well/GET", "--html", "/no/such/folder/x.html"], "cannot be written"),
    ],
)
def test_a_wrong_use_is_told(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(ROOT), "fingerprint", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_two_versions_are_installed_played_and_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """1.20 let through what is no UTF-8, and returned another kind of dict; what both do is no difference."""
    page = tmp_path / "both.html"
    versions = ("zhmcclient==1.20", "zhmcclient==1.26")
    for only, told in (
        ("invalid_utf8/GET", ["invalid_utf8/GET: outcome: UnicodeDecodeError -> ParseError"]),
        ("redirect-loop/GET", ["nothing changed"]),
    ):
        words = ["fingerprint", "--compare", *versions, "--only", only, "--html", str(page)]
        assert main(["--root", str(ROOT), *words]) == 0
        head, *lines = capsys.readouterr().out.splitlines()
        assert re.fullmatch(r"zhmcclient 1\.20\.\d+ -> zhmcclient 1\.26\.\d+", head)
        assert [line.strip() for line in lines] == told
        assert "although it was told 3" in page.read_text(encoding="utf-8") or only != "redirect-loop/GET"
    assert psutil.Process().children() == []


def test_a_version_that_cannot_be_imported_is_told_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_DEPS", "1")  # without what it needs, it is installed, and of no use
    with pytest.raises(BadInput, match="was installed, but cannot be imported: ModuleNotFoundError"):
        python_with(tmp_path, "1.26.0")
    assert not list(tmp_path.rglob("bin/python"))


def test_json_instead_of_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(ROOT), "fingerprint", "zhmcclient", "--only", "well/GET", "--json", "-"]) == 0
    assert [case["case"] for case in json.loads(capsys.readouterr().out)["cases"]] == ["well/GET"]
