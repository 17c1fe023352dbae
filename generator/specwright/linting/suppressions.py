"""Findings that an entry suppresses with a reason, and suppressions that suppress nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from ..spec.dialect.text import Suppressing
from ..spec.findings import Code, Finding, nearest
from .subject import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .subject import Noted, Subject

__all__ = ["Suppressions"]

_ABOUT_SUPPRESSIONS = (Code.UNKNOWN_SUPPRESSION, Code.UNUSED_SUPPRESSION)


@define
class Suppressions:
    """Which suppressions took effect."""

    used: set[tuple[int, str]] = field(factory=set)
    """Identity of the entry, code."""

    def reason(self, noted: Noted) -> str | None:
        """Why a finding shall stay, as the innermost entry around it says; None where none does."""
        code = str(noted.finding.code)
        for owner in reversed(noted.owners):
            if code in owner.suppress:
                self.used.add((id(owner), code))
                return owner.suppress[code]
        return None

    def of_no_use(self, subjects: Iterable[Subject]) -> Iterator[Finding]:
        """Suppressions of codes that there are not, and of findings that there are not."""
        known = {str(code) for code in SEVERITIES if code not in _ABOUT_SUPPRESSIONS}
        for subject in subjects:
            for visit in subject.of_type(Suppressing):
                thing = visit.thing
                assert isinstance(thing, Suppressing)
                for name in thing.suppress:
                    if (id(thing), name) in self.used:
                        continue
                    code = Code.UNUSED_SUPPRESSION if name in known else Code.UNKNOWN_SUPPRESSION
                    message = (
                        f"there is no '{name}' here to suppress" if name in known else f"the linter has no '{name}'"
                    )
                    position = subject.places.key_at(thing, "suppress", name)
                    suggestion = None if name in known else nearest(name, known)
                    yield Finding(position, code, message, suggestion, SEVERITIES[code])
