"""The words of the control interface as a table, read from the methods of `Control`, so that no door can lack one."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_origin, get_type_hints

from harness.errors import BadInput
from harness.hmc.control.known import check_plain
from harness.hmc.control.words import Control


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a word."""

    name: str
    kind: type
    """str, int, float, bool or dict."""
    default: object
    """`inspect.Parameter.empty` where it has to be told."""

    @property
    def required(self) -> bool:
        """Whether it has to be told."""
        return self.default is inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the control interface."""

    name: str
    """As it is typed: with hyphens."""
    says: str
    parameters: tuple[Parameter, ...]

    async def carry_out(self, control: Control, told: Mapping[str, object]) -> object:
        """Do it, with parameters that come from outside; the result can be written as JSON.

        Raises:
            BadInput: a parameter is missing, unknown or of another type, or the HMC cannot do it.
        """
        result = getattr(control, self.name.replace("-", "_"))(**self.checked(told))
        return await result if inspect.isawaitable(result) else result

    def checked(self, told: Mapping[str, object]) -> dict[str, object]:
        """The parameters, each of its type.

        Raises:
            BadInput: one is missing, unknown or of another type.
        """
        names = [parameter.name for parameter in self.parameters]
        if unknown := [name for name in told if name not in names]:
            raise BadInput(f"{self.name} has no parameter {unknown[0]!r}; it has {', '.join(names) or 'none'}")
        if missing := [item.name for item in self.parameters if item.required and item.name not in told]:
            raise BadInput(f"{self.name} needs the parameter {missing[0]!r}")
        return {item.name: _fitting(item, told[item.name]) for item in self.parameters if item.name in told}


def _fitting(parameter: Parameter, value: object) -> object:
    if parameter.kind is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError as error:
            raise BadInput(f"the parameter {parameter.name!r} has to be finite; no number is so large") from error
    if isinstance(value, float) and not math.isfinite(value):
        raise BadInput(f"the parameter {parameter.name!r} has to be finite, not {value!r}")
    if not isinstance(value, parameter.kind) or (isinstance(value, bool) and parameter.kind is not bool):
        names = {str: "text", int: "a whole number", float: "a number", bool: "true or false", dict: "an object"}
        raise BadInput(f"the parameter {parameter.name!r} has to be {names[parameter.kind]}, not {value!r}")
    check_plain(f"the parameter {parameter.name!r}", value)
    return value


def _word(name: str, method: Any) -> Word:
    hints = get_type_hints(method)
    parameters = [
        Parameter(item.name, get_origin(hints[item.name]) or hints[item.name], item.default)
        for item in inspect.signature(method).parameters.values()
        if item.name != "self"
    ]
    return Word(name.replace("_", "-"), " ".join((inspect.getdoc(method) or "").split()), tuple(parameters))


WORDS = {
    word.name: word
    for word in (_word(name, method) for name, method in vars(Control).items() if not name.startswith("_"))
}
