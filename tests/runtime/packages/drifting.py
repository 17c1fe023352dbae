"""What becomes of a JSON value when an exchange drifts, and text that keeps each of its numbers as it is."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specwright.runtime.wire import JsonValue

__all__ = ["STRANGE", "Choose", "drift", "json_text"]

T = TypeVar("T")

STRANGE: list[JsonValue] = [
    None,
    True,
    0,
    -1,
    2**80,
    Decimal("1.50"),
    Decimal("1E+3"),
    Decimal("-2.5E-9"),
    "",
    "12",
    "-0.10",
    "text",
    "true",
    [],
    {},
    [None],
    [1, "2"],
    {"code": -1, "msg": "no"},
    {"filterType": "NEW"},
]
"""What a field may be retyped to."""


class Choose(Protocol):
    """Takes one of several: by chance, or as a test's search wants."""

    def __call__(self, options: Sequence[T], /) -> T: ...


def drift(value: JsonValue, changes: int, choose: Choose, strange: Sequence[JsonValue] = STRANGE) -> JsonValue:
    """The value after some changes, anywhere inside: dropped, retyped, nulled, nested, added.

    Args:
        value: What would have been sent; it stays as it is.
        changes: How many.
        choose: Takes places and kinds of changes.
        strange: What something is retyped to.
    """
    holder: list[JsonValue] = [copy.deepcopy(value)]
    for _ in range(changes):
        _change(holder, choose, strange)
    return holder[0]


def _change(holder: list[JsonValue], choose: Choose, strange: Sequence[JsonValue]) -> None:
    path = choose(_places(holder[0], [0]))
    parent: JsonValue = holder
    for step in path[:-1]:
        parent = _inside(parent, step)
    assert isinstance(parent, list | dict)
    key, value = path[-1], _inside(parent, path[-1])
    # A copy, because later changes may go inside of it.
    other = copy.deepcopy(choose(strange))
    match choose(["drop", "retype", "retype", "null", "nest", "wrap", "add"]):
        case "drop" if len(path) > 1:
            if isinstance(parent, dict):
                del parent[str(key)]
            else:
                del parent[int(key)]
            return
        case "null":
            value = None
        case "nest":
            value = {"value": value}
        case "wrap":
            value = [value]
        case "add" if isinstance(value, dict):
            value = {**value, choose(["novel", "code", "msg", "tickSize", '"quoted"']): other}
        case "add" if isinstance(value, list):
            value = [*value, other]
        case _:
            value = other
    if isinstance(parent, dict):
        parent[str(key)] = value
    else:
        parent[int(key)] = value


def _places(value: JsonValue, path: list[str | int]) -> list[list[str | int]]:
    inside: list[tuple[str | int, JsonValue]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    return [path] + [place for key, each in inside for place in _places(each, [*path, key])]


def _inside(value: JsonValue, key: str | int) -> JsonValue:
    if isinstance(value, dict):
        return value[str(key)]
    assert isinstance(value, list)
    return value[int(key)]


def json_text(value: JsonValue) -> bytes:
    """JSON text in which every number stands as it is: `1E+3` stays so."""
    return msgspec.json.encode(_raw(value))


def _raw(value: JsonValue) -> object:
    if isinstance(value, Decimal):
        return msgspec.Raw(str(value).encode())
    if isinstance(value, list):
        return [_raw(each) for each in value]
    if isinstance(value, dict):
        return {key: _raw(each) for key, each in value.items()}
    return value
