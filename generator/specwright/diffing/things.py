"""A spec as a tree of things with facts: the form in which two specs are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..spec.written import YamlData

__all__ = ["Allowed", "Fact", "Kind", "Thing", "Typed"]

Kind: TypeAlias = Literal[
    "spec",
    "budget",
    "product",
    "environment",
    "route",
    "security type",
    "group",
    "enum",
    "value",
    "model",
    "union",
    "variant",
    "field",
    "input",
    "operation",
    "call",
    "parameter",
    "rule",
    "stream",
    "event",
    "error",
    "http error",
]
"""A `call` is an operation over one carrier: a method with a signature of its own."""


@frozen
class Typed:
    """A type as the spec writes it, and as what Python sees of it."""

    spelt: YamlData
    python: str
    """Without the names of enums: they are text or numbers when the program runs."""
    names_values: bool
    """An enum is among it, whose values a type checker knows."""


@frozen
class Allowed:
    """What a parameter takes, where that is a list of values: its own, or those of its enum."""

    said: YamlData
    """The list, or the enum's name; an enum that grows is a change of the enum, not of every parameter."""
    values: tuple[str, ...] = field(eq=False)


Fact: TypeAlias = "YamlData | Typed | Allowed"


@frozen
class Thing:
    """Something that a spec describes."""

    kind: Kind
    path: str
    """How a user or a maintainer calls it: `trade.new_order(symbol)`, `models.OrderAck.price`."""
    identities: tuple[str, ...]
    """What tells that two specs speak of the same thing, the surest first."""
    facts: Mapping[str, Fact]
    parts: tuple[Thing, ...] = ()
    former: frozenset[str] = frozenset()
    """Identities that it had before, as the spec declares."""
    marks: frozenset[str] = frozenset()
    """What a judge asks about the thing, though a change of it is none by itself."""
    over: str | None = None
    """The carrier, for calls (and what is part of them) of operations that have two."""

    def walk(self) -> Iterator[Thing]:
        """This thing and all that is part of it."""
        yield self
        for part in self.parts:
            yield from part.walk()
