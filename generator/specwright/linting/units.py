"""Lints about units: the same amount has the same unit, spelt in one way."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from ..spec.dialect.params import Param
from ..spec.dialect.types import Scalar
from ..spec.dialect.vocabulary import Field
from ..spec.findings import Code
from ..spec.names import python_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Noted, Subject, Visit

__all__ = ["LINTS"]

_NOISE: Final = re.compile(r"^(?:an?|the|in) |[^a-z0-9%$]|s$")
"""What two spellings of one unit differ in: articles, capitals, marks, the plural."""


def spells_a_unit_in_one_way(subject: Subject) -> Iterator[Noted]:
    """`the asset` beside `asset`, `Contracts` beside `contract`: the rarer spelling is noted."""
    visits = [(visit, unit) for visit in subject.of_type(Field, Param) if (unit := _unit(visit)) is not None]
    counts = Counter(unit for _, unit in visits)
    usual: dict[str, str] = {}
    for unit, _ in counts.most_common():
        usual.setdefault(_NOISE.sub("", unit.casefold()), unit)
    for visit, unit in visits:
        other = usual[_NOISE.sub("", unit.casefold())]
        if other != unit:
            yield subject.note(visit, Code.UNIT_SPELLING, f"the unit is spelt '{other}' elsewhere", "unit")


def has_a_unit_wherever_it_stands(subject: Subject) -> Iterator[Noted]:
    """A decimal field whose namesakes all have one unit has it too."""
    units: defaultdict[str, set[str]] = defaultdict(set)
    without: list[tuple[Visit, Field, str]] = []
    for visit in subject.of_type(Field):
        field = visit.thing
        assert isinstance(field, Field)
        if isinstance(field.type, Scalar) and field.type.kind in ("decimal", "number"):
            name = python_name(field)
            if field.unit is None:
                without.append((visit, field, name))
            else:
                units[name].add(field.unit)
    for visit, field, name in without:
        if len(units[name]) == 1:
            (unit,) = units[name]
            message = f"every other '{name}' is counted in '{unit}'"
            yield subject.note(visit, Code.UNIT_MISSING, message, position=field.position)


def _unit(visit: Visit) -> str | None:
    assert isinstance(visit.thing, Field | Param)
    return visit.thing.unit


LINTS: Final = (spells_a_unit_in_one_way, has_a_unit_wherever_it_stands)
