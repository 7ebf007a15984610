"""Why tests of zhmcclient skip themselves against the mock HMC: every reason that they give, explained.

A skip that no row explains is no success (`python -m tests.conformance` fails): it may be the mock HMC's own lack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Skip:
    """A reason that zhmcclient's tests give, as a pattern, and why it is none of the mock HMC's."""

    says: str
    """How the page shows it; `...` and `N` stand for what differs."""
    why: str

    def means(self, reason: str) -> bool:
        """Whether a test that says so skips for this."""
        pattern = re.escape(self.says).replace(re.escape("..."), ".*").replace(r"\ N\ ", r" \d+ ")
        return re.fullmatch(pattern, reason) is not None


NOT_THERE = "the inventory has none"
OLDER = "the inventory's HMC or CPC is of an older release"
FEATURE = "the inventory does not name the feature among those of its HMC and CPCs"
CLASSIC = "the inventory's classic CPC is of an SE that had them in DPM mode only"
SILENT = "no operating system has written any"
LPARS = "zhmcclient's own description of its mocked HMCs names no LPARs that the tests may activate"

SKIPS = (
    Skip("API feature secure-boot-with-certificates not available on CPC ...", FEATURE),
    Skip(
        "CPC ... does not have FCP adapters assigned to partitions", "the inventory's storage group is attached to none"
    ),
    Skip("CPC ... does not have any adapters with family: ...", NOT_THERE),
    Skip("CPC ... does not have any partitions with port-based NICs", "the inventory's NICs are on a virtual switch"),
    Skip("CPC ... has less than N online FC adapters for CTC", NOT_THERE),
    Skip("CPC with SE ... in classic mode does not support Adapter objects", CLASSIC),
    Skip("Console API feature 'create-delete-activation-profiles' is not available", FEATURE),
    Skip("DPM Storage Mgmt feature enabled on CPC ...", "HBAs are there only without that feature, and it has it"),
    Skip("HMC ... of version ... does not yet support MFA server definitions", OLDER),
    Skip("HMC ... of version ... does not yet support SSO server definitions", OLDER),
    Skip("HMC API version ... is below minimum version ... required for API features", OLDER),
    Skip("HMC does not support additional-properties parameter.", FEATURE + " (those of partition links)"),
    Skip("Inventory file entry for HMC ... does not have a 'loadable_lpars' property ...", LPARS),
    Skip("No LPAR on CPC ... has the minimum number of N OS messages for the test", SILENT),
    Skip("No MFA server definitions defined on HMC ...", NOT_THERE),
    Skip("No Partitions defined on CPC ...", "the test takes the first CPC, and that is a classic one, with LPARs"),
    Skip("No Tape Library defined on HMC ...", NOT_THERE),
    Skip("No Tape Links defined on HMC ...", NOT_THERE),
    Skip("No groups defined on HMC ...", NOT_THERE),
    Skip("No partition on CPC ... has the minimum number of N OS messages for the test", SILENT),
    Skip("No partitions on CPC ... for the user ensadmin", "the test looks for a partition that is called @#1c"),
    Skip("No partitions on CPC ... with an active status", "all of the inventory's partitions are stopped"),
    Skip("No partitions with HBAs on CPC ...", NOT_THERE),
    Skip("No partitions with virtual functions on CPC ...", NOT_THERE),
    Skip("No storage group templates ...associated to CPC ...", NOT_THERE),
    Skip(
        "No storage groups with VSRs associated to CPC ...",
        "a slip of the test: it filters by Python's `type` instead of 'type', which matches no storage group anywhere",
    ),
    Skip("No zEDC accelerator adapters on CPC ...", NOT_THERE),
    Skip(
        "Not enough hardware messages (...) for timestamp filtering ...", "the test wants five, the inventory has one"
    ),
    Skip("Password rule 'Basic' not found to create test user", NOT_THERE),
    Skip(
        "The managed CPCs do not support full_properties=True in list_permitted_adapters()",
        "the test wants all CPCs in DPM mode, and one is a classic one",
    ),
    Skip("The managed CPCs do not support additional_properties=True in list_permitted_adapters()", FEATURE),
    Skip("The partition link related API features are not all enabled ...", FEATURE),
)


def explained(reason: str) -> Skip | None:
    """The row that explains it; None where none does."""
    return next((skip for skip in SKIPS if skip.means(reason)), None)
