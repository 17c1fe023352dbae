"""Rules between parameters, and the conditions that limit them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from attrs import define

from ..dialect.rules import Condition, Rule, RuleKind
from ..findings import Code
from ..nodes import MappingNode, Node, ScalarNode, SequenceNode
from .json_schema import any_of, named_values
from .scalars import ANY_SCALAR, DURATION, WORD, Choice
from .shape import Entry, Key, Kind, ListOf, keys
from .text import TEXT

if TYPE_CHECKING:
    from ..dialect.text import Text
    from ..dialect.values import WireValue
    from ..position import Position
    from .json_schema import Definitions, JsonSchema
    from .shape import Binding

__all__ = ["CONDITION", "PRESENT", "RULE", "RULES"]

PRESENT: Final = "present"
"""In a condition: the parameter is sent, whatever its value."""

_KINDS: Final[tuple[RuleKind, ...]] = get_args(RuleKind)
_VALUES: Final = ListOf("a value or a list of values", ANY_SCALAR, lone_item=True)


@define(eq=False)
class _ConditionKind(Kind[Condition]):
    noun: str = "a condition such as {type: [STOP, TAKE_PROFIT]} or {price: present}"

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> Condition | None:
        if not isinstance(node, MappingNode) or not node.entries:
            binding.wrong_type(node, self.noun)
            return None
        values: dict[str, list[WireValue]] = {}
        for name, (_, value_node) in node.entries.items():
            bound = _VALUES.bind(value_node, binding)
            if bound is not None:
                values[name] = [] if bound == [PRESENT] else bound
        built = Condition(values=values, position=node.position)
        binding.note(built, node)
        return built

    def schema(self, definitions: Definitions) -> JsonSchema:
        return named_values(_VALUES.schema(definitions), minProperties=1)


CONDITION: Final = _ConditionKind()


@define(eq=False)
class _ParamSets(Kind[list[list[str]]]):
    """A list of parameters, or (where sets exclude each other) of lists of them."""

    noun: str
    nested: bool = False

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> list[list[str]] | None:
        if isinstance(node, ScalarNode) and not node.is_null:
            name = WORD.bind(node, binding)
            return None if name is None else [[name]]
        if not isinstance(node, SequenceNode) or not node.items:
            binding.wrong_type(node, self.noun)
            return None
        sets: list[list[str]] = []
        for item in node.items:
            names = self.bind_set(item, binding)
            if names:
                sets.append(names)
        return sets

    def bind_set(self, item: Node, binding: Binding) -> list[str]:
        members = item.items if self.nested and isinstance(item, SequenceNode) else [item]
        if not members:
            binding.findings.add(item.position, Code.EMPTY, "a set of parameters has at least one")
        return [name for member in members if (name := WORD.bind(member, binding)) is not None]

    def schema(self, definitions: Definitions) -> JsonSchema:
        name = WORD.schema(definitions)
        members: JsonSchema = {"type": "array", "items": name, "minItems": 1}
        item = any_of(name, members) if self.nested else name
        return any_of(name, {"type": "array", "items": item, "minItems": 1})


def _rule(
    *,
    position: Position,
    when: Condition | None = None,
    unless: Condition | None = None,
    in_mode: str | None = None,
    at_most_ms: int | None = None,
    summary: Text | None = None,
    **by_kind: list[list[str]],
) -> Rule:
    kind = next(kind for kind in _KINDS if kind in by_kind)
    return Rule(
        kind=kind,
        params=by_kind[kind],
        when=when,
        unless=unless,
        in_mode=in_mode,  # type: ignore[arg-type]  # The key takes these words only.
        at_most_ms=at_most_ms,
        summary=summary,
        position=position,
    )


_PARAMS: Final = _ParamSets("a list of parameters")
_SETS: Final = _ParamSets("a list of parameters and lists of parameters", nested=True)

RULE: Final = Entry(
    noun="a rule",
    build=_rule,
    alternatives=_KINDS,
    keys=keys(
        Key("require", _PARAMS, says="All of them are sent."),
        Key("require_any", _PARAMS, says="At least one of them is sent."),
        Key("require_one", _PARAMS, says="Exactly one of them is sent."),
        Key("exclusive", _SETS, says="Members of at most one of the sets are sent."),
        Key("forbid", _PARAMS, says="None of them is sent."),
        Key("span", _PARAMS, says="The distance between two timestamps is limited by `at_most`."),
        Key("when", CONDITION, says="The rule holds only for requests that fulfil this."),
        Key("unless", CONDITION, says="The rule holds only for requests that do not fulfil this."),
        Key(
            "in_mode",
            Choice(("hedge", "one_way", "multi_assets", "single_asset")),
            says="The rule holds only in this mode of the account, which only the exchange knows.",
        ),
        Key("at_most", DURATION, attribute="at_most_ms", says="The longest distance of a `span`."),
        Key("summary", TEXT, says="Why, where that is not obvious."),
    ),
)

RULES: Final = ListOf("a list of rules", RULE)
