"""Lints about what goes: what takes its place, and the version of the package that it leaves with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..spec.dialect.operations import Operation
from ..spec.dialect.params import Param
from ..spec.dialect.streams import Event, Stream
from ..spec.dialect.text import Deprecation
from ..spec.dialect.vocabulary import EnumValue, Field
from ..spec.findings import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Noted, Subject, Visit

__all__ = ["LINTS", "version_of"]

_VERSION: Final = re.compile(r"\d+(?:\.\d+){0,2}")


def version_of(text: str) -> tuple[int, int, int] | None:
    """Three numbers of a version such as `2.0` or `2.0.1`, which can be compared; None where it is none."""
    if not _VERSION.fullmatch(text):
        return None
    major, minor, patch = [*map(int, text.split(".")), 0, 0][:3]
    return major, minor, patch


def _deprecated(subject: Subject) -> Iterator[tuple[Visit, Deprecation]]:
    for visit in subject.of_type(Operation, Stream, Event, Param, Field, EnumValue):
        deprecated = getattr(visit.thing, "deprecated", None)
        if isinstance(deprecated, Deprecation):
            yield visit, deprecated


def says_what_to_use_instead(subject: Subject) -> Iterator[Noted]:
    """Something deprecated has a successor, or a sentence."""
    for visit, deprecated in _deprecated(subject):
        if deprecated.use is None and deprecated.summary is None:
            message = "it does not say what to use instead (`use`) or why there is nothing (`summary`)"
            yield subject.note(visit, Code.NO_REPLACEMENT, message, "deprecated")


def leaves_with_a_version(subject: Subject) -> Iterator[Noted]:
    """`until` is a version, and what was to leave with it is not in a release from there on."""
    for visit, deprecated in _deprecated(subject):
        until = deprecated.until
        if until is None:
            continue
        version = version_of(until)
        if version is None:
            message = f"'{until}' is not a version such as 2.0 or 2.0.1"
            yield subject.note(visit, Code.MALFORMED_VERSION, message, "deprecated", "until")
        elif subject.release is not None and version <= subject.release:
            release = ".".join(map(str, subject.release))
            message = f"it was to leave with version {until}, and is still there in {release}"
            yield subject.note(visit, Code.OVERDUE, message, "deprecated", "until")


LINTS: Final = (says_what_to_use_instead, leaves_with_a_version)
