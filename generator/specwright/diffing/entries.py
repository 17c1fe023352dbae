"""Entries of the spec as things: what stands under each key is a fact, as the dialect's tables tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..spec.bind.shape import Entry, MapOf
from ..spec.written import written_value
from .things import Thing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .things import Fact, Kind

__all__ = ["NOT_FACTS", "facts_of", "items", "named_entries", "named_thing", "renamed_thing"]

NOT_FACTS = frozenset({"suppress", "renamed_from", "example"})
"""Keys that say nothing of the client by themselves."""


def facts_of(entry: Entry[Any], thing: Any, *, without: Iterable[str] = ()) -> dict[str, Fact]:
    """What stands under each key of an entry, None where nothing does; the keys in `without` are other things."""
    facts: dict[str, Fact] = {}
    for name, key in entry.keys.items():
        if name in NOT_FACTS or name in without:
            continue
        value = getattr(thing, key.target)
        if name == "examples":
            facts[name] = [example.value for example in value]
        else:
            facts[name] = None if value is None else written_value(key.kind, value)
    return facts


def named_thing(kind: Kind, path: str, name: str, facts: Mapping[str, Fact]) -> Thing:
    return Thing(kind, path, (f"name:{name}",), facts)


def renamed_thing(kind: Kind, path: str, thing: Any, facts: Mapping[str, Fact], parts: Iterable[Thing]) -> Thing:
    former = frozenset(f"name:{name}" for name in thing.renamed_from)
    return Thing(kind, path, (f"name:{thing.name}",), facts, tuple(parts), former)


def named_entries(kind: Kind, file: Entry[Any], section: str, things: Mapping[str, Any]) -> list[Thing]:
    entry = file.keys[section].kind
    assert isinstance(entry, MapOf)
    assert isinstance(entry.value, Entry)
    return [
        named_thing(kind, f"{section}.{name}", name, facts_of(entry.value, thing)) for name, thing in things.items()
    ]


def items(data: Any) -> Iterable[tuple[str, Any]]:
    items: Iterable[tuple[str, Any]] = data.items()
    return items
