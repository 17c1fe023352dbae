"""JSON as documentation writes it: with comments, ellipses, and without a comma here and there."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define, field

if TYPE_CHECKING:
    from ...spec.dialect.values import JsonValue

__all__ = ["Parsed", "Path", "parse_all"]

Path: TypeAlias = tuple[str | int, ...]

_MAXIMUM_DEPTH: Final = 60
_MAXIMUM_TOKENS: Final = 200_000
_MAXIMUM_DIGITS: Final = 400

_TOKEN = re.compile(
    r"""(?P<blank>[\s\u00a0\u200b\ufeff]+)
      | (?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z)|\#[^\n]*)
      | (?P<string>"(?:[^"\\\n]|\\.)*"|“[^”\n]*”|'(?:[^'\\\n]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
      | (?P<ellipsis>\.{2,}|…+)
      | (?P<mark>[{}\[\],:，：])
      | (?P<word>[A-Za-z_$][\w$.-]*)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None, "True": True, "False": False}
_MARKS: Final = {"，": ",", "：": ":"}


@define
class Parsed:
    """One JSON value with what the comments in it say."""

    value: JsonValue
    comments: dict[Path, str] = field(factory=dict)
    """Path of a member or an element → the comment that stands with it."""


class _Garbled(Exception):
    """The text is not JSON even with all indulgence."""


@define(frozen=True)
class _Token:
    kind: str
    text: str
    offset: int
    line: int


def parse_all(text: str) -> list[Parsed]:
    """Every object and list that stands at the top level of a text, as far as it can be read.

    Text between them ("OR") is skipped; what cannot be read ends the list.
    """
    parsed: list[Parsed] = []
    try:
        reader = _Reader(*_tokens(text))
        while reader.skip_to_bracket():
            start = reader.index
            reader.marks.clear()
            value = reader.value((), 0)
            end = reader.tokens[reader.index].offset if reader.index < len(reader.tokens) else len(text) + 1
            comments = [each for each in reader.comments if reader.tokens[start].offset < each.offset < end]
            parsed.append(Parsed(value, _placed(comments, reader.marks)))
    except _Garbled:
        pass  # What was read before the slip counts.
    return parsed


def _tokens(text: str) -> tuple[list[_Token], list[_Token]]:
    tokens: list[_Token] = []
    comments: list[_Token] = []
    line = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        matched = match.group()
        if kind == "comment":
            comments.append(_Token(kind, matched, match.start(), line))
        elif kind != "blank":
            tokens.append(_Token(kind, _MARKS.get(matched, matched), match.start(), line))
        if len(tokens) > _MAXIMUM_TOKENS:
            raise _Garbled
        line += matched.count("\n")
    return tokens, comments


@define
class _Reader:
    tokens: list[_Token]
    comments: list[_Token]
    index: int = 0
    marks: list[tuple[int, int, Path]] = field(factory=list)
    """Where each member or element begins: offset, line, path."""

    def skip_to_bracket(self) -> bool:
        while self.index < len(self.tokens) and self.tokens[self.index].text not in ("{", "["):
            self.index += 1
        return self.index < len(self.tokens)

    def value(self, path: Path, depth: int) -> JsonValue:
        if depth > _MAXIMUM_DEPTH:
            raise _Garbled
        token = self.next()
        if token.text == "{" and token.kind == "mark":
            return self.object(path, depth)
        if token.text == "[" and token.kind == "mark":
            return self.array(path, depth)
        if token.kind == "string":
            return _string(token.text)
        if token.kind == "number":
            return _number(token.text)
        if token.kind == "word" and token.text in _WORDS:
            return _WORDS[token.text]
        raise _Garbled

    def object(self, path: Path, depth: int) -> dict[str, JsonValue]:
        members: dict[str, JsonValue] = {}
        while True:
            token = self.next()
            if token.text == "}":
                return members
            if token.text == "," or token.kind == "ellipsis":
                continue
            if token.kind not in ("string", "word", "number"):
                raise _Garbled
            name = _string(token.text) if token.kind == "string" else token.text
            name = name.strip()
            if self.next().text != ":":
                raise _Garbled
            self.marks.append((token.offset, token.line, (*path, name)))
            members[name] = self.value((*path, name), depth + 1)

    def array(self, path: Path, depth: int) -> list[JsonValue]:
        items: list[JsonValue] = []
        while True:
            token = self.next()
            if token.text == "]":
                return items
            if token.text == "," or token.kind == "ellipsis":
                continue
            self.index -= 1
            self.marks.append((token.offset, token.line, (*path, len(items))))
            items.append(self.value((*path, len(items)), depth + 1))

    def next(self) -> _Token:
        if self.index >= len(self.tokens):
            raise _Garbled
        self.index += 1
        return self.tokens[self.index - 1]


def _string(text: str) -> str:
    if text[0] == '"':
        try:
            return str(json.loads(text, strict=False))
        except ValueError:
            return text[1:-1]
    return text[1:-1]


def _number(text: str) -> int | Decimal:
    if len(text) > _MAXIMUM_DIGITS:
        raise _Garbled
    digits = text.removeprefix("-")
    return int(text) if digits.isdigit() else Decimal(text)


def _placed(comments: list[_Token], marks: list[tuple[int, int, Path]]) -> dict[Path, str]:
    """Each comment with the member before it on its line; alone on a line, with the member that follows."""
    placed: dict[Path, str] = {}
    for comment in comments:
        said = comment.text.removeprefix("/*").removesuffix("*/").strip("/#* \t\r")
        if not said.strip(". …"):
            continue
        before = [path for offset, line, path in marks if line == comment.line and offset < comment.offset]
        following = [path for offset, _, path in marks if offset > comment.offset]
        path = before[-1] if before else following[0] if following else None
        if path is not None:
            placed.setdefault(path, said)
    return placed
