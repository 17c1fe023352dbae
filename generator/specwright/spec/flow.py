"""YAML data on one line, as a maintainer would write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .written import YamlData

__all__ = ["flow"]


def flow(data: YamlData) -> str:
    """`{by: limit, up_to: {50: 2}}`, `[a, b]`, `true`, `none`."""
    match data:
        case None:
            return "none"
        case bool():
            return "yes" if data else "no"
        case str():
            return data
        case Mapping():
            return "{" + ", ".join(f"{name}: {flow(value)}" for name, value in data.items()) + "}"
        case Sequence():
            return "[" + ", ".join(flow(value) for value in data) + "]"
    return str(data)
