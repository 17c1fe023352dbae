"""What the spec says otherwise than the reference, entry by entry, as sentences that `differences.yaml` explains."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from specwright.spec.dialect.types import ByPresence, ListOf, MapOf, Named, ResultOrError, Scalar, TypeExpression
from specwright.spec.dialect.vocabulary import Model, Union
from specwright.spec.dialect.weights import FixedWeight, Weight, WeightByPresence, WeightByValue
from specwright.spec.names import python_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from specwright.spec.dialect.operations import Carrier, Operation
    from specwright.spec.dialect.params import Param
    from specwright.spec.dialect.product import Product
    from specwright.spec.dialect.streams import Stream
    from specwright.spec.dialect.types import Response
    from specwright.spec.dialect.vocabulary import Field

    from .reference import Entry, Facts

SCALARS = {"STRING": "string", "LONG": "int", "INT": "int", "DECIMAL": "decimal", "BOOLEAN": "bool"}
FIELD_KINDS = {"decimal-string": "decimal", "timestamp-ms": "timestamp"}


class Comparison:
    """Compares one product's entries with the reference's."""

    def __init__(self, product: Product) -> None:
        self._product = product

    def operation(self, entry: Entry, operation: Operation, carrier: Carrier) -> Iterator[str]:
        """How an operation on one carrier differs from the reference's entry."""
        if operation.security != entry.facts["security"]:
            yield f"security {entry.facts['security']}, here {operation.security}"
        params = effective(operation, carrier)
        yield from self.params(entry.facts["params"], params)
        yield from costs(entry.facts, carrier, params)
        if bool(entry.facts.get("paginates")) != bool(operation.pages) and entry.transport == "rest":
            yield f"pages {bool(entry.facts['paginates'])}, here {bool(operation.pages)}"
        yield from self.fields(entry.fields, carrier.response or operation.response)

    def stream(self, entry: Entry, stream: Stream) -> Iterator[str]:
        """How a stream differs from the reference's entry."""
        if stream.route != entry.facts["route"]:
            yield f"route {entry.facts['route']}, here {stream.route}"
        documented = set(entry.facts.get("patterns") or [entry.facts["pattern"]])
        here = set(spelt_out(stream))
        if documented != here:
            yield f"patterns {sorted(documented ^ here)}"
        yield from self.fields(entry.fields, stream.payload)

    def params(self, documented: list[Facts], here: Mapping[str, Param]) -> Iterator[str]:
        """How parameters differ."""
        by_name = {facts["name"]: facts for facts in documented}
        for name in sorted(by_name.keys() ^ here.keys()):
            yield f"parameter {name} {'is missing' if name in by_name else 'is extra'}"
        for name in by_name.keys() & here.keys():
            yield from self._param(by_name[name], here[name])

    def _param(self, facts: Facts, param: Param) -> Iterator[str]:
        name = f"parameter {param.wire}"
        if facts["required"] != param.required:
            yield f"{name}: required {facts['required']}, here {param.required}"
        if str(facts.get("default")) not in (str(param.default), str(param.default).lower()):
            yield f"{name}: default {facts.get('default')}, here {param.default}"
        for bound, value in (("min", param.minimum), ("max", param.maximum), ("max_items", param.max_items)):
            if (facts.get(bound) is None) != (value is None) or (
                value is not None and value != Decimal(str(facts[bound]))
            ):
                yield f"{name}: {bound} {facts.get(bound)}, here {value}"
        if "enum" in facts:
            allowed = {str(value) for value in self._allowed(param)}
            if allowed != {str(value) for value in facts["enum"]}:
                yield f"{name}: values {sorted(allowed ^ {str(value) for value in facts['enum']})}"
        elif isinstance(param.type, Scalar):
            kind = "timestamp" if facts.get("format") == "timestamp-ms" else SCALARS.get(facts["type"])
            if kind != param.type.kind:
                yield f"{name}: type {kind}, here {param.type.kind}"
        if "item_params" in facts and isinstance(param.type, ListOf) and isinstance(param.type.item, Named):
            shape = self._product.inputs[param.type.item.name]
            for difference in self.params(facts["item_params"], {p.wire: p for p in shape.params}):
                yield f"{name}: item: {difference}"

    def _allowed(self, param: Param) -> list[Any]:
        if param.one_of is not None:
            return list(param.one_of)
        enum = self._product.enums[param.type.name] if isinstance(param.type, Named) else None
        values = [value.value for value in enum.values] if enum else []
        return [str(value).lower() for value in values] if param.case == "lower" else values

    def fields(self, documented: Facts, response: Response | None) -> Iterator[str]:
        """How the fields of a reply or payload differ: their paths, types and names."""
        here = dict(self._flatten(_one(response), "")) if response else {}
        for path in sorted(documented.keys() - here.keys()):
            yield f"field {path} is missing"
        for path in sorted(here.keys() - documented.keys()):
            if not _may_be_absent(here[path]):
                yield f"field {path} is extra"
        for path in documented.keys() & here.keys():
            facts, (kind, name, _) = documented[path], here[path]
            wanted = FIELD_KINDS.get(facts["type"], facts["type"])
            if not (kind == wanted or (wanted.startswith("enum:") and kind.startswith("enum:"))):
                yield f"field {path}: type {wanted}, here {kind}"
            if name and name != facts["name"]:
                yield f"field {path}: name {facts['name']}, here {name}"

    def _flatten(self, expression: TypeExpression, path: str) -> Iterator[tuple[str, tuple[str, str, Field | None]]]:
        if isinstance(expression, ListOf | ResultOrError):
            inner = expression.item if isinstance(expression, ListOf) else expression.result
            yield from self._flatten(inner, path + ("[]" if isinstance(expression, ListOf) else ""))
        elif isinstance(expression, MapOf):
            yield from self._flatten(expression.value, f"{path}.*")
        elif isinstance(expression, Named):
            model = self._product.models.get(expression.name)
            for variant in model.variants.values() if isinstance(model, Union) else ():
                yield from self._flatten(variant, path)
            if isinstance(model, Model):
                yield from self._of_model(model, path)

    def _of_model(self, model: Model, path: str) -> Iterator[tuple[str, tuple[str, str, Field | None]]]:
        for index, field in enumerate(model.fields):
            here = f"{path}[{index}]" if model.shape == "array" else f"{path}.{field.wire}".removeprefix(".")
            name = "" if model.shape == "array" else python_name(field)
            yield here, (self._kind(field.type), name, field)
            if isinstance(field.type, ListOf | MapOf) and not self._is_model(_inner(field.type)):
                yield (
                    here + ("[]" if isinstance(field.type, ListOf) else ".*"),
                    (self._kind(_inner(field.type)), "", None),
                )
            elif isinstance(field.type, MapOf):
                yield f"{here}.*", ("object", "", None)
            yield from self._flatten(field.type, here)

    def _kind(self, expression: TypeExpression) -> str:
        if isinstance(expression, Scalar):
            return expression.kind
        if isinstance(expression, Named):
            return "enum:" + expression.name if expression.name in self._product.enums else self._shape(expression.name)
        return "array" if isinstance(expression, ListOf) else "object"

    def _shape(self, name: str) -> str:
        model = self._product.models[name]
        return "array" if isinstance(model, Model) and model.shape == "array" else "object"

    def _is_model(self, expression: TypeExpression) -> bool:
        return isinstance(expression, Named) and expression.name in self._product.models


