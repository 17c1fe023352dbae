"""Runs all lints over a spec that has no mistake."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from ..spec.places import Places
from . import deprecations, duplicates, entries, texts, units
from .subject import Fix, Lint, Noted, Subject
from .suppressions import Suppressions
from .walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..spec.dialect.exchange import Spec
    from ..spec.dialect.text import Suppressing
    from ..spec.findings import Finding
    from ..spec.folder import SpecParts
    from ..spec.position import Position
    from ..spec.reading import LoadResult

__all__ = ["LINTS", "Checked", "lint"]

LINTS: Final[Sequence[Lint]] = (
    *texts.LINTS,
    *entries.LINTS,
    *deprecations.LINTS,
    *units.LINTS,
    *duplicates.LINTS,
)


@frozen
class Checked:
    """What was found in a spec."""

    findings: list[Finding]
    """Mistakes, or what the linter found and nobody suppresses; by place."""
    suppressed: list[tuple[Finding, str]] = field(factory=list)
    """What is suppressed, with the reason."""
    fixes: list[Fix] = field(factory=list)
    """What would make findings go away."""


def lint(result: LoadResult, *, release: tuple[int, int, int] | None = None) -> Checked:
    """Mistakes where there are any: a spec is linted when it has none.

    Args:
        result: What was read.
        release: The version of the package that is about to be released; None: nothing can be overdue.
    """
    if result.spec is None:
        return Checked(result.findings)
    subjects = list(_subjects(result.spec, result.parts, release))
    noted = [*_warnings(result.findings, subjects), *(each for subject in subjects for each in _linted(subject))]
    suppressions = Suppressions()
    kept: list[Noted] = []
    suppressed: list[tuple[Finding, str]] = []
    for each in noted:
        reason = suppressions.reason(each)
        if reason is None:
            kept.append(each)
        else:
            suppressed.append((each.finding, reason))
    findings = [*(each.finding for each in kept), *suppressions.of_no_use(subjects)]
    return Checked(
        sorted(findings, key=_by_place),
        sorted(suppressed, key=lambda pair: _by_place(pair[0])),
        [each.fix for each in kept if each.fix is not None],
    )


def _by_place(finding: Finding) -> tuple[Position, str, str]:
    return finding.position, str(finding.code), finding.message


def _subjects(spec: Spec, parts: SpecParts, release: tuple[int, int, int] | None) -> Iterator[Subject]:
    places = Places({identity: noted for part in parts.parts() for identity, noted in part.binding.nodes.items()})
    for product in spec.products.values():
        yield Subject(spec, product, places, tuple(walk(product)), release)


def _linted(subject: Subject) -> Iterator[Noted]:
    for each in LINTS:
        yield from each(subject)


def _warnings(findings: Iterable[Finding], subjects: Iterable[Subject]) -> Iterator[Noted]:
    """What the checks warned of, with the entries that it is about."""
    owners: dict[Position, tuple[Suppressing, ...]] = {}
    folders: dict[Path, Suppressing] = {}
    for subject in subjects:
        folders[Path(subject.product.position.path).parent] = subject.product
        for visit in subject.visits:
            position = getattr(visit.thing, "position", None)
            if position is not None:
                owners.setdefault(position, visit.owners)
    for finding in findings:
        around = tuple(folders[parent] for parent in Path(finding.position.path).parents if parent in folders)
        yield Noted(finding, owners.get(finding.position, around))
