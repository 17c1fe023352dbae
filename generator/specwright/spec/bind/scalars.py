"""Kinds of single values: text, numbers, durations, choices, names."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import define

from ..findings import Code
from ..nodes import Node, ScalarNode
from .json_schema import form_schema, text_schema
from .shape import Kind

if TYPE_CHECKING:
    from ..dialect.values import WireValue
    from .json_schema import Definitions, JsonSchema
    from .shape import Binding

__all__ = [
    "ANY_SCALAR",
    "BOOLEAN",
    "CLASS_NAME",
    "DECIMAL",
    "DURATION",
    "DURATION_UNITS",
    "HOST",
    "INTEGER",
    "PYTHON_NAME",
    "REGULAR_EXPRESSION",
    "WORD",
    "Choice",
]

DURATION_UNITS: Final = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "y": 365 * 86_400_000,
}
_DURATION = re.compile(r"([0-9]{1,12})(ms|[smhdy])")


@define(eq=False)
class _Word(Kind[str]):
    """Text that is not empty. Numbers, true and false count as the text that they are written with."""

    noun: str = "text"

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> str | None:
        if not isinstance(node, ScalarNode) or node.is_null:
            binding.wrong_type(node, self.noun)
            return None
        if not node.text.strip():
            binding.findings.add(node.position, Code.EMPTY, f"{self.noun} is expected here, not blanks")
            return None
        return node.text

    def schema(self, definitions: Definitions) -> JsonSchema:
        return text_schema()


@define(eq=False)
class _Form(Kind[str]):
    """Text of a certain form."""

    noun: str
    form: re.Pattern[str]
    code: Code

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> str | None:
        text = WORD.bind(node, binding)
        if text is not None and not self.form.fullmatch(text):
            binding.findings.add(node.position, self.code, f"'{text}' is not {self.noun}")
            return None
        return text

    def schema(self, definitions: Definitions) -> JsonSchema:
        form = form_schema(self.form.pattern)
        return {**form, "type": ["string", "boolean"]} if self.form.fullmatch("true") else form


@define(eq=False)
class _RegularExpression(Kind[str]):
    noun: str = "a regular expression"

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> str | None:
        text = WORD.bind(node, binding)
        if text is None:
            return None
        try:
            re.compile(text)
        except (re.error, OverflowError, RecursionError) as error:
            binding.findings.add(node.position, Code.MALFORMED_PATTERN, f"'{text}' is not {self.noun}: {error}")
            return None
        return text

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {**text_schema(), "format": "regex"}


@define(eq=False)
class _Integer(Kind[int]):
    noun: str = "a whole number"

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> int | None:
        value = node.value() if isinstance(node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int):
            binding.wrong_type(node, self.noun)
            return None
        return value

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": "integer"}


@define(eq=False)
class _Decimal(Kind[Decimal]):
    noun: str = "a number"

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> Decimal | None:
        value = node.value() if isinstance(node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            binding.wrong_type(node, self.noun)
            return None
        return Decimal(value)

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": "number"}


@define(eq=False)
class _Boolean(Kind[bool]):
    noun: str = "true or false"

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> bool | None:
        value = node.value() if isinstance(node, ScalarNode) else None
        if not isinstance(value, bool):
            binding.wrong_type(node, self.noun)
            return None
        return value

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": "boolean"}


@define(eq=False)
class _AnyScalar(Kind["WireValue"]):
    """A value as it stands on the wire."""

    noun: str = "a single value"

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> WireValue | None:
        value = node.value() if isinstance(node, ScalarNode) else None
        if value is None:
            binding.wrong_type(node, self.noun)
        return value

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": ["string", "number", "boolean"]}


@define(eq=False)
class _Duration(Kind[int]):
    """A duration in milliseconds."""

    noun: str = "a duration such as 250ms, 10s, 5m, 1h, 7d or 1y"

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> int | None:
        if not isinstance(node, ScalarNode) or node.is_null:
            binding.wrong_type(node, self.noun)
            return None
        match = _DURATION.fullmatch(node.text)
        if match is None:
            binding.findings.add(node.position, Code.MALFORMED_DURATION, f"'{node.text}' is not {self.noun}")
            return None
        return int(match[1]) * DURATION_UNITS[match[2]]

    def schema(self, definitions: Definitions) -> JsonSchema:
        return form_schema(_DURATION.pattern)


@define(eq=False)
class Choice(Kind[str]):
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def noun(self) -> str:  # type: ignore[override]
        """The words themselves."""
        return "one of " + ", ".join(self.words)

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> str | None:
        text = WORD.bind(node, binding)
        if text is not None and text not in self.words:
            message = f"'{text}' is not {self.noun}"
            binding.findings.add(node.position, Code.WRONG_VALUE, message, wrong=text, candidates=self.words)
            return None
        return text

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"enum": list(self.words)}


WORD: Final = _Word()
BOOLEAN: Final = _Boolean()
INTEGER: Final = _Integer()
DECIMAL: Final = _Decimal()
ANY_SCALAR: Final = _AnyScalar()
DURATION: Final = _Duration()
REGULAR_EXPRESSION: Final = _RegularExpression()
PYTHON_NAME: Final = _Form(
    "a Python name in lower case with underscores", re.compile(r"[a-z][a-z0-9_]*"), Code.MALFORMED_NAME
)
CLASS_NAME: Final = _Form(
    "a name in capitalized words, such as OrderBook", re.compile(r"[A-Z][A-Za-z0-9]*"), Code.MALFORMED_NAME
)
HOST: Final = _Form(
    "a URL with its scheme and without a final slash",
    re.compile(r"(?:https?|wss?)://[^/\s]+(?:/[^/\s]+)*"),
    Code.MALFORMED_URL,
)
