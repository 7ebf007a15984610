"""Takes away who an HMC was, so that its inventory can be given to others: the same text always becomes the same one.

    names                 of CPCs, partitions, adapters, users ...: the resource's class and a number
    descriptions          emptied, and everything else that a person wrote as free text; passwords and the like, too
    serial numbers        a number, of the same length
    WWPNs, MACs, UUIDs    in the same form, from numbers; so are ids inside of URIs, so that references still hold
    IP addresses          from the networks that are set aside for documentation and benchmarks; netmasks stay
    host names, URLs      host-1.example, https://host-1.example
    certificates, log entries, network settings: left out or emptied

What stays is what is known to be nobody's, and nothing else: the values of properties that are statuses, types, modes,
versions and the like, the API's own words (`api_words.py`), and numbers of up to five digits. Every other text becomes
``text-1``, whatever property it stands in: a word that is lost can be put back, and one that leaked cannot.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Any

from harness.hmc.inventories.api_words import API_WORDS

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
"""What people write into an HMC about themselves, and where it talks to other machines: empty is a value there."""
SECRET = re.compile(r"password$|passphrase|secret|credential|private-key|[-_]token$|[-_]pw$", re.IGNORECASE)
AS_IT_IS = re.compile(
    r"(?:^|[-_])(?:class|type|status|state|mode|family|model|version|level|feature|group_name|algorithm|metric)s?(?:-list)?$"
)
"""Keys whose values are the API's own words: nobody's name is in them, though somebody's name may be such a word."""
LEFT_OUT = frozenset({"network-info", "ec-mcl-description", "certificate", "log-entries"})
"""Emptied as a whole: nothing but who it was is in them."""
OF_THE_API = frozenset({"available-features-list"})
"""Kept as a whole: names and descriptions in them are IBM's."""
ID_KEYS = frozenset({"object-id", "element-id"})

UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
MAC = re.compile(r"(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}|[0-9a-fA-F]{12}")
WWPN = re.compile(r"(?:0x)?[0-9a-fA-F]{16}")
OPENSTACK_NOTE = re.compile(rf"OpenStack mac=({MAC.pattern}) host=(\S+)")
HEX_LONG = re.compile(r"[0-9a-fA-F]{32}")
URL = re.compile(r"([a-z][a-z0-9+.-]*)://\S+", re.IGNORECASE)
HOST = re.compile(r"(?:[\w-]+\.)+[a-zA-Z][\w-]+(?::\d+)?")
WORDS = re.compile(r"\w[\w .()/+-]*")
"""What the value of an AS_IT_IS property looks like; anything else in it was not the API's."""
NUMBER = re.compile(
    r"[+-]?\d{1,5}|\d{1,5}(?:\.\d{1,5}){1,3}|(?=[a-fA-F]*\d)(?:0x)?[0-9a-fA-F]{1,5}|[0-9a-fA-F]{2}|\w"
    r"|\d{4}-\d{2}-\d{2}[T ][\d:.]+(?:Z|[+-]\d{2}:\d{2})?"
)
"""Numbers, decimal or hexadecimal, versions, single letters, and points of time."""


