"""Patterns name requests by method and path template."""

from __future__ import annotations

import pytest

from harness.core.patterns import ANY_JOB, ANY_REQUEST, METHODS, RequestPattern


@pytest.mark.parametrize(
    ("pattern", "method", "path", "matches"),
    [
        ("GET /api/cpcs", "GET", "/api/cpcs", True),
        ("GET /api/cpcs", "POST", "/api/cpcs", False),
        ("GET /api/cpcs", "GET", "/api/cpcs/", False),
        ("GET /api/cpcs", "GET", "/api/cpcs/1", False),
        ("GET /api/cpcs", "GET", "/prefix/api/cpcs", False),
        ("GET /api/cpcs", "GET", "/api/cpcs?name=a/b", True),
        ("GET /api/cpcs/*", "GET", "/api/cpcs/1", True),
        ("GET /api/cpcs/*", "GET", "/api/cpcs/1?x=1", True),
        ("GET /api/cpcs/*", "GET", "/api/cpcs/", False),
        ("GET /api/cpcs/*", "GET", "/api/cpcs", False),
        ("GET /api/cpcs/*", "GET", "/api/cpcs/1/partitions", False),
        ("GET /api/cpcs/*/partitions", "GET", "/api/cpcs/1/partitions", True),
        ("GET /api/cpcs/*/*", "GET", "/api/cpcs/1/partitions", True),
        ("GET /api/partition-*", "GET", "/api/partition-1", True),
        ("GET /api/**", "GET", "/api/cpcs/1/partitions", True),
        ("GET /api/**/nics", "GET", "/api/a/b/nics", True),
        ("GET /api/**/nics", "GET", "/api/a/b/nics/1", False),
        ("* /api/cpcs", "DELETE", "/api/cpcs", True),
        ("/api/cpcs", "DELETE", "/api/cpcs", True),
        ("**", "PUT", "/anything/at/all", True),
        ("GET /a.b", "GET", "/a.b", True),
        ("GET /a.b", "GET", "/axb", False),
        ("GET /a+(b)", "GET", "/a+(b)", True),
    ],
)
def test_a_pattern_matches_as_its_words_say(pattern: str, method: str, path: str, *, matches: bool) -> None:
    assert RequestPattern.parse(pattern).matches(method, path) is matches


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not 'METHOD /path/template'"),
        ("GET /a /b", "is not 'METHOD /path/template'"),
        ("get /a", "'get' is not an HTTP method; use one of GET, POST"),
        ("FETCH /a", "'FETCH' is not an HTTP method"),
        ("GET api/cpcs", "the path template 'api/cpcs' has to begin with '/'"),
        ("*", "has to begin with '/'"),
    ],
)
def test_what_is_no_pattern_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("/", r"/")):
        RequestPattern.parse(text)


@pytest.mark.parametrize("text", ["GET /api/cpcs/*", "* **", "* /api/jobs/**", *(f"{m} /x" for m in METHODS)])
def test_a_pattern_reads_back_what_it_prints(text: str) -> None:
    assert str(RequestPattern.parse(text)) == text
    assert RequestPattern.parse(str(RequestPattern.parse(text))) == RequestPattern.parse(text)


def test_the_ready_made_ones_mean_what_they_say() -> None:
    assert ANY_REQUEST.matches("DELETE", "/api/x/y?z")
    assert ANY_JOB.matches("GET", "/api/jobs/1")
    assert ANY_JOB.matches("POST", "/api/jobs/1/operations/cancel")
    assert not ANY_JOB.matches("GET", "/api/cpcs")
