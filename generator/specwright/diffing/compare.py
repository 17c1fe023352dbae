"""Two specs side by side: which things are the same, and what changed about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import evolve, frozen

from .classes import CLASSES
from .surface import former_types, surface
from .verdicts import LEVELS, Seen, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..spec.dialect.exchange import Spec
    from .things import Fact, Kind, Thing

__all__ = ["Action", "Change", "compare_specs"]

Action: TypeAlias = Literal["added", "removed", "changed"]


@frozen
class Change:
    """One difference, and what it means for code that uses the client."""

    product: str | None
    """None: of the whole package."""
    kind: Kind
    path: str
    action: Action
    fact: str | None
    """Which fact changed; None: the thing itself is new or gone."""
    old: Fact
    new: Fact
    verdict: Verdict
    over: tuple[str, ...] = ()
    """The carriers that it is about, where the operation has others that it is not about."""


def compare_specs(old: Spec, new: Spec) -> list[Change]:
    """All changes from one spec to another, the gravest first, otherwise in the order of the spec."""
    renamed = former_types(new)
    changes = _merged(_changes(surface(old, renamed), surface(new), None))
    return sorted(changes, key=lambda change: LEVELS.index(change.verdict.level))


def _changes(old: Thing, new: Thing, product: str | None) -> Iterator[Change]:
    """What changed about one thing and what is part of it."""
    judged = CLASSES[new.kind]
    for name in {**old.facts, **new.facts}:
        before, fact = old.facts.get(name), new.facts.get(name)
        if before != fact:
            verdict = judged.facts[name](Seen(before, fact, old, new))
            yield _change(new, product, "changed", verdict, name, before, fact)
    product = new.path if new.kind == "product" else product
    pairs, gone, added = _paired(old.parts, new.parts)
    for before_part, part in pairs:
        yield from _changes(before_part, part, product)
    for thing in added:
        yield _change(thing, product, "added", CLASSES[thing.kind].added(Seen(None, None, None, thing)))
    for thing in gone:
        yield _change(thing, product, "removed", CLASSES[thing.kind].removed(Seen(None, None, thing, None)))


def _change(
    thing: Thing,
    product: str | None,
    action: Action,
    verdict: Verdict,
    fact: str | None = None,
    old: Fact = None,
    new: Fact = None,
) -> Change:
    over = () if thing.over is None else (thing.over,)
    return Change(product, thing.kind, thing.path, action, fact, old, new, verdict, over)


def _paired(old: Sequence[Thing], new: Sequence[Thing]) -> tuple[list[tuple[Thing, Thing]], list[Thing], list[Thing]]:
    """Things that are the same in both, those that are gone, and those that are new.

    The surest identity decides first, then a declared rename, then what else they have in common.
    """
    found: dict[int, Thing] = {}
    matched: set[int] = set()
    for names_of in (_first_identity, _former_identities, _other_identities):
        free = {
            (thing.kind, name): thing
            for thing in old
            if id(thing) not in matched
            for name in (thing.identities if names_of is not _first_identity else thing.identities[:1])
        }
        for thing in new:
            if id(thing) in found:
                continue
            for name in names_of(thing):
                before = free.get((thing.kind, name))
                if before is not None and id(before) not in matched:
                    found[id(thing)] = before
                    matched.add(id(before))
                    break
    pairs = [(found[id(thing)], thing) for thing in new if id(thing) in found]
    gone = [thing for thing in old if id(thing) not in matched]
    return pairs, gone, [thing for thing in new if id(thing) not in found]


def _first_identity(thing: Thing) -> Iterable[str]:
    return thing.identities[:1]


def _former_identities(thing: Thing) -> Iterable[str]:
    return thing.former


def _other_identities(thing: Thing) -> Iterable[str]:
    return thing.identities[1:]


def _merged(changes: Iterable[Change]) -> list[Change]:
    """What changed over both carriers alike is one change."""
    merged: dict[str, Change] = {}
    for change in changes:
        alike = repr(evolve(change, over=()))
        first = merged.get(alike)
        merged[alike] = change if first is None or not change.over else evolve(first, over=())
    return list(merged.values())
