"""Single values of an INI file, checked; each failure names file, section and key."""

from __future__ import annotations

import configparser
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


class ConfigError(Exception):
    """The file is wrong; the text names the file, the key and what to do."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads single values; each failure names file, section and key, and never shows a value that may be secret."""

    path: Path
    parser: configparser.ConfigParser

    def wrong(self, section: str, key: str, what: str) -> ConfigError:
        """What is wrong with a key, to be raised."""
        return ConfigError(f"{self.path}: [{section}] {key}: {what}")

    def text(self, section: str, key: str) -> str:
        """A text that is not empty."""
        value = self.parser.get(section, key, fallback="")
        if not value:
            raise self.wrong(section, key, "is missing")
        return value

    def existing(self, section: str, key: str) -> str:
        """The path of something that exists."""
        value = self.text(section, key)
        if not Path(value).exists():
            raise self.wrong(section, key, f"there is no file or directory {value}")
        return value

    def url(self, section: str, key: str) -> str:
        """An address of HTTP."""
        value = self.text(section, key)
        try:
            parts = urlsplit(value)
            good = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise self.wrong(section, key, f"{value!r} is no URL such as http://127.0.0.1:9696")
        return value

    def transport_url(self, section: str, key: str) -> str:
        """A broker's address; it holds a password, so no message shows it."""
        value = self.text(section, key)
        try:
            parts = urlsplit(value)
            good = parts.scheme == "rabbit" and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise self.wrong(section, key, "is no URL such as rabbit://user:password@127.0.0.1:5672/")
        return value

    def pairs(self, section: str, key: str) -> Mapping[str, str]:
        """NAME:VALUE, NAME:VALUE as in Neutron's own mappings."""
        items = [item.strip().partition(":") for item in self.text(section, key).split(",")]
        pairs = {name: value for name, _, value in items}
        if not all(name and value for name, value in pairs.items()) or len(pairs) < len(items):
            raise self.wrong(section, key, "is not like physnet1:OBJECT-ID, physnet2:OBJECT-ID")
        return pairs

    def seconds(self, section: str, key: str, default: float) -> float:
        """A time above 0."""
        value = self._number(section, key, float, default, "a number of seconds")
        if not math.isfinite(value) or value <= 0:
            raise self.wrong(section, key, f"{value:g} is no time; give seconds above 0")
        return value

    def count(self, section: str, key: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
        """A whole number within bounds."""
        value = self._number(section, key, int, default, "a whole number")
        if not least <= value <= most:
            raise self.wrong(section, key, f"{value} is not between {least} and {most}")
        return value

    def _number(self, section: str, key: str, kind: Callable[[str], T], default: T, what: str) -> T:
        value = self.parser.get(section, key, fallback=None)
        try:
            return default if value is None else kind(value)
        except ValueError:
            raise self.wrong(section, key, f"{value!r} is not {what}") from None
