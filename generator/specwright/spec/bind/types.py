"""Type expressions, and responses whose type depends on what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from attrs import define

from ..dialect.types import ByPresence, ListOf, MapOf, Named, ResultOrError, Scalar, ScalarKind, TypeExpression
from ..findings import Code
from ..nodes import MappingNode, Node, ScalarNode, SequenceNode
from .json_schema import any_of, form_schema, named_values
from .shape import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..dialect.types import Response
    from ..position import Position
    from .json_schema import Definitions, JsonSchema
    from .shape import Binding

__all__ = ["RESPONSE", "SCALAR_KINDS", "TYPE", "TypeKind"]

SCALAR_KINDS: Final[dict[str, ScalarKind]] = {kind: kind for kind in get_args(ScalarKind)}

_MAPPING_FORMS: Final[dict[str, Callable[[TypeExpression, Position], TypeExpression]]] = {
    "string": lambda inner, position: MapOf(value=inner, position=position),
    "result": lambda inner, position: ResultOrError(result=inner, position=position),
}
"""The only key of a mapping that is a type → what it makes of the type beside it."""


@define(eq=False)
class TypeKind(Kind["TypeExpression"]):
    """`string`, `OrderBook`, `[X]`, `{string: X}`, `{result: X}`."""

    noun: str = "a type"

    def takes(self, node: Node) -> bool:
        if not isinstance(node, MappingNode):
            return True
        return len(node.entries) == 1 and next(iter(node.entries)) in _MAPPING_FORMS

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> TypeExpression | None:
        if isinstance(node, SequenceNode):
            return self.bind_list(node, binding)
        if isinstance(node, MappingNode):
            return self.bind_mapping(node, binding)
        if not isinstance(node.value(), str) or not node.text.isidentifier():
            binding.findings.add(node.position, Code.MALFORMED_TYPE, f"'{node.text}' is not the name of a type")
            return None
        scalar = SCALAR_KINDS.get(node.text)
        if scalar is None:
            return Named(name=node.text, position=node.position)
        return Scalar(kind=scalar, position=node.position)

    def bind_list(self, node: SequenceNode, binding: Binding) -> ListOf | None:
        if len(node.items) != 1:
            message = f"a list type names the type of its items once: [X], not {len(node.items)} types"
            binding.findings.add(node.position, Code.MALFORMED_TYPE, message)
            return None
        item = self.bind(node.items[0], binding)
        return None if item is None else ListOf(item=item, position=node.position)

    def bind_mapping(self, node: MappingNode, binding: Binding) -> TypeExpression | None:
        if not self.takes(node):
            message = "a mapping that is a type has one key: {string: X} or {result: X}"
            binding.findings.add(node.position, Code.MALFORMED_TYPE, message)
            return None
        ((form, (_, inner_node)),) = node.entries.items()
        inner = self.bind(inner_node, binding)
        return None if inner is None else _MAPPING_FORMS[form](inner, node.position)

    def schema(self, definitions: Definitions) -> JsonSchema:
        return definitions.refer(self.noun, lambda: self.describe(definitions))

    def describe(self, definitions: Definitions) -> JsonSchema:
        """What the definition of a type says: names first, so that an editor offers the scalars."""
        inner = self.schema(definitions)
        forms: JsonSchema = {
            "type": "object",
            "properties": dict.fromkeys(_MAPPING_FORMS, inner),
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        return any_of(
            {"enum": list(SCALAR_KINDS), "description": "A type of the dialect."},
            {**form_schema(r"[^\W\d]\w*"), "description": "The name of an enum, a model, a union or an input."},
            {"type": "array", "items": inner, "minItems": 1, "maxItems": 1, "description": "A list."},
            {**forms, "description": "{string: X}: names to X; {result: X}: X or an error."},
        )


TYPE: Final = TypeKind()


@define(eq=False)
class _Response(Kind["Response"]):
    """A type, or `{with: {symbol: X}, without: Y}`; Y may stand under the parameter's name too."""

    noun: str = "the type of a response"

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> Response | None:
        if not isinstance(node, MappingNode) or TYPE.takes(node):
            return TYPE.bind(node, binding)
        present, absent = node.get("with"), node.get("without")
        if present is None or absent is None or len(node.entries) != 2:
            message = "a response is a type or {with: {param: X}, without: Y}"
            binding.findings.add(node.position, Code.MALFORMED_TYPE, message)
            return None
        if not isinstance(present, MappingNode) or len(present.entries) != 1:
            binding.findings.add(present.position, Code.MALFORMED_TYPE, "'with' names one parameter: {param: X}")
            return None
        ((param, (_, present_node)),) = present.entries.items()
        if isinstance(absent, MappingNode) and not TYPE.takes(absent):
            if list(absent.entries) != [param]:
                message = f"'without' speaks of another parameter than 'with', which names '{param}'"
                binding.findings.add(absent.position, Code.MALFORMED_TYPE, message)
                return None
            absent = absent.entries[param][1]
        with_it, without_it = TYPE.bind(present_node, binding), TYPE.bind(absent, binding)
        if with_it is None or without_it is None:
            return None
        built = ByPresence(param=param, present=with_it, absent=without_it, position=node.position)
        binding.note(built, node)
        return built

    def schema(self, definitions: Definitions) -> JsonSchema:
        return definitions.refer(self.noun, lambda: self.describe(definitions))

    def describe(self, definitions: Definitions) -> JsonSchema:
        """What the definition of a response says."""
        type_ = TYPE.schema(definitions)
        of_one = named_values(type_, minProperties=1, maxProperties=1)
        by_presence: JsonSchema = {
            "type": "object",
            "properties": {"with": of_one, "without": any_of(type_, of_one)},
            "required": ["with", "without"],
            "additionalProperties": False,
        }
        return any_of(type_, by_presence)


RESPONSE: Final = _Response()
