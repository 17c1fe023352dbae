"""What the lints look at, and what they hand in."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen

from ..spec.findings import Code, Finding, Severity
from ..spec.nodes import MappingNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..spec.dialect.exchange import Spec
    from ..spec.dialect.product import Product
    from ..spec.dialect.text import Suppressing
    from ..spec.nodes import Node
    from ..spec.places import Places
    from ..spec.position import Position

__all__ = ["Fix", "Lint", "Noted", "Subject", "Visit"]

SEVERITIES: Mapping[Code, Severity] = {
    Code.NO_FULL_STOP: "warning",
    Code.LOWER_CASE_START: "info",
    Code.BLANKS: "warning",
    Code.NOT_ENGLISH: "warning",
    Code.NOT_CHINESE: "warning",
    Code.NO_SUMMARY: "info",
    Code.NO_DOCUMENTATION: "warning",
    Code.NO_REASON: "warning",
    Code.NO_REPLACEMENT: "info",
    Code.MALFORMED_DATE: "warning",
    Code.MALFORMED_VERSION: "warning",
    Code.OVERDUE: "warning",
    Code.UNIT_SPELLING: "warning",
    Code.UNIT_MISSING: "info",
    Code.SECRET_UNMARKED: "warning",
    Code.TIME_AS_NUMBER: "warning",
    Code.REDUNDANT: "info",
    Code.SAME_VALUES: "info",
    Code.SAME_FIELDS: "info",
    Code.UNUSED: "warning",
    Code.UNKNOWN_SUPPRESSION: "error",
    Code.UNUSED_SUPPRESSION: "warning",
}
"""Every finding that can be suppressed, or that is about suppressions."""


@frozen
class Fix:
    """A safe change of one scalar in a spec file."""

    node: Node
    """What is changed."""
    edit: Callable[[str], str]
    """From its text in the file (without quotes) to the better one; it leaves alone what it cannot mend."""


@frozen
class Noted:
    """A finding, whose it is, and how it goes away."""

    finding: Finding
    owners: tuple[Suppressing, ...]
    """The entries that it is in, the innermost last: each can suppress it."""
    fix: Fix | None = None


@frozen
class Visit:
    """One object of the spec on a walk through it."""

    thing: object
    owners: tuple[Suppressing, ...]


@frozen
class Subject:
    """One product of a spec, and where its parts stand."""

    spec: Spec
    product: Product
    places: Places
    visits: tuple[Visit, ...] = field(repr=False)
    release: tuple[int, int, int] | None = None
    """The version of the package that is about to be released, where one is."""

    def of_type(self, *types: type) -> Iterator[Visit]:
        """The visits of objects of some classes, in the order of the spec."""
        return (visit for visit in self.visits if isinstance(visit.thing, types))

    def note(self, visit: Visit, code: Code, message: str, *path: str | int, position: Position | None = None) -> Noted:
        """A finding about the value at `path` below an object, or at a position."""
        found = position if position is not None else self.places.at(visit.thing, *path)
        return Noted(Finding(found, code, message, severity=SEVERITIES[code]), visit.owners)

    def value_at(self, thing: object, key: str) -> Node | None:
        """The node under a key of an object's entry; None where the key is not written."""
        node = self.places.node_of(thing)
        return node.get(key) if isinstance(node, MappingNode) else None


Lint: TypeAlias = "Callable[[Subject], Iterator[Noted]]"
