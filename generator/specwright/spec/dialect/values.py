"""Values that a spec writes down: scalars, and the JSON of its examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

__all__ = ["JsonValue", "WireValue"]


JsonValue: TypeAlias = "bool | int | Decimal | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
"""A decoded JSON document; numbers with a fraction are `Decimal`, so that no digit of an example is lost."""

WireValue: TypeAlias = "str | int | Decimal | bool"
"""A scalar that the spec writes down: a default, an allowed value, a bound."""