class Anonymiser:
    """Replaces, and remembers what by what."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._names: dict[str, str] = {}

    def of(self, definition: dict[str, Any]) -> dict[str, Any]:
        """An inventory with the same shape, and nobody in it."""
        hmc = {key: part for key, part in definition["hmc_definition"].items() if key != "host"}
        for kind, name, of_the_hmc in _names_in(hmc):
            self._learn(kind, name, of_the_hmc)
        changed = self._value("", hmc)
        assert isinstance(changed, dict)  # noqa: S101 - a mapping stays one
        return {"hmc_definition": {**changed, "host": "hmc-1.example"}}

    def _learn(self, kind: str, name: str, of_the_hmc: bool) -> None:
        if name and name not in self._names:
            self._names[name] = name if of_the_hmc else self._next(kind, lambda number: f"{kind}-{number}")

    def _value(self, key: str, value: object) -> object:
        if key in LEFT_OUT:
            return {} if isinstance(value, dict) else [] if isinstance(value, list) else None
        if key in OF_THE_API:
            return value
        if isinstance(value, dict):
            return {name: self._value(name, item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._value(key, item) for item in value]
        return self._text(key, value) if isinstance(value, str) and value else value

    def _text(self, key: str, text: str) -> str:
        if text.startswith("/api/"):
            return self._uri(text)
        if AS_IT_IS.search(key) and WORDS.fullmatch(text) and not HOST.fullmatch(text):
            return text
        if key in FREE_TEXT_KEYS or SECRET.search(key):
            return self._owner(text)
        if key in ID_KEYS:
            return self._id(text)
        if key == "name" or key.endswith("-name"):
            return self._names.get(text) or self._by_key(key, text)
        return self._by_key(key, text)

    def _owner(self, text: str) -> str:
        """Free text is emptied, but for the note by which OpenStack's agents know a NIC as theirs."""
        note = OPENSTACK_NOTE.match(text)
        return f"OpenStack mac={self._mac(note[1])} host={self._host(note[2])}" if note else ""

    def _by_key(self, key: str, text: str) -> str:
        if "serial" in key:
            return self._digits("serial", text)
        if key == "short-name":
            return self._replace("short-name", text, lambda number: f"SN{number:06d}")
        return self._by_form(text) or self._kept(text) or self._names.get(text) or self._other(key, text)

    def _by_form(self, text: str) -> str | None:
        """In the same form, where the text has one by which it is known."""
        if UUID.fullmatch(text):
            return self._uuid(text)
        if MAC.fullmatch(text):
            return self._mac(text)
        if HEX_LONG.fullmatch(text):
            return self._replace("hex", text.lower(), lambda number: f"{number:032x}")
        if WWPN.fullmatch(text):
            return self._wwpn(text)
        return self._address(text) or self._place(text)

    def _address(self, text: str) -> str | None:
        """An IP address, where it is one; what follows it, as the length of a prefix, is kept."""
        found = re.fullmatch(r"([0-9a-fA-F:.]+)(%\w+)?(/\d+)?", text)
        try:
            address = ipaddress.ip_address(found[1] if found else "")
        except ValueError:
            return None
        assert found  # noqa: S101 - an empty text is no address
        if address.is_unspecified or address.is_loopback or _is_mask(address):
            return text
        replaced = self._replace("ipv4", str(address), _ipv4) if address.version == 4 else self._ipv6(address)
        return f"{replaced}{found[2] or ''}{found[3] or ''}"

    def _place(self, text: str) -> str | None:
        """A URL, or a host's full name."""
        url = URL.fullmatch(text)
        if url:
            return f"{url[1].lower()}://{self._host(text)}.example/"
        return f"{self._host(text)}.example" if HOST.fullmatch(text) else None

    def _kept(self, text: str) -> str | None:
        return text if NUMBER.fullmatch(text) or text.lower() in API_WORDS else None

    def _other(self, key: str, text: str) -> str:
        if text.isdecimal():
            return self._digits("number", text)
        kind = "name" if key == "name" else "text"
        return self._replace(kind, text, lambda number: f"{kind}-{number}")

    def _uri(self, text: str) -> str:
        """Kinds of resources stay, and ids are replaced as everywhere; some resources have their name as id."""
        path, question, _ = text.partition("?")
        kinds_and_ids = path.removeprefix("/api/").split("/")
        if kinds_and_ids[0] == "console":
            begin, kinds_and_ids = "/api/console", kinds_and_ids[1:]
        else:
            begin = "/api"
        changed = [self._id(part) if place % 2 else part for place, part in enumerate(kinds_and_ids)]
        return "/".join((begin, *changed)) + question

    def _id(self, text: str) -> str:
        if UUID.fullmatch(text):
            return self._uuid(text)
        known = self._names.get(text) or self._kept(text)
        return known or self._replace("id", text, lambda number: f"id-{number}")

    def _uuid(self, text: str) -> str:
        return self._replace("uuid", text.lower(), lambda number: f"00000000-0000-4000-8000-{number:012x}")

    def _mac(self, text: str) -> str:
        plain = text.replace(":", "").lower()
        changed = self._replace("mac", plain, lambda number: f"{0x020000000000 + number:012x}")
        return ":".join(re.findall("..", changed)) if ":" in text else changed

    def _ipv6(self, address: ipaddress.IPv6Address) -> str:
        begin = "fe80" if address.is_link_local else "2001:db8"
        return self._replace("ipv6", str(address), lambda number: f"{begin}::{number:x}")

    def _host(self, text: str) -> str:
        return self._replace("host", text.lower(), lambda number: f"host-{number}")

    def _digits(self, kind: str, text: str) -> str:
        return self._replace(kind, text, lambda number: f"{number:0{len(text)}d}"[-len(text) :])

    def _wwpn(self, text: str) -> str:
        number = self._replace(
            "wwpn", text.lower().removeprefix("0x"), lambda number: f"{0xC05076 << 40 | number:016x}"
        )
        return f"0x{number}" if text.startswith("0x") else number

    def _replace(self, kind: str, text: str, form: Callable[[int], str]) -> str:
        if (kind, text) not in self._known:
            self._known[kind, text] = self._next(kind, form)
        return self._known[kind, text]

    def _next(self, kind: str, form: Callable[[int], str]) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return form(self._counts[kind])


def _names_in(part: object) -> Iterator[tuple[str, str, bool]]:
    """Class and name of every resource, and whether the HMC came with it."""
    if isinstance(part, dict):
        properties = part.get("properties")
        if isinstance(properties, dict) and isinstance(properties.get("name"), str):
            yield str(properties.get("class") or "name"), properties["name"], _of_the_hmc(properties)
        for item in part.values():
            yield from _names_in(item)
    elif isinstance(part, list):
        for item in part:
            yield from _names_in(item)


def _of_the_hmc(properties: dict[str, Any]) -> bool:
    """Tasks, and the roles and password rules that nobody there has made."""
    kind = properties.get("class")
    return kind == "task" or (kind in ("user-role", "password-rule") and properties.get("type") == "system-defined")


def _is_mask(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    bits = f"{int(address):b}"
    return len(bits) == address.max_prefixlen and bits.startswith("11111111") and "01" not in bits


def _ipv4(number: int) -> str:
    """TEST-NET-1 first; what is set aside for benchmarks has room for more than a hundred thousand."""
    return f"192.0.2.{number}" if number < 255 else str(ipaddress.IPv4Address("198.18.0.0") + number)
