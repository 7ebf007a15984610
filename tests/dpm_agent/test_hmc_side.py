"""Which NICs are this agent's."""

from __future__ import annotations

import pytest

from agent_under_test.dpm_agent.hmc_side import own_mac


@pytest.mark.parametrize(
    ("description", "mac"),
    [
        ("OpenStack mac=fa:16:3e:00:00:01 host-id=dpm-host-1", "fa:16:3e:00:00:01"),
        ("OpenStack host=dpm-host-1 mac=FA-16-3E-00-00-01", "fa:16:3e:00:00:01"),
        ("OpenStack,dpm-host-1,mac=fa:16:3e:00:00:01,device_id=x", "fa:16:3e:00:00:01"),
        ("Backup OpenStack mac=fa:16:3e:00:00:01 host-id=dpm-host-1", None),
        ("OpenStack mac=fa:16:3e:00:00:01 host-id=dpm-host-10", None),
        ("OpenStack mac=fa:16:3e:00:00:01 host-id=my-dpm-host-1", None),
        ("OpenStack mac=fa:16:3e:00:00:01", None),
        ("OpenStack mac=fa:16:3e:00:00 host-id=dpm-host-1", None),
        ("OpenStack mac=fa:16:3e:00:00:012 host-id=dpm-host-1", None),
        ("OpenStack host-id=dpm-host-1", None),
        ("", None),
    ],
)
def test_a_nic_is_own_if_openstack_made_it_for_this_host_and_it_has_a_mac(description: str, mac: str | None) -> None:
    assert own_mac(description, "dpm-host-1") == mac


def test_a_description_that_is_no_text_says_nothing_of_the_owner() -> None:
    with pytest.raises(TypeError):
        own_mac(None, "dpm-host-1")  # type: ignore[arg-type]  # what a broken HMC may send
