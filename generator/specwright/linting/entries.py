"""Lints about single entries: their page, their reasons, their dates, their fields."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

from ..spec.dialect.operations import Carrier, Operation
from ..spec.dialect.params import Param
from ..spec.dialect.streams import Event, Stream
from ..spec.dialect.text import Deprecation
from ..spec.dialect.types import Scalar
from ..spec.dialect.vocabulary import Field
from ..spec.findings import Code
from ..spec.names import python_name, snake_case, words
from ..spec.nodes import MappingNode, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..spec.nodes import Node
    from .subject import Noted, Subject, Visit

__all__ = ["LINTS"]

_DATE: Final = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
_SECRETS: Final = frozenset({"listenKey", "apiSecret", "secretKey", "signature", "token", "privateKey"})


def names_its_page(subject: Subject) -> Iterator[Noted]:
    """Operations, streams and events link to where the exchange documents them."""
    for visit in subject.of_type(Operation, Stream, Event):
        thing = visit.thing
        assert isinstance(thing, Operation | Stream | Event)
        carriers = thing.carriers if isinstance(thing, Operation) else []
        if thing.documentation is None and not any(carrier.documentation for carrier in carriers):
            message = "it does not name its page in the documentation"
            yield subject.note(visit, Code.NO_DOCUMENTATION, message, position=thing.position)


def gives_its_reason(subject: Subject) -> Iterator[Noted]:
    """A repeated order is money: `retry` against the method's nature has a comment, and so has an assumed weight."""
    for visit in subject.of_type(Operation):
        operation = visit.thing
        assert isinstance(operation, Operation)
        reads = operation.rest is not None and operation.rest.method == "GET"
        node = subject.value_at(operation, "retry")
        unusual = operation.rest is not None and (operation.retry == "safe") != reads
        if node is not None and unusual and not _has_comment(node):
            message = f"no comment says why it is '{operation.retry}' to repeat it"
            yield subject.note(visit, Code.NO_REASON, message, "retry")
        for key, carrier in (("rest", operation.rest), ("ws", operation.ws)):
            yield from _assumption(subject, visit, key, carrier)


def _assumption(subject: Subject, visit: Visit, key: str, carrier: Carrier | None) -> Iterator[Noted]:
    if carrier is None or not carrier.weight_assumed:
        return
    around = subject.places.node_of(visit.thing)
    assert isinstance(around, MappingNode)
    nodes = [around.entries[key][0], subject.value_at(carrier, "weight_assumed")]
    if not any(node is not None and _has_comment(node) for node in nodes):
        message = "no comment says what the assumed weight goes by"
        yield subject.note(visit, Code.NO_REASON, message, key, "weight_assumed")


def _has_comment(node: Node) -> bool:
    """Whether a comment stands on a node's line, or on the line above it."""
    lines = node.source.lines
    above = lines[node.line - 1].lstrip() if node.line > 0 else ""
    return above.startswith("#") or " #" in lines[node.line]


def writes_dates_in_one_way(subject: Subject) -> Iterator[Noted]:
    """`since` is a day, or a month where the exchange tells no more."""
    for visit in subject.of_type(Operation, Stream, Event, Param, Field, Deprecation):
        since = getattr(visit.thing, "since", None)
        if since is not None and not _is_date(since):
            yield subject.note(
                visit, Code.MALFORMED_DATE, f"'{since}' is not a date such as 2026-01-31 or 2026-01", "since"
            )


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text if len(text) > len("2026-01") else f"{text}-01")
    except ValueError:
        return False
    return True


def marks_secrets(subject: Subject) -> Iterator[Noted]:
    """Fields whose name says that they give access stay out of logs."""
    for visit in subject.of_type(Field):
        field = visit.thing
        assert isinstance(field, Field)
        if field.wire in _SECRETS and not field.secret:
            message = f"'{field.wire}' gives access to an account, and is not `secret: true`"
            yield subject.note(visit, Code.SECRET_UNMARKED, message, position=field.position)


def has_times_as_timestamps(subject: Subject) -> Iterator[Noted]:
    """A whole number called a time is a timestamp; what counts a duration has a unit."""
    for visit in subject.of_type(Field, Param):
        member = visit.thing
        assert isinstance(member, Field | Param)
        is_number = isinstance(member.type, Scalar) and member.type.kind == "int"
        if is_number and member.unit is None and words(python_name(member))[-1:] == ["time"]:
            message = f"'{member.wire}' is called a time; make it a timestamp, or give the number a unit"
            yield subject.note(visit, Code.TIME_AS_NUMBER, message, position=member.position)


_UNSAID: Final[dict[type, dict[str, str]]] = {
    Param: {"required": "false"},
    Field: {"optional": "false", "nullable": "false", "blank": "false", "secret": "false"},
    Carrier: {"weight_assumed": "false"},
}
"""Keys that say what holds without them."""


def says_nothing_twice(subject: Subject) -> Iterator[Noted]:
    """Defaults of the dialect, a name that would be derived, a method that can be repeated by nature."""
    for visit in subject.of_type(*_UNSAID):
        for key, unsaid in _UNSAID[type(visit.thing)].items():
            node = _value(subject, visit, key)
            if isinstance(node, ScalarNode) and node.text == unsaid:
                yield subject.note(visit, Code.REDUNDANT, f"'{key}: {unsaid}' goes without saying", key)
    for visit in subject.of_type(Field, Param):
        member = visit.thing
        assert isinstance(member, Field | Param)
        if member.name is not None and member.name == snake_case(member.wire):
            yield subject.note(visit, Code.REDUNDANT, f"'{member.name}' is derived from '{member.wire}' anyway", "name")


def _value(subject: Subject, visit: Visit, key: str) -> Node | None:
    return subject.value_at(visit.thing, key)


LINTS: Final = (
    names_its_page,
    gives_its_reason,
    writes_dates_in_one_way,
    marks_secrets,
    has_times_as_timestamps,
    says_nothing_twice,
)
