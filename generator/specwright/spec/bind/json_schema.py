"""JSON Schema of the dialect: what each kind of value adds to it, as far as a schema can say it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "Definitions",
    "JsonSchema",
    "SchemaValue",
    "any_of",
    "form_schema",
    "named_values",
    "one_of_keys",
    "text_schema",
]

SchemaValue: TypeAlias = "bool | int | str | Sequence[SchemaValue] | Mapping[str, SchemaValue] | None"
JsonSchema: TypeAlias = "dict[str, SchemaValue]"

_ARTICLE: Final = re.compile(r"^(?:an?|the) ")


@define(eq=False)
class Definitions:
    """The `$defs` of a schema, collected while kinds describe themselves."""

    found: dict[str, JsonSchema] = field(factory=dict)

    def refer(self, noun: str, describe: Callable[[], JsonSchema]) -> JsonSchema:
        """A reference to the definition of a noun, which is described when it is referred to first."""
        name = _ARTICLE.sub("", noun).replace(" ", "-")
        if name not in self.found:
            self.found[name] = {}  # A kind may lead to itself.
            self.found[name] = describe()
        return {"$ref": f"#/$defs/{name}"}


def text_schema() -> JsonSchema:
    """Text that is not blank; what YAML takes for a number, true or false counts as text too."""
    return {"type": ["string", "number", "boolean"], "pattern": r"\S"}


def form_schema(pattern: str) -> JsonSchema:
    """Text of a form."""
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


def any_of(*schemas: JsonSchema) -> JsonSchema:
    """Whatever one of the schemas takes."""
    return {"anyOf": list(schemas)}


def named_values(value: JsonSchema, **limits: SchemaValue) -> JsonSchema:
    """A mapping whose keys are names."""
    return {"type": "object", "additionalProperties": value, **limits}


def one_of_keys(names: Sequence[str]) -> JsonSchema:
    """Exactly one of these keys is there."""
    return {"oneOf": [{"required": [name]} for name in names]}
