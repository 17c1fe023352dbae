"""Findings: what is wrong with a spec, where, and the nearest right name."""

from __future__ import annotations

import difflib
from enum import Enum
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .position import Position

__all__ = ["Code", "Finding", "Findings", "Severity", "nearest"]

Severity: TypeAlias = Literal["error", "warning", "info"]

_LONGEST = 500
"""Characters of a message that are printed: it may quote a whole block of a spec."""


class Code(Enum):
    """The stable names of all findings, each with the rule that it stands for."""

    # Reading files
    UNREADABLE_FILE = "unreadable-file", "A spec file can be read."
    UNKNOWN_FILE = "unknown-file", "A YAML file stands where the dialect expects one."
    MISSING_FILE = "missing-file", "exchange.yaml, and a product.yaml in every product's folder, exist."
    FILE_TOO_LARGE = "file-too-large", "A spec file stays below the size limit."
    NOT_UTF8 = "not-utf-8", "A spec file is UTF-8 text."
    SYNTAX = "syntax", "A spec file is YAML."
    TAB = "tab", "Indentation is made of spaces."
    DUPLICATE_KEY = "duplicate-key", "A key stands once in a mapping."
    KEY_NOT_TEXT = "key-not-text", "The keys of a mapping are plain text."
    TAG = "tag", "YAML tags are not used."
    SEVERAL_DOCUMENTS = "several-documents", "A spec file holds one YAML document."
    TOO_DEEP = "too-deep", "A spec file nests no deeper than the dialect can."
    UNKNOWN_ANCHOR = "unknown-anchor", "An alias stands after its complete anchor."
    ALIAS_EXPANSION = "alias-expansion", "Aliases repeat a modest amount of text."

    # The shape of entries
    UNKNOWN_KEY = "unknown-key", "The dialect has this key here."
    MISSING_KEY = "missing-key", "A necessary key is there."
    CONFLICTING_KEYS = "conflicting-keys", "Keys that exclude each other do not stand together."
    WRONG_TYPE = "wrong-type", "A value is of the kind that its key takes."
    WRONG_VALUE = "wrong-value", "A value is one of those that its key takes."
    MALFORMED_NAME = "malformed-name", "A name has the form that its place asks for."
    MALFORMED_DURATION = "malformed-duration", "A duration is a whole number and ms, s, m, h, d or y."
    MALFORMED_PATTERN = "malformed-pattern", "A pattern is a regular expression, a stream's pattern is well formed."
    MALFORMED_TYPE = "malformed-type", "A type is a name, [X], {string: X} or {result: X}."
    MALFORMED_URL = "malformed-url", "A host is a URL with its scheme and without a final slash."
    EMPTY = "empty", "What is written down is not empty."
    TODO = "todo", "Nothing is left open."

    # Names
    DUPLICATE_OPERATION = "duplicate-operation", "An operation's id stands once in a product."
    DUPLICATE_NAME = "duplicate-name", "A name stands once among its kind."
    DUPLICATE_WIRE_NAME = "duplicate-wire-name", "What the exchange calls by one name is described once."
    NAME_COLLISION = "name-collision", "Two things have two Python names."
    RESERVED_NAME = "reserved-name", "A Python name is free to be used."
    NAME_NEEDED = "name-needed", "A wire name that says nothing has a `name` beside it."

    # References
    UNKNOWN_TYPE = "unknown-type", "A type's name is that of an enum, a model, a union or, for parameters, an input."
    MISPLACED_TYPE = "misplaced-type", "A type stands where values of it can occur."
    UNKNOWN_PARAM = "unknown-param", "A parameter that is referred to exists."
    UNKNOWN_FIELD = "unknown-field", "A field that is referred to exists."
    UNKNOWN_OPERATION = "unknown-operation", "An operation that is referred to exists."
    UNKNOWN_STREAM = "unknown-stream", "A stream that is referred to exists."
    UNKNOWN_EVENT = "unknown-event", "An event that is referred to exists."
    UNKNOWN_SECURITY = "unknown-security", "A security type stands in product.yaml."
    UNKNOWN_ROUTE = "unknown-route", "A stream route stands in product.yaml."
    UNKNOWN_GROUP = "unknown-group", "A file of operations is one of product.yaml's groups."
    UNKNOWN_BUDGET = "unknown-budget", "A budget stands in exchange.yaml, and product.yaml names it."
    UNKNOWN_ERROR_CODE = "unknown-error-code", "An error code stands in errors.yaml."
    UNUSED = "unused", "What is described is used."

    # Sense
    MISSING_CARRIER = "missing-carrier", "An operation travels by REST, by the WebSocket API, or by both."
    CONTRADICTION = "contradiction", "What is said of one thing agrees with what else is said of it."
    OUT_OF_RANGE = "out-of-range", "Bounds leave room between them, and values keep within them."

    # Examples
    MISSING_EXAMPLE = "missing-example", "Every operation, stream and event shows an example."
    EXAMPLE_NOT_JSON = "example-not-json", "An example is JSON."
    EXAMPLE_MISMATCH = "example-mismatch", "An example fits its type."

    # Style and care: findings of the linter, which an entry can suppress with a reason
    NO_FULL_STOP = "no-full-stop", "A sentence ends with a full stop."
    LOWER_CASE_START = "lower-case-start", "A sentence begins with a capital letter."
    BLANKS = "blanks", "A text has single blanks, and none at its ends."
    NOT_ENGLISH = "not-english", "An English text is written in English."
    NOT_CHINESE = "not-chinese", "A Chinese text is written in Chinese."
    NO_SUMMARY = "no-summary", "A model, an enum and an input say what they are."
    NO_DOCUMENTATION = "no-documentation", "An operation, a stream and an event name their page."
    NO_REASON = "no-reason", "What is unusual or assumed has a comment that says why."
    NO_REPLACEMENT = "no-replacement", "What is deprecated says what to use instead, or why not."
    MALFORMED_DATE = "malformed-date", "A date is written 2026-01-31, or 2026-01."
    MALFORMED_VERSION = "malformed-version", "A version is written 2.0, or 2.0.1."
    OVERDUE = "overdue", "What was to leave with a version is not in it."
    UNIT_SPELLING = "unit-spelling", "A unit is spelt in one way."
    UNIT_MISSING = "unit-missing", "What has a unit elsewhere has one here."
    SECRET_UNMARKED = "secret-unmarked", "A field that gives access to an account is marked `secret`."
    TIME_AS_NUMBER = "time-as-number", "A point in time is a timestamp."
    REDUNDANT = "redundant", "What goes without saying is not said."
    SAME_VALUES = "same-values", "Two enums have two sets of values."
    SAME_FIELDS = "same-fields", "Two models have two sets of fields."
    UNKNOWN_SUPPRESSION = "unknown-suppression", "What is suppressed is a finding of the linter."
    UNUSED_SUPPRESSION = "unused-suppression", "What is suppressed would be found."

    rule: str

    def __new__(cls, name: str, rule: str) -> Code:
        code = object.__new__(cls)
        code._value_ = name
        code.rule = rule
        return code

    def __str__(self) -> str:
        return str(self.value)


