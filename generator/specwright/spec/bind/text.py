"""Sentences in both languages, deprecations, and examples."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import define

from ..dialect.text import Deprecation, Example, Text
from ..findings import Code
from ..json_place import offset_of_constant, offset_of_repeated_name
from ..nodes import MappingNode, Node, ScalarNode
from .json_schema import text_schema
from .scalars import CLASS_NAME, PYTHON_NAME, WORD
from .shape import Entry, Key, Kind, ListOf, MapOf, keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..dialect.values import JsonValue
    from .json_schema import Definitions, JsonSchema
    from .shape import Binding

__all__ = [
    "DEPRECATED",
    "DEPRECATION",
    "DOCUMENTATION",
    "EXAMPLE",
    "EXAMPLES",
    "EXAMPLE_KEYS",
    "SUPPRESS",
    "TEXT",
    "renamed_from",
]

TEXT: Final = Entry(
    noun="a text in two languages",
    build=Text,
    placed=False,
    keys=keys(
        Key("en", WORD, required=True, says="The sentence in English."),
        Key("zh", WORD, required=True, says="The sentence in Chinese."),
    ),
)

DEPRECATION: Final = Entry(
    noun="a deprecation",
    build=Deprecation,
    placed=False,
    keys=keys(
        Key("since", WORD, required=True, says="Since which day the exchange discourages it."),
        Key("use", WORD, says="What to use instead."),
        Key("until", WORD, says="The version of the package that it leaves with."),
        Key("summary", TEXT, says="What to know about it."),
    ),
)

DEPRECATED: Final = Key("deprecated", DEPRECATION, says="The exchange discourages it.")
DOCUMENTATION: Final = Key("documentation", WORD, says="The page, relative to the product's documentation address.")


class _RepeatedName(ValueError):
    """A JSON object has a name twice."""


class _Constant(ValueError):
    """A number that JSON does not have."""


def _unique(pairs: Sequence[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for index, name in enumerate(names) if name in names[:index])
        raise _RepeatedName(f"the name '{twice}' stands twice in one object")
    return unique


def _no_constant(name: str) -> JsonValue:
    raise _Constant(f"{name} is no number of JSON")


_DECODER: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_unique)


@define(eq=False)
class _JsonText(Kind[Example]):
    """A JSON document, mostly in a literal block."""

    noun: str = "a JSON document as text"

    def takes(self, node: Node) -> bool:
        return not isinstance(node, MappingNode) or not node.entries.keys() & _TITLED_EXAMPLE.keys.keys()

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> Example | None:
        if not isinstance(node, ScalarNode) or node.is_null or not node.text.strip():
            binding.wrong_type(node, f"{self.noun} (a block after '|')")
            return None
        offset = 0
        try:
            value: JsonValue = _DECODER.decode(node.text)
        except json.JSONDecodeError as error:
            offset, reason = error.pos, error.msg
        except _RepeatedName as error:
            offset, reason = offset_of_repeated_name(node.text), str(error)
        except _Constant as error:
            offset, reason = offset_of_constant(node.text), str(error)
        except (ValueError, RecursionError) as error:
            reason = str(error)
        else:
            built = Example(text=node.text, value=value, position=node.position)
            binding.note(built, node)
            return built
        position = node.position_of(offset)
        binding.findings.add(position, Code.EXAMPLE_NOT_JSON, f"the example is not JSON: {reason}")
        return None

    def schema(self, definitions: Definitions) -> JsonSchema:
        return text_schema()


EXAMPLE: Final = _JsonText()


def _titled(json: Example, position: object, title: str | None = None, present: list[str] | None = None) -> Example:
    json.title = title
    json.present = present
    return json


_TITLED_EXAMPLE: Final = Entry(
    noun="an example",
    build=_titled,
    short="json",
    keys=keys(
        Key("title", WORD, says="What this variant shows."),
        Key(
            "present",
            ListOf("a list of parameters", WORD, lone_item=True),
            says="The parameters that were sent when this was the reply.",
        ),
        Key("json", EXAMPLE, required=True, says="The JSON text as the exchange documents it."),
    ),
)

EXAMPLES: Final = ListOf("a list of examples", _TITLED_EXAMPLE, lone_item=True)

EXAMPLE_KEYS: Final = (
    Key("example", EXAMPLES, attribute="examples", says="The documented JSON text; it is a test."),
    Key("examples", EXAMPLES, says="Several documented JSON texts, each with what it shows."),
)
"""How operations, carriers, streams and events show examples."""

SUPPRESS: Final = Key(
    "suppress",
    MapOf("a mapping of codes to reasons", WORD),
    says="Code of a lint finding → why it shall stay, for the entry and all that stands in it.",
)


def renamed_from(says: str, *, of_class: bool = False) -> Key:
    """The key under which an entry's former Python names stand."""
    name = CLASS_NAME if of_class else PYTHON_NAME
    return Key("renamed_from", ListOf("a list of former names", name, lone_item=True), says=says)
