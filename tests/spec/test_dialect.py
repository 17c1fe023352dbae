"""The tables of keys and the dialect's classes say the same."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from specwright.spec.bind.files import EXCHANGE_FILE, FOLDER_FILES, PRODUCT_FILES
from specwright.spec.bind.shape import Entry, Kind
from specwright.spec.dialect.operations import Carrier, Operation, Resolution
from specwright.spec.dialect.params import Param
from specwright.spec.dialect.streams import Event, Stream
from specwright.spec.dialect.vocabulary import EnumValue, Field

if TYPE_CHECKING:
    from collections.abc import Iterator


def entries(kind: Kind[Any], seen: set[int]) -> Iterator[Entry[Any]]:
    """All entries that a kind leads to."""
    if id(kind) in seen:
        return
    seen.add(id(kind))
    if isinstance(kind, Entry):
        yield kind
        for key in kind.keys.values():
            yield from entries(key.kind, seen)
    attributes: tuple[attrs.Attribute[Any], ...] = getattr(type(kind), "__attrs_attrs__", ())
    for attribute in attributes:
        value = getattr(kind, attribute.name)
        for inner in value.values() if isinstance(value, dict) else [value]:
            if isinstance(inner, Kind):
                yield from entries(inner, seen)


def all_entries() -> list[Entry[Any]]:
    seen: set[int] = set()
    roots: list[Kind[Any]] = [EXCHANGE_FILE, *PRODUCT_FILES.values(), *FOLDER_FILES.values()]
    return [entry for root in roots for entry in entries(root, seen)]


def filled(entry: Entry[Any]) -> set[str]:
    """The attributes that an entry fills."""
    names = {key.target for key in entry.keys.values()}
    names |= {name for name in (entry.name_attribute, entry.group_attribute) if name is not None}
    return names | ({"position"} if entry.placed else set())


def attributes_of(cls: type[Any]) -> set[str]:
    return {attribute.name for attribute in attrs.fields(cls)}


ENTRIES = all_entries()
ELSEWHERE = {"a WebSocket API carrier": {"path"}}
"""Attributes that an entry leaves alone, because they are another entry's."""


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.noun)
def test_an_entry_fills_exactly_what_its_class_has(entry: Entry[Any]) -> None:
    if inspect.isclass(entry.build):
        assert filled(entry) | ELSEWHERE.get(entry.noun, set()) == attributes_of(entry.build)
    else:
        parameters = inspect.signature(entry.build).parameters
        named = {name for name, each in parameters.items() if each.kind is not inspect.Parameter.VAR_KEYWORD}
        assert named <= filled(entry)
        assert named == filled(entry) or len(named) < len(parameters)


def test_an_operation_can_say_all_that_its_class_has() -> None:
    entry = next(entry for entry in ENTRIES if entry.noun == "an operation")
    assert filled(entry) == attributes_of(Operation)


def test_every_key_says_what_it_is_for() -> None:
    silent = [(entry.noun, key.name) for entry in ENTRIES for key in entry.keys.values() if not key.says.endswith(".")]
    assert silent == []


def test_every_entry_is_told_apart_by_its_noun() -> None:
    nouns = [entry.noun for entry in ENTRIES]
    assert sorted(nouns) == sorted(set(nouns))


def test_the_tables_lead_to_every_class_that_a_spec_describes() -> None:
    built = {entry.build for entry in ENTRIES}
    described = {Param, Field, EnumValue, Carrier, Resolution, Stream, Event}
    assert described <= built
