"""The page of a fingerprint: self-contained, and without power for what a client said."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

from harness.fingerprint import Facts, as_json
from harness.fingerprint.compare import differences_json
from harness.fingerprint.page import as_page, differences_page

FACTS = Facts(
    case="hang/GET",
    outcome="ReadTimeout",
    words="<script>alert('hello')</script> & more",
    seconds=0.7,
    connections=2,
    requests=3,
    executed=1,
    logons=0,
    others=0,
    spacing_s=(0.5, 0.25),
    met=True,
    flags=("<b>bold</b>",),
    notes=("back 1 s after the healing",),
)


def plain(client: str, *facts: Facts) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(as_json(client, facts))
    return loaded


class Tags(HTMLParser):
    """What a browser would find."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_a_client_said_is_text_and_nothing_else() -> None:
    tags = Tags(as_page(plain("x <i>1</i>", FACTS)))
    assert not tags.open, "every element is closed"
    assert {tag for tag, _ in tags.seen}.isdisjoint({"script", "i"})
    assert FACTS.words in tags.text
    assert "<b>bold</b>" in tags.text
    assert "What x <i>1</i> does" in tags.text


def test_it_needs_no_network_and_is_made_for_light_and_dark() -> None:
    for page in (as_page(plain("x", FACTS)), differences_page(plain("a", FACTS), plain("b"))):
        assert not re.search(r"https?://|url\(|@import", page)
        assert not [name for tag, given in Tags(page).seen for name in given if name in ("src", "href")]
        assert "default-src 'none'" in page
        assert "color-scheme: light dark" in page
        assert "prefers-color-scheme: dark" in page


def test_it_shows_the_numbers_and_what_is_unknown() -> None:
    assert '<td class="n">0.5 0.25</td>' in as_page(plain("x", FACTS))
    unmet = "the fault met nothing: nothing is known"
    assert unmet not in as_page(plain("x", FACTS))
    assert unmet in as_page(plain("x", replace(FACTS, met=False)))


def test_two_are_shown_side_by_side_with_what_changed_first() -> None:
    old, new = plain("c 1", FACTS), plain("c 2", replace(FACTS, outcome="ConnectionError", flags=()))
    text = Tags(differences_page(old, new)).text
    assert text.index("What changed") < text.index("ReadTimeout") < text.index("ConnectionError")
    assert "nothing" in Tags(differences_page(old, old)).text
    assert [d["what"] for d in json.loads(differences_json(old, new))["differences"]] == ["outcome", "flags"]


def test_a_case_that_only_one_was_put_through_is_told() -> None:
    assert "not played" in differences_page(plain("a", FACTS), plain("b"))