def effective(operation: Operation, carrier: Carrier) -> dict[str, Param]:
    """The parameters of an operation on one carrier, by wire name."""
    shared = {param.wire: param for param in operation.params if param.wire not in carrier.without}
    return shared | {param.wire: param for param in carrier.params}


def costs(facts: Facts, carrier: Carrier, params: Mapping[str, Param]) -> Iterator[str]:
    """How weights and draws on other budgets differ, tried at the values where the documented weight changes."""
    for sent in samples(facts, params):
        documented, here = documented_weight(facts["weight"], sent), weight(carrier.weight, sent, params)
        if documented != here:
            yield f"weight {documented} with {sent or 'nothing'}, here {here}"
    documented_costs = {f"orders_{interval}": cost for interval, cost in (facts.get("order_count") or {}).items()}
    pools = {pool["pool"] for pool in facts.get("special_limits") or ()}
    orders = {name: weight(cost, {}, params) for name, cost in carrier.costs.items() if name.startswith("orders_")}
    if documented_costs != orders:
        yield f"order counts {documented_costs}, here {orders}"
    others = {name for name in carrier.costs if not name.startswith("orders_")}
    # One pool with limits over several intervals is one budget an interval here.
    if {pool for pool in pools if not any(name.startswith(pool[:13]) or pool in name for name in others)} or (
        others and not pools
    ):
        yield f"pools {sorted(pools)}, here {sorted(others)}"


