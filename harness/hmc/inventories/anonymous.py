"""Takes away who an HMC was, so that its inventory can be given to others: the same text always becomes the same one.

    names                 of CPCs, partitions, adapters, users ...: the resource's class and a number
    descriptions          emptied, and everything else that a person wrote as free text
    serial numbers        a number, of the same length
    WWPNs, MACs, UUIDs    in the same form, from numbers; UUIDs inside of URIs, too, so that references still hold
    IP addresses          from the networks that are set aside for documentation, 192.0.2.0/24 and 2001:db8::/32
    host names            hmc-1.example
    passwords and the like, certificates, log entries, network settings: left out or emptied

What is not text of such a form stays: types, statuses, sizes, counts, versions. A property that this file does not know
and that holds a name in the middle of other text is told apart by the names that were seen: they are replaced wherever
they stand as a word, but not in what is the API's own words, such as a status. Look the file over before you give it
away all the same.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Any

NAME_KEYS = frozenset({"name"})
FREE_TEXT_KEYS = frozenset(
    {
        "description", "email-address", "email-to-addresses", "email-cc-addresses", "email-insert",
        "location", "user-information", "text", "banner-text", "os-ipl-token",
        "boot-iso-image-name", "boot-iso-ins-file", "boot-ftp-host", "boot-ftp-username", "boot-ftp-insfile",
        "boot-load-parameters", "boot-os-specific-parameters", "ssc-host-name", "userid-on-ldap-server",
        "target-userid", "connection-tls-client-cert", "bind-distinguished-name", "search-distinguished-name",
        "primary-hostname-ipaddr", "backup-hostname-ipaddr", "contact-name", "account-number",
    }
)  # fmt: skip
"""What people write into an HMC about themselves, and where it talks to other machines."""
SECRET = re.compile(r"password|passphrase|secret|credential|private-key|token", re.IGNORECASE)
AS_IT_IS = re.compile(
    r"(?:^|[-_])(?:class|type|status|state|mode|family|model|version|level|feature|group_name|algorithm|metric)s?(?:-list)?$"
)
"""Keys whose values are the API's own words: nobody's name is in them, though somebody's name may be such a word."""
OF_THE_HMC = frozenset({"task", "user-role", "password-rule"})
"""Classes whose names the HMC comes with (those made by people have the type user-defined)."""
LEFT_OUT = frozenset({"network-info", "ec-mcl-description", "certificate", "log-entries"})
"""Emptied as a whole: nothing but who it was is in them."""

UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
MAC = r"(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}"
IPV4 = r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"
OPENSTACK_NOTE = re.compile(rf"OpenStack mac=({MAC}) host=(\S+)")
WWPN = re.compile(r"(?:0x)?[0-9a-fA-F]{16}")
_HEX_LONG = re.compile(r"[0-9a-fA-F]{32}")


