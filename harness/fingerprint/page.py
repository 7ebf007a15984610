"""Fingerprints as a page of HTML: one file that needs no network, and shows what a client said as text only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from harness.fingerprint.compare import Difference, differences
from harness.fingerprint.text import UNMET

STYLE = """
:root { color-scheme: light dark; --line: #8886; --warn: #b45309; --faint: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --warn: #fbbf24; --faint: #9ca3af; } }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }
th { position: sticky; top: 0; background: Canvas; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.words { color: var(--faint); overflow-wrap: anywhere; max-width: 32rem; }
.flag { color: var(--warn); } .unmet { color: var(--faint); font-style: italic; }
"""

COLUMNS = (
    ("case", "which fault / on what"),
    ("outcome", "what became of the call, or of the agent"),
    ("connections", "attempts to connect under the fault, refused ones too"),
    ("requests", "how often it was sent"),
    ("executed", "how often the HMC carried it out"),
    ("logons", "logons on the wire"),
    ("seconds", "seconds that it took"),
    ("spacing_s", "seconds between the attempts on the wire"),
    ("words", "its own last words"),
)
"""A field of `Facts`, and what it means."""


def as_page(fingerprint: Mapping[str, object]) -> str:
    """One fingerprint, as `as_json` has it."""
    cases = _cases(fingerprint)
    title = f"What {fingerprint.get('client')} does when the HMC is sick"
    return _page(title, _second_look(cases), _table(cases))


def differences_page(old: Mapping[str, object], new: Mapping[str, object]) -> str:
    """What changed between two fingerprints, and both of them."""
    title = f"{old.get('client')} and {new.get('client')} when the HMC is sick"
    parts = ["<h2>What changed</h2>", _changed(differences(old, new), str(old.get("client")), str(new.get("client")))]
    for one in (old, new):
        parts += [f"<h2>{escape(str(one.get('client')))}</h2>", _second_look(_cases(one)), _table(_cases(one))]
    return _page(title, *parts)


def _page(title: str, *parts: str) -> str:
    # The policy is for whoever opens the file: nothing that a client said can load or run anything.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
    ]
    body = [f"<h1>{escape(title)}</h1>", *parts]
    return "\n".join(
        ["<!DOCTYPE html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", *body, "</body></html>", ""]
    )


def _cases(fingerprint: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = fingerprint.get("cases")
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _second_look(cases: Iterable[Mapping[str, object]]) -> str:
    items = [
        f'<li><b>{escape(str(case.get("case")))}</b> <span class="{kind}">{escape(words)}</span></li>'
        for kind, field in (("flag", "flags"), ("note", "notes"))
        for case in cases
        for words in _texts(case.get(field))
    ]
    return "\n".join(["<h3>Worth a second look</h3>", "<ul>", *(items or ["<li>nothing</li>"]), "</ul>"])


def _table(cases: Iterable[Mapping[str, object]]) -> str:
    heads = "".join(f'<th title="{escape(meaning)}">{name.removesuffix("_s")}</th>' for name, meaning in COLUMNS)
    return "\n".join(["<table>", f"<tr>{heads}</tr>", *map(_row, cases), "</table>"])


def _row(case: Mapping[str, object]) -> str:
    cells = "".join(_cell(name, case.get(name)) for name, _ in COLUMNS)
    unmet = "" if case.get("met") else f'<tr><td></td><td class="unmet" colspan="{len(COLUMNS) - 1}">{UNMET}</td></tr>'
    return f"<tr>{cells}</tr>{unmet}"


def _cell(name: str, value: object) -> str:
    text = escape(" ".join(_texts(value)) if isinstance(value, list | tuple) else str(value))
    kind = ' class="words"' if name == "words" else "" if name in ("case", "outcome") else ' class="n"'
    return f"<td{kind}>{text}</td>"


def _changed(found: Sequence[Difference], old: str, new: str) -> str:
    if not found:
        return "<p>nothing</p>"
    rows = "\n".join(
        f"<tr><td>{escape(d.case)}</td><td>{escape(d.what)}</td>{_side(d, d.old)}{_side(d, d.new)}</tr>" for d in found
    )
    heads = "".join(f"<th>{escape(name)}</th>" for name in ("case", "what", old, new))
    return f"<table>\n<tr>{heads}</tr>\n{rows}\n</table>"


def _side(difference: Difference, value: object) -> str:
    if difference.what == "case":
        return f"<td>{'not played' if value is None else 'played'}</td>"
    return f"<td>{escape('; '.join(_texts(value)) if isinstance(value, list | tuple) else str(value))}</td>"


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
