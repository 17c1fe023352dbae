"""Lints about sentences in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from attrs import evolve

from ..spec.dialect.product import Group
from ..spec.dialect.text import Text
from ..spec.dialect.vocabulary import Enum, Input, Model, Union
from ..spec.findings import Code
from .subject import Fix, Noted, Subject, Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..spec.nodes import Node

__all__ = ["LINTS"]

_CHINESE: Final = re.compile(r"[㐀-䶿一-鿿]")
_ENGLISH: Final = re.compile(r"[A-Za-z]{2}")
_ENDS: Final = {"en": ".?!)", "zh": "。？！）"}
_STOPS: Final = {"en": ".", "zh": "。"}
_SEVERAL_BLANKS: Final = re.compile(r"(?<=\S)[ \t]{2,}(?=\S)")
_PLAIN_WORD: Final = re.compile(r"[a-z]+(?=[ ,.])")


def ends_with_a_full_stop(subject: Subject) -> Iterator[Noted]:
    """`Bids and asks` → `Bids and asks.`; added where nothing else ends the sentence."""
    for visit, language, text, node in _sentences(subject):
        if text and text[-1] not in _ENDS[language]:
            noted = subject.note(visit, Code.NO_FULL_STOP, f"'{_end(text)}' has no full stop", language)
            yield evolve(noted, fix=Fix(node, _appending(_STOPS[language]))) if text[-1].isalnum() else noted


def begins_with_a_capital(subject: Subject) -> Iterator[Noted]:
    """English sentences begin with a capital, a number or a name in backticks."""
    for visit, language, text, node in _sentences(subject):
        word = _PLAIN_WORD.match(text)
        if language == "en" and word is not None:
            noted = subject.note(visit, Code.LOWER_CASE_START, f"'{word[0]}' begins a sentence", language)
            yield evolve(noted, fix=Fix(node, _capitalized))


def has_single_blanks(subject: Subject) -> Iterator[Noted]:
    """No blanks at the ends, and one between words."""
    for visit, language, text, node in _sentences(subject):
        tidy = _SEVERAL_BLANKS.sub(" ", text.strip())
        if tidy != text.rstrip("\n"):
            noted = subject.note(visit, Code.BLANKS, "there are blanks too many", language)
            yield evolve(noted, fix=Fix(node, _tidied))


def is_in_its_language(subject: Subject) -> Iterator[Noted]:
    """Chinese in `zh` and English in `en`, not the other way round, and not a copy."""
    for visit, language, text, _ in _sentences(subject):
        if language == "zh" and not _CHINESE.search(text):
            yield subject.note(visit, Code.NOT_CHINESE, "there is no Chinese character in it", language)
        if language == "en" and _CHINESE.search(text):
            yield subject.note(visit, Code.NOT_ENGLISH, "there are Chinese characters in it", language)
        elif language == "en" and not _ENGLISH.search(text):
            yield subject.note(visit, Code.NOT_ENGLISH, "there is no word in it", language)


def says_what_it_is(subject: Subject) -> Iterator[Noted]:
    """Models, enums and inputs have a summary: it is their docstring."""
    for visit in subject.of_type(Enum, Model, Union, Input):
        thing = visit.thing
        assert isinstance(thing, Enum | Model | Union | Input)
        if thing.summary is None:
            message = f"'{thing.name}' has no summary"
            yield subject.note(visit, Code.NO_SUMMARY, message, position=thing.position)


def _sentences(subject: Subject) -> Iterator[tuple[Visit, str, str, Node]]:
    """Every text of a product: its owner, its language, what it says, and its node."""
    for visit in subject.of_type(Text, Group):
        text = visit.thing.summary if isinstance(visit.thing, Group) else visit.thing
        assert isinstance(text, Text)
        for language, said in (("en", text.en), ("zh", text.zh)):
            node = subject.value_at(visit.thing, language)
            if node is not None:
                yield visit, language, said, node


def _appending(stop: str) -> Callable[[str], str]:
    return lambda text: text.rstrip() + stop


def _capitalized(text: str) -> str:
    bare = text.lstrip()
    return text[: len(text) - len(bare)] + bare[:1].upper() + bare[1:]


def _tidied(text: str) -> str:
    """Single blanks, where the text stands on one line: elsewhere blanks are its indentation."""
    return text if "\n" in text else _SEVERAL_BLANKS.sub(" ", text.strip())


def _end(text: str) -> str:
    return text if len(text) <= 24 else "…" + text[-23:]


LINTS: Final = (
    ends_with_a_full_stop,
    begins_with_a_capital,
    has_single_blanks,
    is_in_its_language,
    says_what_it_is,
)
