"""Which version a set of changes asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .compare import Change
    from .verdicts import Level

__all__ = ["Bump", "next_version", "suggested_bump"]

Bump: TypeAlias = Literal["major", "minor", "patch", "none"]

_BUMPS: Final[dict[Level, Bump]] = {"breaking": "major", "additive": "minor", "internal": "patch"}
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def suggested_bump(changes: Iterable[Change]) -> Bump:
    """The part of a version that the gravest change raises."""
    levels = {change.verdict.level for change in changes}
    return next((bump for level, bump in _BUMPS.items() if level in levels), "none")


def next_version(version: str, bump: Bump) -> str:
    """The version after `version`; before 1.0 a breaking change raises the minor part, as everybody expects.

    Raises:
        ValueError: `version` is not of the form 1.2.3.
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        raise ValueError(f"{version!r} is not a version such as 1.2.3")
    major, minor, patch = map(int, match.groups())
    if bump == "none":
        return version
    if bump == "patch":
        return f"{major}.{minor}.{patch + 1}"
    if bump == "minor" or major == 0:
        return f"{major}.{minor + 1}.0"
    return f"{major + 1}.0.0"
