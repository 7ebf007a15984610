"""What the agent says last makes a person able to act."""

from __future__ import annotations

import re

import pytest

from harness.checks.says_why import SaysWhy
from harness.core.history import History
from tests.playbook import ADDRESS, FAIL, OTHER, PASS, UNKNOWN, at, began, found, gone, log, started, story, watched

HOST, _, PORT = ADDRESS.partition(":")
GOOD = f"cannot reach the HMC at {ADDRESS}: connection refused; the agent stops"

TRACEBACK = """\
Traceback (most recent call last):
  File "agent.py", line 5, in connect
    sock.connect(address)
ConnectionRefusedError: [Errno 111] Connection refused"""

CHAIN = f"""\
{TRACEBACK}

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "agent.py", line 9, in main
    connect()
zhmcclient.ConnectionError: refused"""

GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "agent.py", line 5, in main
  |     async with asyncio.TaskGroup() as tasks:
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "agent.py", line 9, in main
    |     connect()
    | OSError: connection refused
    +------------------------------------"""

Lines = list[tuple[str, str]]


def printed(*lines: tuple[str, str], status: int = 1, stream: str = "stderr", address: str = ADDRESS) -> History:
    """An agent that printed these (level, text; each line of a text is a line of its own) and ended."""
    each = [(level, line) for level, text in lines for line in text.splitlines()]
    said = at(1.0, *(log(text, level=level, stream=stream) for level, text in each))
    return story(at(0.0, began(address=address), started()), said, at(2.0, gone(status)), watched(2.0))


@pytest.mark.parametrize("level", ["error", "critical", "fatal", ""])
def test_a_last_error_that_names_the_hmc_and_the_cause_and_the_stop_passes(level: str) -> None:
    assert found(SaysWhy(), printed((level, GOOD))) == (PASS, f"said: {GOOD}", 1.0)


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("connection refused; the agent stops", f"name the HMC ({ADDRESS})"),
        (f"{HOST}: connection refused; the agent stops", f"name the HMC ({ADDRESS})"),
        (f"port {PORT}: connection refused; the agent stops", f"name the HMC ({ADDRESS})"),
        (f"{HOST}1:{PORT}: connection refused; the agent stops", f"name the HMC ({ADDRESS})"),
        (f"1{HOST}:{PORT}: connection refused; the agent stops", f"name the HMC ({ADDRESS})"),
        (f"{HOST}.5:{PORT}: connection refused; the agent stops", f"name the HMC ({ADDRESS})"),
        (f"{HOST}:{PORT}1: connection refused; the agent stops", f"name the HMC ({ADDRESS})"),
        (f"{ADDRESS} does not work; the agent stops", "tell the cause in words"),
        (f"{ADDRESS}: connection refused", "say that the agent stops"),
        (f"{ADDRESS}: ('Connection aborted.', ConnectionResetError(104))", "say that the agent stops"),
        ("oops", f"name the HMC ({ADDRESS}), nor tell the cause in words, nor say that the agent stops"),
    ],
)
def test_what_the_last_error_lacks_fails_at_that_line(text: str, lacks: str) -> None:
    words = f"its last error message does not {lacks}: {text!r}"
    assert found(SaysWhy(), printed(("error", text))) == (FAIL, words, 1.0)


@pytest.mark.parametrize(
    "text",
    [
        f"https://{HOST}:{PORT}/api: timed out. Terminating.",
        f"HMC {HOST}, port {PORT}: read timeout, giving up",
        f"HMC {HOST}. Port: {PORT}. Logon was refused. Aborting.",
        f"exiting: HTTPSConnectionPool(host='{HOST}', port={PORT}): certificate verify failed",
    ],
)
def test_the_words_are_free(text: str) -> None:
    assert found(SaysWhy(), printed(("error", text)))[0] == PASS


def test_each_demand_can_be_left_out() -> None:
    text = printed(("error", "it was refused"))
    assert found(SaysWhy(names_address=False, says_it_stops=False), text)[0] == PASS
    assert found(SaysWhy(names_address=False), text)[0] == FAIL
    assert found(SaysWhy(names_address=False, says_it_stops=False, cause=re.compile("hung")), text)[0] == FAIL


@pytest.mark.parametrize(
    "lines",
    [
        [("error", GOOD), ("info", "bye")],
        [("error", "first try failed"), ("error", GOOD)],
        [("info", "starting"), ("", GOOD)],
        [("error", GOOD), ("error", TRACEBACK.splitlines()[0]), ("error", "  File"), ("error", "OSError: x")],
        [("error", GOOD), ("", TRACEBACK)],
        [("error", GOOD), ("", CHAIN)],
        [("error", GOOD), ("", GROUP)],
        [("error", GOOD), ("", TRACEBACK + "\nmore of the exception's text\n  and more")],
        [("", TRACEBACK), ("error", GOOD)],
        [("", CHAIN), ("", GOOD)],
        [("", GROUP), ("critical", GOOD)],
        [("", GOOD), ("", TRACEBACK)],
        [("error", GOOD), ("", "sys:1: ResourceWarning: unclosed socket")],
        [("error", "cannot reach the HMC"), ("", f"  {ADDRESS}: refused"), ("", "stopping")],
        [("error", GOOD), ("", "[12 lines left out]")],
    ],
)
def test_the_message_is_the_last_error_record_and_its_traceback_does_not_hide_it(lines: Lines) -> None:
    assert found(SaysWhy(), printed(*lines))[0] == PASS


@pytest.mark.parametrize(
    "lines",
    [
        [("error", GOOD), ("error", "oops")],
        [("", GOOD), ("", "oops")],
        [("error", "oops"), ("", TRACEBACK)],
        [("info", GOOD)],
        [("warning", GOOD)],
        [("info", GOOD), ("info", "more")],
    ],
)
def test_an_earlier_or_a_milder_message_is_not_the_last_word(lines: Lines) -> None:
    assert found(SaysWhy(), printed(*lines))[0] == FAIL


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        ([("", TRACEBACK)], "ConnectionRefusedError: [Errno 111] Connection refused"),
        ([("info", GOOD), ("", TRACEBACK)], "ConnectionRefusedError: [Errno 111] Connection refused"),
        ([("info", "starting"), ("", CHAIN)], "zhmcclient.ConnectionError: refused"),
        ([("", GROUP)], "OSError: connection refused"),
        ([("error", GOOD), ("info", "again"), ("", TRACEBACK), ("info", "bye")], "ConnectionRefusedError"),
        ([("", TRACEBACK + f": {GOOD}")], "ConnectionRefusedError"),
    ],
)
def test_a_traceback_that_nothing_introduces_or_closes_is_no_message(lines: Lines, last: str) -> None:
    outcome, words, t = found(SaysWhy(), printed(*lines))
    assert (outcome, t) == (FAIL, 2.0)
    assert words.startswith(f"its last words are a bare traceback: '{last}")


def test_a_traceback_whose_lines_have_a_prefix_each_belongs_to_its_record() -> None:
    """As oslo.log writes them, with an empty line of the same level at the end."""
    lines = [("error", f"12:00:0{n} ERROR agent {line}") for n, line in enumerate(TRACEBACK.splitlines())]
    whole = [("error", f"12:00:00 ERROR agent {GOOD}"), *lines, ("error", "12:00:09 ERROR agent ")]
    assert found(SaysWhy(), printed(*whole))[0] == PASS
    assert found(SaysWhy(), printed(*lines))[1].startswith("its last words are a bare traceback")


def test_an_end_without_an_error_message_fails_at_the_end() -> None:
    words = "it ended without an error message"
    assert found(SaysWhy(), printed(("info", "starting"))) == (FAIL, words, 2.0)
    assert found(SaysWhy(), printed()) == (FAIL, words, 2.0)


def test_without_levels_only_stderr_is_for_errors() -> None:
    assert found(SaysWhy(), printed(("", GOOD), stream="stdout"))[0] == FAIL
    assert found(SaysWhy(), printed(("error", GOOD), stream="stdout"))[0] == PASS


def test_lines_of_stdout_do_not_break_a_traceback_on_stderr() -> None:
    lines = [log(text) for text in TRACEBACK.splitlines()]
    said = at(1.0, *lines[:2], log("tick", stream="stdout"), *lines[2:], log("tick", stream="stdout"))
    history = story(at(0.0, began(), started()), said, at(2.0, gone()), watched(2.0))
    assert found(SaysWhy(), history)[1].startswith("its last words are a bare traceback")


def test_what_another_program_says_and_what_is_said_in_the_clearing_up_does_not_count() -> None:
    history = story(
        at(0.0, began(), started()), at(1.0, log(GOOD, who=OTHER)), at(2.0, gone()), watched(2.0), at(2.1, log(GOOD))
    )
    assert found(SaysWhy(), history)[1] == "it ended without an error message"


@pytest.mark.parametrize(
    "history",
    [
        story(at(0.0, began(), started()), at(1.0, log(GOOD)), watched()),
        story(at(0.0, began(), started()), at(1.0, log(GOOD)), at(2.0, gone(asked=True)), watched()),
        story(at(0.0, began(), started()), at(1.0, log(GOOD)), watched(2.0), at(2.1, gone())),
    ],
)
def test_while_it_runs_there_are_no_last_words(history: History) -> None:
    words = "the agent did not end by itself, so there are no last words"
    assert found(SaysWhy(), history) == (UNKNOWN, words, None)


def test_without_a_header_nobody_knows_which_hmc_was_to_be_named() -> None:
    history = story(at(0.0, started()), at(1.0, log(GOOD)), at(2.0, gone()), watched(2.0))
    assert found(SaysWhy(), history)[:2] == (UNKNOWN, "the history does not say which HMC was to be named")


def test_it_needs_no_time_of_its_own() -> None:
    assert SaysWhy().watch_until(printed()) == 0.0
