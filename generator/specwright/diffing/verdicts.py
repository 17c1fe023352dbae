"""How a change of one fact is judged: small judges, which the table of classes is made of."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import frozen

from .things import Allowed, Thing, Typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .things import Fact

__all__ = [
    "LEVELS",
    "Judge",
    "Level",
    "Seen",
    "Verdict",
    "additive",
    "appears",
    "breaking",
    "internal",
    "larger",
    "named",
    "positions",
    "received",
    "sent",
    "smaller",
    "switch",
    "unless",
    "values",
    "wording",
]

Level: TypeAlias = Literal["breaking", "additive", "internal"]

LEVELS: Final[tuple[Level, ...]] = ("breaking", "additive", "internal")
"""The gravest first."""


@frozen
class Verdict:
    """The class of a change, and why."""

    level: Level
    reason: str
    is_wording: bool = False
    """Only what is told to readers changed."""


@frozen
class Seen:
    """What a judge looks at: a fact before and after, and whose it is. A thing that is new has no `before`."""

    old: Fact
    new: Fact
    before: Thing | None
    after: Thing | None


Judge: TypeAlias = "Callable[[Seen], Verdict]"


def breaking(reason: str) -> Judge:
    """Every change breaks code that was right."""
    return lambda seen: Verdict("breaking", reason)


def additive(reason: str) -> Judge:
    """Every change adds to what a user can do, and takes nothing away."""
    return lambda seen: Verdict("additive", reason)


def internal(reason: str) -> Judge:
    """No change is seen by code that uses the client."""
    return lambda seen: Verdict("internal", reason)


def wording(reason: str = "only what readers are told changed") -> Judge:
    """Nothing but documentation."""
    return lambda seen: Verdict("internal", reason, is_wording=True)


def switch(*, on: Judge, off: Judge) -> Judge:
    """A fact that is true or false."""
    return lambda seen: (on if seen.new else off)(seen)


def appears(*, added: Judge, gone: Judge, changed: Judge) -> Judge:
    """A fact that is there or is not."""

    def judge(seen: Seen) -> Verdict:
        return (added if seen.old is None else gone if seen.new is None else changed)(seen)

    return judge


def unless(fact: str, *, then: Judge, otherwise: Judge) -> Judge:
    """Judged by `then` where the thing, as it is now (or was, when it is gone), has a fact or a mark."""

    def judge(seen: Seen) -> Verdict:
        thing = seen.after or seen.before
        holds = thing is not None and (fact in thing.marks or bool(thing.facts.get(fact)))
        return (then if holds else otherwise)(seen)

    return judge


# --- Bounds and sets --------------------------------------------------------------------------------------------------


def _bound(*, upper: bool) -> Judge:
    def judge(seen: Seen) -> Verdict:
        if seen.new is None:
            return Verdict("additive", "the bound is gone")
        if seen.old is not None and (_number(seen.new) > _number(seen.old)) == upper:
            return Verdict("additive", "more values are taken than before")
        return Verdict("additive", "values that the exchange refuses are refused before they are sent")

    return judge


def _number(fact: Fact) -> Decimal:
    return Decimal(str(fact))


smaller: Final = _bound(upper=False)
"""A lower bound: a smaller one takes more."""

larger: Final = _bound(upper=True)
"""An upper bound: a larger one takes more."""


def values(seen: Seen) -> Verdict:
    """The values that a parameter takes."""
    if not isinstance(seen.new, Allowed):
        return Verdict("additive", "any value is taken now")
    if not isinstance(seen.old, Allowed):
        return Verdict("breaking", f"only {', '.join(seen.new.values)} are taken now")
    lost = [value for value in seen.old.values if value not in seen.new.values]
    if lost:
        return Verdict("breaking", f"no longer taken: {', '.join(lost)}")
    won = [value for value in seen.new.values if value not in seen.old.values]
    if won:
        return Verdict("additive", f"taken now: {', '.join(won)}")
    return Verdict("internal", "the same values in another order or under another name")


def positions(seen: Seen) -> Verdict:
    """The order of parameters that can be given by position."""
    old, new = (list(fact) if isinstance(fact, list) else [] for fact in (seen.old, seen.new))
    if old == new[: len(old)]:
        return Verdict("additive", "the parameters before keep their places")
    return Verdict("breaking", "arguments that are given by position mean something else now")


# --- Names and types --------------------------------------------------------------------------------------------------


def named(what: str) -> Judge:
    """A Python name, of which the spec may say what it was before."""

    def judge(seen: Seen) -> Verdict:
        old = str(seen.old)
        formerly = seen.after.former if seen.after is not None else frozenset()
        if any(identity.partition(":")[2] == old.rpartition(".")[2] for identity in formerly) and _same_owner(seen):
            return Verdict("additive", f"the old {what} is declared in renamed_from, and keeps working with a warning")
        return Verdict("breaking", f"the old {what} is gone; with it in renamed_from it would keep working")

    return judge


def _same_owner(seen: Seen) -> bool:
    return str(seen.old).rpartition(".")[0] == str(seen.new).rpartition(".")[0]


def received(seen: Seen) -> Verdict:
    """A type of what the exchange sends: what is read must be what was promised before."""
    old, new = seen.old, seen.new
    if not isinstance(old, Typed):
        return Verdict("additive", "there was nothing to read before")
    if not isinstance(new, Typed):
        return Verdict("breaking", "there is nothing to read any more")
    if old.python != new.python:
        return Verdict("breaking", f"it is read as {new.python}, not as {old.python}")
    if new.names_values and not old.names_values:
        return Verdict("additive", "the same at run time; a type checker knows its values now")
    return Verdict("internal", f"it is read as {new.python}, as before")


_TAKES: Final[Mapping[str, frozenset[str]]] = {
    "DecimalInput": frozenset({"int"}),
    "JsonValue": frozenset({"str", "int", "bool"}),
}
"""Types of arguments → types whose every value they take too."""


def sent(seen: Seen) -> Verdict:
    """A type of what the caller sends: what was taken before must still be taken."""
    old, new = seen.old, seen.new
    assert isinstance(old, Typed)
    assert isinstance(new, Typed)
    if old.python == new.python:
        return Verdict("internal", f"{new.python} is taken, as before")
    if old.python in _TAKES.get(new.python, frozenset()):
        return Verdict("additive", f"{new.python} is taken, which {old.python} is too")
    return Verdict("breaking", f"{new.python} is taken, not {old.python}")
