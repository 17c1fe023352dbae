"""What a single change is."""

from __future__ import annotations

from attrs import frozen


@frozen
class SingleChange:
    """Replaces the first `old` of a file by `new`; an empty `old` appends."""

    title: str
    file: str
    old: str
    new: str
    expected: tuple[str, ...]
    """`class kind path action`, where the action of a change is the fact."""


def change(title: str, file: str, old: str, new: str, *expected: str) -> SingleChange:
    return SingleChange(title, file, old, new, expected)
