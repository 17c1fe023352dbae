"""What a call costs: fixed, by a value, by presence, or per item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define

from ..dialect.weights import FixedWeight, WeightByPresence, WeightByValue, WeightPerItem
from ..findings import Code
from ..nodes import MappingNode, Node, ScalarNode
from .json_schema import any_of, named_values
from .scalars import INTEGER, WORD
from .shape import Entry, Key, Kind, MapOf, keys

if TYPE_CHECKING:
    from ..dialect.weights import Weight
    from .json_schema import Definitions, JsonSchema
    from .shape import Binding

__all__ = ["WEIGHT"]


@define(eq=False)
class _Bounds(Kind[dict[int, int]]):
    """Upper bounds of a value, each with the weight up to it."""

    noun: str = "a mapping of bounds to weights, such as {100: 1, 500: 5}"

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> dict[int, int] | None:
        if not isinstance(node, MappingNode):
            binding.wrong_type(node, self.noun)
            return None
        bounds: dict[int, int] = {}
        for key_node, value_node in node.entries.values():
            bound, weight = INTEGER.bind(key_node, binding), INTEGER.bind(value_node, binding)
            if bound is not None and weight is not None:
                bounds[bound] = weight
        return bounds

    def schema(self, definitions: Definitions) -> JsonSchema:
        return named_values(INTEGER.schema(definitions), propertyNames={"pattern": r"^[-+]?\d+$"})


@define(eq=False)
class _WeightWithout(Kind[int]):
    """A weight, which may stand under the name of the absent parameter."""

    noun: str = "a weight"

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> int | None:
        if isinstance(node, MappingNode) and len(node.entries) == 1:
            ((_, node),) = node.entries.values()
        return INTEGER.bind(node, binding)

    def schema(self, definitions: Definitions) -> JsonSchema:
        weight = INTEGER.schema(definitions)
        return any_of(weight, named_values(weight, minProperties=1, maxProperties=1))


_FORMS: Final[dict[str, Kind[Weight]]] = {
    "by": Entry(
        noun="a weight by value",
        build=WeightByValue,
        placed=False,
        alternatives=("up_to", "values"),
        keys=keys(
            Key("by", WORD, required=True, attribute="param", says="Wire name of the deciding parameter."),
            Key("up_to", _Bounds(), says="The weight for the first bound that is not below the value."),
            Key("values", MapOf("a mapping of values to weights", INTEGER), says="The weight of single values."),
            Key("otherwise", INTEGER, says="The weight of all other values, and of none."),
            Key("above", INTEGER, says="The weight beyond the last bound; without it, as for the last."),
        ),
    ),
    "with": Entry(
        noun="a weight by presence",
        build=WeightByPresence,
        placed=False,
        keys=keys(
            Key(
                "with",
                MapOf("a mapping of parameters to weights", INTEGER),
                required=True,
                attribute="present",
                says="The first of these parameters that is sent decides.",
            ),
            Key("without", _WeightWithout(), required=True, attribute="absent", says="The weight when none is sent."),
        ),
    ),
    "per_item": Entry(
        noun="a weight per item",
        build=WeightPerItem,
        placed=False,
        keys=keys(
            Key("per_item", WORD, required=True, attribute="param", says="Wire name of the list."),
            Key("each", INTEGER, required=True, says="The weight of one item."),
        ),
    ),
}
"""The key that tells a form of weight → the form."""


@define(eq=False)
class _WeightKind(Kind["Weight"]):
    noun: str
    forms: dict[str, Kind[Weight]]

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> Weight | None:
        if isinstance(node, MappingNode):
            form = next((form for telling, form in self.forms.items() if telling in node.entries), None)
            if form is not None:
                return form.bind(node, binding)
            message = "a weight is a number or a mapping with one of the keys " + ", ".join(
                f"'{name}'" for name in self.forms
            )
            binding.findings.add(node.position, Code.MISSING_KEY, message)
            return None
        weight = INTEGER.bind(node, binding)
        return None if weight is None else FixedWeight(weight=weight)

    def schema(self, definitions: Definitions) -> JsonSchema:
        forms = [form.schema(definitions) for form in self.forms.values()]
        return definitions.refer(self.noun, lambda: any_of(INTEGER.schema(definitions), *forms))


WEIGHT: Final = _WeightKind("a weight", _FORMS)
