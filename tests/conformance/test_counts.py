"""What the judge's report means."""

from xml.etree import ElementTree

from tests.conformance.__main__ import _counts, _told

REPORT = """<testsuites><testsuite>
<testcase classname="a" name="passes"/>
<testcase classname="a" name="fails"><failure message="no"/></testcase>
<testcase classname="a" name="breaks"><error message="no"/></testcase>
<testcase classname="a" name="skips"><skipped message="none on 127.0.14.1"/></testcase>
</testsuite></testsuites>"""


def test_failures_errors_and_skips_are_counted_apart() -> None:
    counts = _counts(ElementTree.fromstring(REPORT))  # noqa: S314 - the text above
    assert (counts.passed, counts.failed, dict(counts.skipped)) == (1, ("a::fails", "a::breaks"), {"none on HMC": 1})
    assert not counts.good(1)
    assert "FAILED a::fails" in _told("z14", counts)


def test_too_few_passes_are_no_success() -> None:
    counts = _counts(ElementTree.fromstring("<t><testcase classname='a' name='b'/></t>"))  # noqa: S314 - the text above
    assert counts.good(1)
    assert not counts.good(2)
