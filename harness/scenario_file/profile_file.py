"""A profile's YAML file -> Profile, with the same care for places as a scenario's."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from harness.core import quantities
from harness.core.profile import ALTERNATE, PLACEHOLDERS, SECRETS, Profile, claim, placeholders
from harness.errors import BadInput
from harness.scenario_file import reader
from harness.scenario_file.kinds import Reading
from harness.scenario_file.loader import PROJECT_ROOT, check_schema_line, mapping, shown_path
from harness.scenario_file.nodes import Entries, Items, Node, Scalar, find, scalars
from harness.scenario_file.problems import Problems, shown, unknown
from harness.scenario_file.shapes import record_of

PROFILE_SCHEMA = "harness/scenario_file/profile.schema.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_SETTING = re.compile(r"[a-z][a-z0-9_]*")
_FILE = re.compile(r"(?!.*\.\.)[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def load_profile(path: Path, root: Path | None = None) -> Profile:
    """The profile of a file; its name is the file's without ``.yaml``.

    Raises:
        BadInput: its text has one problem a line, each beginning with ``file:line:column``.
    """
    root = root or PROJECT_ROOT
    file = shown_path(path, root)
    if path.suffix != ".yaml" or not _NAME.fullmatch(path.stem):
        raise BadInput(f"{file}: the name has to be letters, digits, - and _ and to end in .yaml; rename it")
    text = reader.read(path, file)
    problems = Problems(file)
    node = mapping(reader.parse(text, problems), problems)
    check_schema_line(text, path, root / PROFILE_SCHEMA, problems)
    profile = record_of(Profile).read(node, Reading(problems, {}), "profile")
    _check(node, problems)
    if isinstance(profile, Profile):
        _check_claims(profile, node, problems)
    problems.raise_if_any()
    return dataclasses.replace(cast(Profile, profile), name=path.stem)


def _check(node: Entries, problems: Problems) -> None:
    """What can be looked at whether or not the whole could be read."""
    command = node.get("command")
    if isinstance(command, Items) and not command.items:
        problems.add(command, "command: the list is empty; put the program and its arguments into it")
    if ("needs" in node.entries) != ("setup" in node.entries):
        given, other = ("needs", "setup") if "needs" in node.entries else ("setup", "needs")
        problems.add(node.entries[given][0], f"{given}: {other} goes with it; add it")
    _check_keys(node, "files", _FILE, "a relative path of letters, digits, -, _ and .", problems)
    _check_keys(node, "environment", _VARIABLE, "the name of an environment variable", problems)
    _check_keys(node, "settings", _SETTING, "a word of small letters, digits and _", problems)
    settings = _keys(node, "settings")
    for key in settings:
        if key.text in PLACEHOLDERS:
            problems.add(key, f"settings: {key.text!r} is a placeholder already; choose another name")
    used = _check_placeholders(node, [key.text for key in settings], problems)
    for key in settings:
        if key.text not in used:
            words = f"settings: nothing uses {key.text!r}; write {{{key.text}}} where it belongs, or take it out"
            problems.add(key, words)


def _keys(node: Entries, word: str) -> list[Scalar]:
    inner = node.get(word)
    return [key for key, _ in inner.entries.values()] if isinstance(inner, Entries) else []


def _check_keys(node: Entries, word: str, form: re.Pattern[str], noun: str, problems: Problems) -> None:
    for key in _keys(node, word):
        if not form.fullmatch(key.text):
            problems.add(key, f"{word}: {shown(key.text)} does not fit; write {noun}")


def _templates(node: Entries) -> Iterator[tuple[str, Scalar]]:
    """Every text that may hold placeholders, with the key under which it stands."""
    for word in ("command", "files", "environment", "timeouts", "heartbeat", "ports"):
        inner: Node | None = node.get(word)
        yield from ((word, scalar) for scalar in (scalars(inner) if inner else ()))


def _check_placeholders(node: Entries, settings: list[str], problems: Problems) -> set[str]:
    used: set[str] = set()
    listens = node.get("notifications")
    is_listener = isinstance(listens, Scalar) and listens.text == "true"
    for word, scalar in _templates(node):
        try:
            names = placeholders(scalar.text)
        except ValueError as error:
            problems.add(scalar, f"{word}: {error}")
            continue
        used.update(names)
        known = settings if word == "timeouts" else [*PLACEHOLDERS, *settings]
        for name in names:
            if name not in known:
                problems.add(scalar, f"{word}: {unknown('placeholder', name, known)}")
            elif name in SECRETS and word not in ("files", "environment"):
                words = "everybody could see the password there, as in ps; put it into files or environment"
                problems.add(scalar, f"{word}: {words}")
            elif name == ALTERNATE and is_listener:
                # It would look there, too, and find nobody.
                words = f"an alternate HMC sends no notifications; take out {{{name}}}, or notifications: true"
                problems.add(scalar, f"{word}: {words}")
    return used


def _check_claims(profile: Profile, node: Entries, problems: Problems) -> None:
    if len(problems):
        return
    for number, name in enumerate(profile.whole_seconds):
        if not quantities.is_duration(profile.settings.get(name, "")):
            durations = [other for other, text in profile.settings.items() if quantities.is_duration(text)]
            problems.add(find(node, "whole_seconds", number), f"whole_seconds: {unknown('duration', name, durations)}")
            return
        unfit = profile.unfit_setting(name, profile.settings[name])
        if unfit:
            problems.add(find(node, "settings", name), f"settings: {unfit}")
            return
    settings = profile.settings_with({})
    for name, text in profile.timeouts.claims().items():
        try:
            claim(name, text, settings)
        except ValueError as error:
            problems.add(find(node, "timeouts", name), f"timeouts: {error}")
