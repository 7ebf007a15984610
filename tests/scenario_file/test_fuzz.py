"""Nothing that a file can hold makes the loader raise anything but BadInput, or take long."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.scenario import Scenario
from harness.errors import BadInput
from harness.scenario_file import from_document, load, load_profile, reader
from tests.scenario_file.words import HEAD, WORDS, put

_QUICK = settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "30")))
"""Few enough for each run; FUZZ_EXAMPLES=5000 looks longer."""

_WORDS = [
    "title", "why", "expect", "timeline", "steady", "known", "matrix", "tags", "agent", "hmc", "name", "at", "on",
    "for", "until", "fault", "change", "bystander", "engine", "request", "log", "step", "is", "nth", "after", "delay",
    "start", "once", "began", "healed", "hang", "drip", "rate", "20B/s", "5s", "5", "ports", "heartbeat", "count",
    "none", "true", "${f}", "f", "dpm-agent", "two-nics", "RUN-1", "keeps_running", "recovers", "within",
    "GET /api/*", "", "step-1",
]  # fmt: skip

_values = st.recursive(
    st.sampled_from(_WORDS) | st.text(max_size=8) | st.integers() | st.floats() | st.none() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_WORDS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
_entry = st.dictionaries(
    st.sampled_from(["name", "at", "on", "for", "until", "fault", "change", "bystander", "engine"]), _values, max_size=5
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project")


def _loads(root: Path, data: str | bytes) -> list[Scenario]:
    path = put(root, data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    with contextlib.suppress(BadInput):
        return load(path, WORDS, root)
    return []


@_QUICK
@given(data=st.binary(max_size=300))
def test_random_bytes(root: Path, data: bytes) -> None:
    _loads(root, data)


@_QUICK
@given(text=st.text(max_size=300))
def test_random_text_after_a_good_head(root: Path, text: str) -> None:
    _loads(root, HEAD + text)


@_QUICK
@given(text=st.text(alphabet="[]{}:,-?&*!|>'\"%@`# \n\tab0$<", max_size=120))
def test_random_yaml_signs(root: Path, text: str) -> None:
    _loads(root, HEAD + text)


@_QUICK
@given(text=st.text(alphabet="[]{}:,-?&*!|>'\"%@`# \n\tab0$<", max_size=120))
def test_random_yaml_signs_without_libyaml(root: Path, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_Loader", yaml.SafeLoader)
        _loads(root, HEAD + text)


@_QUICK
@given(values=st.dictionaries(st.sampled_from(_WORDS), _values, max_size=8))
def test_random_documents_of_known_words(root: Path, values: dict[str, object]) -> None:
    _loads(root, HEAD.split("title")[0] + json.dumps(values))


@_QUICK
@given(entries=st.lists(_entry, max_size=4), matrix=_values)
def test_random_timelines_load_and_round_trip_or_are_refused(root: Path, entries: list[object], matrix: object) -> None:
    text = f"{HEAD}expect: [keeps_running]\ntimeline: {json.dumps(entries)}\nmatrix: {json.dumps({'f': matrix})}\n"
    for scenario in _loads(root, text):
        assert from_document(scenario.document, WORDS) == scenario


@_QUICK
@given(values=_values)
def test_random_json_is_no_document(values: object) -> None:
    with pytest.raises(BadInput):
        from_document(json.dumps(values), WORDS)


@_QUICK
@given(text=st.text(max_size=60))
def test_random_text_is_no_document(text: str) -> None:
    with pytest.raises(BadInput):
        from_document(text, WORDS)


_PROFILE_KEYS = [
    "title", "command", "files", "environment", "kind", "needs", "setup", "settings", "timeouts", "heartbeat", "ports",
    "log",
]  # fmt: skip
_TEMPLATES = st.sampled_from(
    ["{python}", "{a}", "{{", "}", "{", "5s", "none", "{hmc_password}", "connect_timeout", "level"]
)


@_QUICK
@given(values=st.dictionaries(st.sampled_from(_PROFILE_KEYS), _values | st.lists(_TEMPLATES) | _TEMPLATES, max_size=12))
def test_random_profiles_load_or_are_refused(root: Path, values: dict[str, object]) -> None:
    path = root / "random.yaml"
    path.write_text(json.dumps(values))
    with contextlib.suppress(BadInput):
        load_profile(path, root)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{a: " * 60_000, "- " * 120_000, "? " * 120_000, "a: |\n" + "x" * 200_000]
)
def test_deep_and_long_files_are_refused_at_once(root: Path, text: str) -> None:
    assert _loads(root, HEAD + "tags: " + text) == []
    assert _loads(root, text) == []