def samples(facts: Facts, params: Mapping[str, Param]) -> Iterator[dict[str, Any]]:
    """Requests at which the weight is compared."""
    yield {}
    if "symbol" in params:
        yield {"symbol": "BTCUSDT"}
    if isinstance(facts["weight"], dict) and "limit" in params:
        allowed = params["limit"].one_of or [1, 5, 99, 100, 499, 500, 1000, 1001, 1500]
        yield from ({"limit": limit} for limit in allowed)


def weight(rule: Weight, sent: Mapping[str, Any], params: Mapping[str, Param]) -> int | None:
    """What the spec says that a request costs."""
    if isinstance(rule, FixedWeight):
        return rule.weight
    if isinstance(rule, WeightByPresence):
        return next((cost for name, cost in rule.present.items() if name in sent), rule.absent)
    assert isinstance(rule, WeightByValue), rule
    value = sent.get(rule.param, params[rule.param].default)
    if value is None:
        return rule.otherwise
    within = (cost for bound, cost in sorted(rule.up_to.items()) if value <= bound)
    return next(within, rule.above if rule.above is not None else max(rule.up_to.values()))


def documented_weight(documented: Any, sent: Mapping[str, Any]) -> int | None:
    """What the reference says that a request costs."""
    if not isinstance(documented, dict):
        return documented  # type: ignore[no-any-return]
    for rule in documented["rules"]:
        if holds(rule["when"], sent):
            return rule["weight"]  # type: ignore[no-any-return]
    return documented["default"]  # type: ignore[no-any-return]


def holds(when: Facts, sent: Mapping[str, Any]) -> bool:
    """Whether the condition of a documented weight is fulfilled."""
    value = sent.get(when["param"])
    if value is None or when["op"] in {"present", "absent"}:
        return bool(when["op"] == ("absent" if value is None else "present"))
    if when["op"] == "range":
        return within(value, when)
    return value in (when["values"] if when["op"] == "in" else [when["value"]])


def within(value: int, bounds: Facts) -> bool:
    infinity = float("inf")
    above = bounds.get("gte", -infinity) <= value and value > bounds.get("gt", -infinity)
    return bool(above and value <= bounds.get("lte", infinity) and value < bounds.get("lt", infinity))


def spelt_out(stream: Stream) -> Iterator[str]:
    """A stream's pattern with its optional part left out, and with each value of it."""
    optional = re.search(r"\[(.*)<(\w+)>\]", stream.pattern)
    if optional is None:
        yield stream.pattern
        return
    bare = stream.pattern.replace(optional[0], "")
    yield bare
    values = next(param.one_of for param in stream.params if param.wire == optional[2])
    yield from (f"{bare}{optional[1]}{value}" for value in values or ())


def _one(response: Response) -> TypeExpression:
    """The type of one item: replies that are lists, or lists without a parameter, are described by their items."""
    expression = response.present if isinstance(response, ByPresence) else response
    return expression.item if isinstance(expression, ListOf) else expression


def _inner(expression: ListOf | MapOf) -> TypeExpression:
    return expression.item if isinstance(expression, ListOf) else expression.value


def _may_be_absent(described: tuple[str, str, Field | None]) -> bool:
    return described[2] is not None and described[2].optional
