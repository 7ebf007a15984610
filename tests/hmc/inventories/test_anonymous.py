"""Anonymous inventories: nobody is left in them, and what belonged together still does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.hmc.inventories.anonymous import AS_IT_IS, OF_THE_API, Anonymiser

INVENTORIES = Path(__file__).parents[3] / "scenarios" / "inventories"
CPC = "2a5b1c9e-1111-4222-8333-444455556666"
PART = "2a5b1c9e-7777-4888-8999-aaaabbbbcccc"


def definition(**properties: Any) -> dict[str, Any]:
    """A CPC of a bank with one partition that has these properties."""
    partition = {
        "class": "partition",
        "object-id": PART,
        "object-uri": f"/api/partitions/{PART}",
        "parent": f"/api/cpcs/{CPC}",
        "name": "payroll",
        **properties,
    }
    cpc = {"class": "cpc", "object-id": CPC, "name": "BANKZ16", "machine-serial-number": "00000020A1B2"}
    return {
        "hmc_definition": {
            "host": "hmc.bank.example",
            "api_version": "4.10",
            "consoles": [],
            "cpcs": [{"properties": cpc, "partitions": [{"properties": partition}]}],
        }
    }


def partition_of(**properties: Any) -> dict[str, Any]:
    changed = Anonymiser().of(definition(**properties))
    found = changed["hmc_definition"]["cpcs"][0]["partitions"][0]["properties"]
    assert isinstance(found, dict)
    return found


def test_who_it_was_is_gone() -> None:
    text = json.dumps(
        Anonymiser().of(
            definition(
                description="of Alice",
                **{
                    "mac-address": "02:d2:4d:80:b9:88",
                    "wwpn": "c05076ffe8000bcd",
                    "boot-ftp-host": "10.1.2.3",
                    "ssc-ipv4-gateway": "10.1.2.4",
                    "gateway6": "fd12::1",
                    "ssc-master-pw-password": "hunter2",
                    "last-used": "see payroll on BANKZ16",
                },
            )
        )
    )
    for secret in ("bank", "BANKZ16", "payroll", "Alice", "20A1B2", "4d:80", "ffe8000bcd", "10.1.2", "fd12", "hunter2"):
        assert secret not in text
    assert CPC not in text
    assert PART not in text


def test_references_still_hold() -> None:
    changed = Anonymiser().of(definition())["hmc_definition"]["cpcs"][0]
    partition = changed["partitions"][0]["properties"]
    assert partition["parent"] == f"/api/cpcs/{changed['properties']['object-id']}"
    assert partition["object-uri"] == f"/api/partitions/{partition['object-id']}"


def test_the_same_becomes_the_same_and_different_things_stay_different() -> None:
    found = partition_of(**{"wwpn": "c05076ffe8000001", "wwpns": ["C05076FFE8000001", "c05076ffe8000002"]})
    assert found["wwpns"][0] == found["wwpn"]
    assert found["wwpns"][1] != found["wwpn"]
    assert len(found["wwpn"]) == 16


def test_what_is_nobodys_stays() -> None:
    kept = {
        "status": "active",
        "acceptable-status": ["active", "stopped"],
        "initial-memory": 4096,
        "device-number": "8001",
        "se-version": "2.16.0",
        "auto-start": True,
        "boot-device": "none",
        "tape-link-uris": [],
        "none": None,
    }
    found = partition_of(**kept)
    assert {key: found[key] for key in kept} == kept


def test_a_partition_that_is_called_like_a_status_spoils_no_status() -> None:
    found = partition_of(name="active", status="active", type="linux")
    assert (found["name"], found["status"], found["type"]) == ("partition-1", "active", "linux")


def test_a_name_in_a_uri_goes_and_the_hmcs_own_names_stay() -> None:
    everything = definition(**{"profile-uri": "/api/cpcs/x/image-activation-profiles/payroll"})
    task = {"class": "task", "name": "Operating System Messages"}
    everything["hmc_definition"]["consoles"] = [{"properties": {}, "tasks": [{"properties": task}]}]
    changed = Anonymiser().of(everything)["hmc_definition"]
    assert changed["consoles"][0]["tasks"][0]["properties"]["name"] == "Operating System Messages"
    uri = changed["cpcs"][0]["partitions"][0]["properties"]["profile-uri"]
    assert uri == "/api/cpcs/x/image-activation-profiles/partition-1"


def test_the_note_by_which_an_agent_knows_its_nics_is_kept_without_its_host() -> None:
    found = partition_of(description="OpenStack mac=fa:16:3e:00:00:01 host=compute.bank.example and more")
    assert found["description"] == "OpenStack mac=02:00:00:00:00:01 host=host-1"


def test_what_is_only_about_who_it_was_is_emptied() -> None:
    found = partition_of(**{"network-info": {"this-hmc": [{"ip": "10.1.1.1"}]}, "certificate": "-----BEGIN"})
    assert (found["network-info"], found["certificate"]) == ({}, None)


ABOUT_SOMEBODY = {
    "worldwide-port-name": "5005076300001234",
    "world-wide-port-name": "5005076300001234",
    "issuer-url": "https://sso.acme.bank/issuer",
    "client-id": "acme",
    "ssc-master-userid": "acme",
    "ssc-master-pw": "acme",
    "ssc-dns-servers": ["10.47.11.53"],
    "authentication-page-servers": [{"hostname-ipaddr": "login.acme.bank", "port": 443}],
    "hostname-ipaddr": "mfa-server-1.acme.bank",
    "pattern": ".*@acme.bank",
    "os-name": "ACMEOS",
    "sysplex-name": "ACMEPLEX",
    "mac": "00106f0d8409",
    "stp-id": "acmestp",
    "account": "4711081547",
    "domain-name-restrictions": "acme",
    "domain-name": "acme.bank",
    "os-version": "acme.bank",
    "partition-uri": "/api/partitions/acme",
}
LEAKS = ("acme", "50050763", "10.47.11", "0d8409", "47110815")


@pytest.mark.parametrize("key", ABOUT_SOMEBODY)
def test_nobody_is_left_in_ordinary_properties(key: str) -> None:
    text = json.dumps(partition_of(**{key: ABOUT_SOMEBODY[key]})).lower()
    assert [leak for leak in LEAKS if leak in text] == []


def planted(part: Any, word: Callable[[], str], key: str = "") -> Any:
    """The same definition, where every text that a person can have written is another word each."""
    if isinstance(part, dict):
        api = part.get("class") == "task" and "name"
        return {name: item if name == api else planted(item, word, name) for name, item in part.items()}
    if isinstance(part, list):
        return [planted(item, word, key) for item in part]
    if not isinstance(part, str) or AS_IT_IS.search(key) or key in OF_THE_API:
        return part
    return f"{part.rpartition('/')[0]}/{word()}" if part.startswith("/api/") else word()


@pytest.mark.parametrize("name", sorted(path.stem for path in INVENTORIES.glob("*.yaml")))
@pytest.mark.parametrize(
    "form", ["acme{}", "srv{}.acme.bank", "https://acme.bank/{}", "ACME {}", "it@acme{}", "50050763{:08d}"]
)
def test_a_word_that_is_planted_in_every_text_is_found_in_none(name: str, form: str) -> None:
    count = 0

    def word() -> str:
        nonlocal count
        count += 1
        return form.format(count)

    sown = planted(yaml.safe_load((INVENTORIES / f"{name}.yaml").read_text()), word)
    assert count > 30
    text = json.dumps(Anonymiser().of(sown)).lower()
    assert "acme" not in text
    assert "50050763" not in text


def test_more_addresses_than_one_network_has_stay_different_and_netmasks_stay() -> None:
    addresses = [f"10.1.{number // 250}.{number % 250 + 1}" for number in range(600)]
    found = partition_of(addresses=addresses, **{"network1-ipv4-mask": "255.255.254.0", "gateway": "fe80::12%eth0"})
    assert len(set(found["addresses"])) == len(addresses)
    assert found["network1-ipv4-mask"] == "255.255.254.0"
    assert found["gateway"] == "fe80::1%eth0"