@define(frozen=True)
class Finding:
    """One mistake of a spec."""

    position: Position
    code: Code
    message: str
    suggestion: str | None = None
    """The nearest right name."""
    severity: Severity = "error"

    def __str__(self) -> str:
        """`path:line:column: code: message`, with the suggestion as a question; always one line."""
        question = f"; did you mean '{self.suggestion}'?" if self.suggestion is not None else ""
        mark = "" if self.severity == "error" else f" [{self.severity}]"
        message = self.message if len(self.message) <= _LONGEST else self.message[:_LONGEST] + "…"
        return "\\n".join(f"{self.position}: {self.code}: {message}{question}{mark}".splitlines())


@define
class Findings:
    """Collects the findings of a run; the same one is kept once."""

    _kept: dict[Finding, None] = field(factory=dict)

    def add(
        self,
        position: Position,
        code: Code,
        message: str,
        *,
        candidates: Iterable[str] | None = None,
        wrong: str | None = None,
        severity: Severity = "error",
    ) -> None:
        """Notes a finding, and suggests the one of `candidates` that is nearest to `wrong`."""
        suggestion = nearest(wrong, candidates) if wrong is not None and candidates is not None else None
        self._kept[Finding(position, code, message, suggestion, severity)] = None

    def extend(self, findings: Iterable[Finding]) -> None:
        """Takes over findings that were collected elsewhere."""
        self._kept.update(dict.fromkeys(findings))

    def drop(self, superfluous: Callable[[Finding], bool]) -> None:
        """Forgets the findings that another one says better."""
        self._kept = {finding: None for finding in self._kept if not superfluous(finding)}

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def sorted(self) -> list[Finding]:
        """By path, line, column and code."""
        return sorted(self._kept, key=lambda finding: (finding.position, str(finding.code), finding.message))


def nearest(wrong: str, candidates: Iterable[str]) -> str | None:
    """The candidate that looks most like `wrong` (case is forgiven), or None where none looks alike."""
    by_folded = {candidate.casefold(): candidate for candidate in sorted(candidates, reverse=True)}
    close = difflib.get_close_matches(wrong.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close and by_folded[close[0]] != wrong else None