class Anonymiser:
    """Replaces, and remembers what by what."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._name_pattern: re.Pattern[str] | None = None

    def of(self, definition: dict[str, Any]) -> dict[str, Any]:
        """An inventory with the same shape, and nobody in it."""
        hmc = definition["hmc_definition"]
        for kind, name in _names_in(hmc):
            self._learn(kind, name)
        words = sorted((name for name in self._names if len(name) > 2), key=len, reverse=True)
        self._name_pattern = re.compile("|".join(rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in words) or r"(?!)")
        changed = self._value("", hmc)
        assert isinstance(changed, dict)  # noqa: S101 - a mapping stays one
        return {"hmc_definition": {**changed, "host": "hmc-1.example"}}

    def _learn(self, kind: str, name: str) -> None:
        if name and name not in self._names:
            self._names[name] = self._next(kind or "name", lambda number: f"{kind or 'name'}-{number}")

    def _next(self, kind: str, form: Callable[[int], str]) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return form(self._counts[kind])

    def _value(self, key: str, value: object) -> object:
        if key in LEFT_OUT:
            return {} if isinstance(value, dict) else [] if isinstance(value, list) else None
        if isinstance(value, dict):
            return {name: self._value(name, item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._value(key, item) for item in value]
        return self._text(key, value) if isinstance(value, str) and value else value

    def _text(self, key: str, text: str) -> str:
        if AS_IT_IS.search(key):
            return text
        if text.startswith("/api/"):
            return self._uri(text)
        if key in FREE_TEXT_KEYS or SECRET.search(key):
            return self._owner(text)
        return self._by_key(key, text)

    def _owner(self, text: str) -> str:
        """Free text is emptied, but for the note by which OpenStack's agents know a NIC as theirs."""
        note = OPENSTACK_NOTE.match(text)
        if note is None:
            return ""
        host = self._replace("host", note[2], lambda number: f"host-{number}")
        return f"OpenStack mac={self._mac(note[1])} host={host}"

    def _by_key(self, key: str, text: str) -> str:
        if key in NAME_KEYS:
            return self._names.get(text, text)
        if "serial" in key:
            return self._replace("serial", text, lambda number: f"{number:0{len(text)}d}"[-len(text) :])
        if ("wwpn" in key or "world-wide" in key or "wwnn" in key) and WWPN.fullmatch(text):
            return self._wwpn(text)
        return self._anywhere(text)

    def _anywhere(self, text: str) -> str:
        """Replace what is known by its form, or was seen as a name."""
        text = re.sub(UUID, lambda found: self._uuid(found[0]), text)
        text = re.sub(MAC, lambda found: self._mac(found[0]), text)
        text = re.sub(IPV4, lambda found: self._ipv4(found[0]), text)
        if _HEX_LONG.fullmatch(text):
            return self._replace("hex", text, lambda number: f"{number:032x}")
        if WWPN.fullmatch(text) and not text.isdecimal():
            return self._wwpn(text)
        if _is_ipv6(text):
            return self._replace("ipv6", text, lambda number: f"2001:db8::{number:x}")
        assert self._name_pattern is not None  # noqa: S101 - `of` made it
        return self._name_pattern.sub(lambda found: self._names[found[0]], text)

    def _uri(self, text: str) -> str:
        """Ids are replaced as everywhere; some resources have their name as the last part."""
        owner, _, last = text.rpartition("/")
        return re.sub(UUID, lambda found: self._uuid(found[0]), f"{owner}/{self._names.get(last, last)}")

    def _uuid(self, text: str) -> str:
        return self._replace("uuid", text.lower(), lambda number: f"00000000-0000-4000-8000-{number:012x}")

    def _mac(self, text: str) -> str:
        def form(number: int) -> str:
            return ":".join(f"{byte:02x}" for byte in (0x020000000000 + number).to_bytes(6))

        return self._replace("mac", text.lower(), form)

    def _ipv4(self, text: str) -> str:
        try:
            ipaddress.IPv4Address(text)
        except ValueError:
            return text  # a version, as 2.16.0.1
        return self._replace("ipv4", text, lambda number: f"192.0.2.{number % 254 + 1}")

    def _wwpn(self, text: str) -> str:
        number = self._replace(
            "wwpn", text.lower().removeprefix("0x"), lambda number: f"{0xC05076 << 40 | number:016x}"
        )
        return f"0x{number}" if text.startswith("0x") else number

    def _replace(self, kind: str, text: str, form: Callable[[int], str]) -> str:
        if (kind, text) not in self._known:
            self._known[kind, text] = self._next(kind, form)
        return self._known[kind, text]


def _names_in(part: object) -> Iterator[tuple[str, str]]:
    """Class and name of every resource."""
    if isinstance(part, dict):
        properties = part.get("properties")
        if isinstance(properties, dict) and isinstance(properties.get("name"), str) and not _of_the_hmc(properties):
            yield str(properties.get("class") or ""), properties["name"]
        for item in part.values():
            yield from _names_in(item)
    elif isinstance(part, list):
        for item in part:
            yield from _names_in(item)


def _of_the_hmc(properties: dict[str, Any]) -> bool:
    return properties.get("class") in OF_THE_HMC and properties.get("type") != "user-defined"


def _is_ipv6(text: str) -> bool:
    if text.count(":") < 2:
        return False
    try:
        ipaddress.IPv6Address(text.partition("%")[0].partition("/")[0])
    except ValueError:
        return False
    return True
