"""The `x-` fields by which a document says what OpenAPI has no words for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..naming import TODO
from .document import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..knowledge import Plain

__all__ = ["add_extensions", "deprecation_of", "extension_names", "summary_of", "two_languages"]

_KEYS: Final = {"x-paging": "pages"}
_READ_ELSEWHERE: Final = frozenset(
    ("x-summary-zh", "x-description-zh", "x-wire-type", "x-kind", "x-module", "x-group", "x-positional", "x-values")
)


def add_extensions(content: dict[str, Plain], thing: Mapping[str, Plain], keys: Iterable[str]) -> None:
    """Adds the `x-` fields that are called as the entry's keys are, where OpenAPI's own words said nothing."""
    for name, value in thing.items():
        key = _KEYS.get(name, name.removeprefix("x-").replace("-", "_"))
        if name.startswith("x-") and name not in _READ_ELSEWHERE and key in keys and key not in content:
            content[key] = value


def extension_names(thing: Mapping[str, Plain], keys: Iterable[str]) -> list[str]:
    """The `x-` fields of a thing that are read here or elsewhere."""
    read = [name for name in thing if name in _READ_ELSEWHERE or name in _KEYS]
    known = set(keys)
    return read + [name for name in thing if name.startswith("x-") and name[2:].replace("-", "_") in known]


def two_languages(english: Plain, chinese: Plain) -> dict[str, Plain] | None:
    """A text of the dialect; the language that is missing is left open. None where there is neither."""
    en, zh = words_of(english), words_of(chinese)
    if en is None and zh is None:
        return None
    return {"en": en or TODO, "zh": zh or TODO}


def summary_of(thing: Mapping[str, Plain]) -> dict[str, Plain]:
    """The key `summary`, where the thing is described."""
    said = two_languages(thing.get("description"), thing.get("x-summary-zh"))
    return {} if said is None else {"summary": said}


def deprecation_of(thing: Mapping[str, Plain]) -> dict[str, Plain]:
    """The key `deprecated`, where the thing is; since when is not said by OpenAPI's mere `deprecated: true`."""
    stated = thing.get("x-deprecated")
    if isinstance(stated, dict):
        return {"deprecated": stated}
    return {"deprecated": {"since": TODO}} if thing.get("deprecated") is True else {}
