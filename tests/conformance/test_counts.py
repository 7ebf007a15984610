"""What the judge's report means."""

from xml.etree import ElementTree

from tests.conformance.counts import Counts, counts_of, told
from tests.conformance.page import Outcome, tables
from tests.conformance.skips import SKIPS

REPORT = """<testsuites><testsuite>
<testcase classname="a" name="passes[127.0.14.1]"/>
<testcase classname="a" name="fails"><failure message="no"/></testcase>
<testcase classname="a" name="breaks"><error message="no"/></testcase>
<testcase classname="a" name="skips"><skipped message="No groups defined on HMC 127.0.14.1"/></testcase>
</testsuite></testsuites>"""


def counts(cases: str) -> Counts:
    return counts_of(ElementTree.fromstring(f"<t>{cases}</t>"))  # noqa: S314 - written here


def test_failures_errors_and_skips_are_counted_apart() -> None:
    found = counts(REPORT)
    assert (found.passed, found.failed) == (1, ("a::fails", "a::breaks"))
    assert dict(found.skipped) == {"No groups defined on HMC HMC": 1}
    assert not found.good(1)
    assert "FAILED a::fails" in told("z14", found)


def test_too_few_passes_are_no_success() -> None:
    found = counts("<testcase classname='a' name='b'/>")
    assert found.good(1)
    assert not found.good(2)


def test_a_skip_that_nobody_has_explained_is_no_success() -> None:
    found = counts("<testcase classname='a' name='b'><skipped message='cannot log on'/></testcase>")
    assert found.unexplained == ["cannot log on"]
    assert not found.good(0)
    assert "1 x cannot log on: NOT EXPLAINED" in told("z14", found)


def test_a_test_has_one_name_whatever_it_runs_against() -> None:
    ours, theirs = (counts(f"<testcase classname='a' name='b[{hmc}]'/>") for hmc in ("127.0.14.1", "mocked_hmc_z14"))
    assert ours.names == theirs.names == {"a::b[HMC]"}


def test_no_two_rows_explain_the_same_reason() -> None:
    for skip in SKIPS:
        reason = skip.says.replace("...", "x").replace(" N ", " 3 ")
        assert [other for other in SKIPS if other.means(reason)] == [skip]


def test_the_page_has_the_numbers_of_each_inventory() -> None:
    text = tables({"z14": Outcome(counts(REPORT), counts("")), "z16": Outcome(counts(""), counts(""))})
    assert "| z14 | 1 | 2 | 1 | 0 |" in text
    assert "| No groups defined on HMC ... | the inventory has none | 1 |  |" in text
