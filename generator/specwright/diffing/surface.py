"""A spec as things with facts: what a user of the client meets, and what the client hides.

Facts are called as the keys of the spec are; facts that follow from others have names of their own. Which keys there
are is told by the dialect's tables, so that a new key is a fact from its first day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from ..spec.bind.errors import ERROR, HTTP_ERROR
from ..spec.bind.files import EXCHANGE_FILE
from ..spec.bind.operations import OPERATION, REST, WS
from ..spec.bind.params import PARAM
from ..spec.bind.product import PRODUCT
from ..spec.bind.streams import EVENT, STREAM
from ..spec.bind.vocabulary import FIELD, INPUT, MODEL
from ..spec.dialect.types import ListOf, Named
from ..spec.dialect.vocabulary import Enum, Model, Union
from ..spec.flow import flow
from ..spec.names import python_name
from ..spec.patterns import MalformedPattern, parse_pattern
from ..spec.written import written
from ..spec.written_files import written_product
from .entries import NOT_FACTS, facts_of, items, named_entries, named_thing, renamed_thing
from .python_types import PythonTypes
from .things import Allowed, Thing, Typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..spec.bind.shape import Entry
    from ..spec.dialect.exchange import Spec
    from ..spec.dialect.operations import Carrier, Operation
    from ..spec.dialect.params import Param
    from ..spec.dialect.product import Product
    from ..spec.dialect.rules import Rule
    from ..spec.dialect.streams import Event, Stream
    from ..spec.dialect.types import TypeExpression
    from ..spec.dialect.vocabulary import EnumValue, Field, Input
    from .things import Fact

__all__ = ["former_types", "surface"]


def former_types(spec: Spec) -> dict[str, dict[str, str]]:
    """By product: former names of enums, models, unions and inputs → their names now."""
    return {
        name: {
            former: thing.name
            for things in (product.enums, product.models, product.inputs)
            for thing in things.values()
            for former in thing.renamed_from
        }
        for name, product in spec.products.items()
    }


def surface(spec: Spec, renamed: Mapping[str, Mapping[str, str]] | None = None) -> Thing:
    """A spec as a tree of things.

    Args:
        spec: What the client is made from.
        renamed: By product, names of types → names that they are to be compared under.
    """
    names = renamed or {}
    budgets = named_entries("budget", EXCHANGE_FILE, "budgets", spec.budgets)
    products = [_ProductSurface(product, names.get(product.name, {})).thing() for product in spec.products.values()]
    facts = facts_of(EXCHANGE_FILE, spec, without={"budgets"})
    return Thing("spec", "package", ("spec:",), facts, (*budgets, *products))


@define
class _ProductSurface:
    """One product."""

    product: Product
    renamed: Mapping[str, str]
    types: PythonTypes = field(init=False)
    sent_enums: frozenset[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.types = PythonTypes(self.product, self.renamed)
        self.sent_enums = frozenset(_enums_that_are_sent(self.product))

    def thing(self) -> Thing:
        """The product and all that is part of it."""
        product = self.product
        parts: list[Thing] = []
        parts += named_entries("environment", PRODUCT, "environments", product.environments)
        parts += named_entries("security type", PRODUCT, "security", product.security)
        parts += [named_thing("route", f"routes.{name}", name, {"path": path}) for name, path in product.routes.items()]
        for name, group in product.groups.items():
            parts.append(named_thing("group", f"groups.{name}", name, {"summary": written(group)}))
        parts += [self.enum(enum) for enum in product.enums.values()]
        parts += [self.union(each) if isinstance(each, Union) else self.model(each) for each in product.models.values()]
        parts += [self.input(each) for each in product.inputs.values()]
        parts += [self.operation(operation) for operation in product.operations.values()]
        parts += [self.stream(stream) for stream in product.streams.values()]
        parts += [self.event(event) for event in product.events.values()]
        parts += self.errors()
        return Thing("product", product.name, (f"name:{product.name}",), self.product_facts(), tuple(parts))

    def product_facts(self) -> dict[str, Fact]:
        data = written_product(self.product)
        facts: dict[str, Fact] = {
            name: data.get(name) for name in PRODUCT.keys if name not in _PRODUCT_PARTS | NOT_FACTS
        }
        facts |= dict(items(data["product"]))
        fetched = () if self.product.user_data is None else tuple(self.product.user_data.resync)
        facts["resynchronized"] = Allowed(sorted(fetched), fetched)
        return facts

    # --- Vocabulary ---

    def enum(self, enum: Enum) -> Thing:
        path = f"enums.{enum.name}"
        facts: dict[str, Fact] = {"name": enum.name, "type": enum.kind}
        facts["summary"] = None if enum.summary is None else written(enum.summary)
        marks = frozenset({"sent"} if enum.name in self.sent_enums else ())
        parts = [self.value(path, value, marks) for value in enum.values]
        return renamed_thing("enum", path, enum, facts, parts)

    def value(self, owner: str, value: EnumValue, marks: frozenset[str]) -> Thing:
        facts: dict[str, Fact] = {"summary": None if value.summary is None else written(value.summary)}
        facts["deprecated"] = None if value.deprecated is None else written(value.deprecated)
        return Thing("value", f"{owner}.{value.value}", (f"name:{value.value}",), facts, marks=marks)

    def model(self, model: Model) -> Thing:
        path = f"models.{model.name}"
        facts = facts_of(MODEL, model, without={"fields", "union"})
        facts |= {"name": model.name, "module": model.module}
        facts["example"] = None if model.example is None else model.example.value
        facts["positions"] = [field.wire for field in model.fields] if model.shape == "array" else None
        return renamed_thing("model", path, model, facts, [self.field(path, each) for each in model.fields])

    def field(self, owner: str, each: Field) -> Thing:
        name = python_name(each)
        facts = facts_of(FIELD, each, without={"name", "type"})
        facts |= {"name": name, "wire": each.wire, "type": self.received(each.type)}
        facts["may_be_none"] = each.optional or each.nullable or each.blank
        identities = (f"wire:{each.wire}", f"name:{name}")
        former = frozenset(f"name:{former}" for former in each.renamed_from)
        return Thing("field", f"{owner}.{name}", identities, facts, former=former)

    def union(self, union: Union) -> Thing:
        path = f"models.{union.name}"
        summary = None if union.summary is None else written(union.summary)
        facts: dict[str, Fact] = {"name": union.name, "module": union.module, "tag": union.tag, "summary": summary}
        variants = [
            named_thing("variant", f"{path}.{tag}", tag, {"model": self.types.name(variant.name)})
            for tag, variant in union.variants.items()
        ]
        return renamed_thing("union", path, union, facts, variants)

    def input(self, each: Input) -> Thing:
        path = f"params.{each.name}"
        facts = facts_of(INPUT, each, without={"params", "rules"}) | {"name": each.name, "module": each.module}
        parts = [self.param(path, param, None) for param in each.params]
        return renamed_thing("input", path, each, facts, [*parts, *_rules(path, each.rules)])

    # --- Calls and streams ---

    def operation(self, operation: Operation) -> Thing:
        path = f"{operation.group}.{operation.id}"
        facts = facts_of(OPERATION, operation, without={"rest", "ws", "params", "rules", "response"})
        security = self.product.security.get(operation.security)
        facts |= {"name": path, "examples": [example.value for example in operation.examples]}
        facts |= {
            "api_key": security is not None and security.api_key,
            "signed": security is not None and security.signed,
        }
        both = operation.rest is not None and operation.ws is not None
        calls = [
            self.call(operation, carrier, entry, over, both=both)
            for carrier, entry, over in ((operation.rest, REST, "REST"), (operation.ws, WS, "the WebSocket API"))
            if carrier is not None
        ]
        endpoints = (f"call:{carrier.method} {carrier.path}" for carrier in operation.carriers)
        return Thing(
            kind="operation",
            path=path,
            identities=(f"name:{operation.id}", *endpoints),
            facts=facts,
            parts=(*calls, *_rules(path, operation.rules)),
            former=frozenset(f"name:{former}" for former in operation.renamed_from),
        )

    def call(self, operation: Operation, carrier: Carrier, entry: Entry[Any], over: str, *, both: bool) -> Thing:
        path = f"{operation.group}.{operation.id}"
        facts = facts_of(entry, carrier, without={"params", "without", "response"})
        facts |= {"path": carrier.path, "examples": [example.value for example in carrier.examples]}
        response = operation.response_on(carrier)
        facts["response"] = None if response is None else self.types.response(response)
        where = over if both else None
        params = [self.param(path, param, where) for param in operation.params_on(carrier)]
        return Thing("call", path, (f"over:{over}",), facts, tuple(params), over=where)

    def param(self, owner: str, param: Param, over: str | None) -> Thing:
        name = python_name(param)
        facts = facts_of(PARAM, param, without={"name", "type", "one_of"})
        facts |= {"name": name, "wire": param.wire, "type": self.types.sent(param.type)}
        facts["one_of"] = self.allowed(param)
        facts["must_be_given"] = param.required and param.generated is None
        return Thing(
            kind="parameter",
            path=f"{owner}({name})",
            identities=(f"wire:{param.wire}", f"name:{name}"),
            facts=facts,
            former=frozenset(f"name:{former}" for former in param.renamed_from),
            over=over,
        )

    def allowed(self, param: Param) -> Allowed | None:
        """The values that a parameter (or each item of it) takes, where they are listed."""
        if param.one_of is not None:
            texts = tuple(str(value) for value in param.one_of)
            return Allowed(list(texts), texts)
        expression = param.type.item if isinstance(param.type, ListOf) else param.type
        enum = self.product.enums.get(expression.name) if isinstance(expression, Named) else None
        if enum is None:
            return None
        return Allowed(self.types.name(enum.name), tuple(str(value.value) for value in enum.values))

    def stream(self, stream: Stream) -> Thing:
        path = f"streams.{stream.id}"
        facts = facts_of(STREAM, stream, without={"params", "payload"})
        facts |= {"name": stream.id, "group": stream.group, "payload": self.received(stream.payload)}
        facts["examples"] = [example.value for example in stream.examples]
        required = {param.wire: python_name(param) for param in stream.params if param.required}
        facts["positional"] = [required[wire] for wire in _params_in(stream.pattern) if wire in required]
        params = tuple(self.param(path, param, None) for param in stream.params)
        former = frozenset(f"name:{name}" for name in stream.renamed_from)
        identities = (f"name:{stream.id}", f"pattern:{stream.pattern}")
        return Thing("stream", path, identities, facts, params, former)

    def event(self, event: Event) -> Thing:
        facts = facts_of(EVENT, event, without={"payload"})
        facts |= {"group": event.group, "payload": self.received(event.payload)}
        return named_thing("event", f"events.{event.wire}", event.wire, facts)

    def received(self, expression: TypeExpression) -> Typed:
        return self.types.received(expression)

    # --- Errors ---

    def errors(self) -> Iterator[Thing]:
        for error in self.product.errors:
            identities = (f"code:{error.code}", f"name:{error.name}")
            yield Thing("error", f"errors.{error.name}", identities, facts_of(ERROR, error))
        for http in self.product.http_errors:
            yield named_thing("http error", f"errors.{http.name}", http.name, facts_of(HTTP_ERROR, http))


_PRODUCT_PARTS = frozenset({"product", "environments", "routes", "security", "groups"})
"""Keys of product.yaml whose entries are things, or facts under their own names."""


def _rules(path: str, rules: Sequence[Rule]) -> list[Thing]:
    things = []
    for rule in rules:
        data = dict(items(written(rule)))
        facts = {"in_mode": data.pop("in_mode", None), "summary": data.pop("summary", None)}
        text = flow(data)
        things.append(Thing("rule", f"{path} {text}", (f"rule:{text}",), facts))
    return things


def _params_in(pattern: str) -> list[str]:
    """The parameters of a stream's name, in order; a pattern of an old spec may be malformed."""
    try:
        return [segment.param for segment in parse_pattern(pattern) if segment.param is not None]
    except MalformedPattern:
        return []


def _enums_that_are_sent(product: Product) -> Iterator[str]:
    """Enums all of whose values some parameter takes."""
    lists = [operation.params for operation in product.operations.values()]
    lists += [carrier.params for operation in product.operations.values() for carrier in operation.carriers]
    lists += [stream.params for stream in product.streams.values()]
    lists += [each.params for each in product.inputs.values()]
    for param in (param for params in lists for param in params if param.one_of is None):
        expression = param.type.item if isinstance(param.type, ListOf) else param.type
        if isinstance(expression, Named):
            yield expression.name
