"""The dialect's objects as the YAML data that they would be read from: the way back from `bind`.

The tables of keys decide what is written, so that what can be read can be written. What equals its default is left out.
"""

from __future__ import annotations

from decimal import Decimal
from functools import singledispatch
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from .bind import shape
from .bind.operations import OPERATION
from .bind.params import PARAM
from .bind.rules import PRESENT, RULE
from .bind.scalars import DURATION, DURATION_UNITS
from .bind.shape import Entry
from .bind.streams import EVENT, STREAM
from .bind.text import DEPRECATION, TEXT
from .bind.vocabulary import FIELD, INPUT, MODEL
from .dialect.operations import Operation, Paging
from .dialect.params import Param
from .dialect.product import Group
from .dialect.rules import Condition, Rule
from .dialect.streams import Event, Stream
from .dialect.text import Deprecation, Example, Text
from .dialect.types import ByPresence, ListOf, MapOf, Named, ResultOrError, Scalar
from .dialect.vocabulary import Enum, EnumValue, Field, Input, Model, Union
from .dialect.weights import FixedWeight, WeightByPresence, WeightByValue, WeightPerItem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .bind.shape import Kind

__all__ = ["YamlData", "duration", "written", "written_entry", "written_value"]

YamlData: TypeAlias = "bool | int | Decimal | str | Sequence[YamlData] | Mapping[Any, YamlData] | None"
"""What a YAML document holds; keys are text or whole numbers."""

_EXAMPLES: Final = ("example", "examples")
_ENTRIES: Final[dict[type, Entry[Any]]] = {
    Text: TEXT,
    Deprecation: DEPRECATION,
    Field: FIELD,
    Input: INPUT,
    Param: PARAM,
    Operation: OPERATION,
    Stream: STREAM,
    Event: EVENT,
}
"""The entries of objects that are written on their own."""


@singledispatch
def written(thing: object) -> YamlData:
    """The data of one object of the dialect: of what stands under its name, without the name.

    Raises:
        TypeError: The dialect has no such object, or it is never written on its own.
    """
    entry = _ENTRIES.get(type(thing))
    if entry is None:
        raise TypeError(f"a {type(thing).__name__} is not written on its own")
    return written_entry(entry, thing)


def duration(milliseconds: int) -> str:
    """`1h` from 3600000: in the largest unit that fits."""
    unit = next(unit for unit, length in reversed(DURATION_UNITS.items()) if milliseconds % length == 0)
    return f"{milliseconds // DURATION_UNITS[unit]}{unit}"


# --- Entries, by their tables of keys --------------------------------------------------------------------------------


def written_entry(entry: Entry[Any], thing: Any) -> YamlData:
    """What stands under an entry's keys; the value alone where the entry has a short form and nothing else to say."""
    data: dict[str, YamlData] = {}
    for name, key in entry.keys.items():
        value = getattr(thing, key.target)
        if name in _EXAMPLES or value is None:
            continue
        if key.required or value != _default(thing, key.target):
            data[name] = written_value(key.kind, value)
    if _EXAMPLES[1] in entry.keys:
        data.update(_examples(thing.examples))
    return data[entry.short] if entry.short is not None and list(data) == [entry.short] else data


def _default(thing: Any, name: str) -> object:
    default = getattr(attrs.fields(type(thing)), name).default
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]


def written_value(kind: Kind[Any], value: Any) -> YamlData:
    """A value as it stands under a key of this kind."""
    if kind is DURATION:
        return duration(value)
    match kind:
        case shape.ListOf(item=item):
            return [written_value(item, each) for each in value]
        case shape.ValuesOf(entries=shape.MapOf(value=Entry(name_attribute=str(name)) as each_kind)):
            return {getattr(each, name): written_value(each_kind, each) for each in value}
        case shape.MapOf(value=each_kind):
            return {name: written_value(each_kind, each) for name, each in value.items()}
        case Entry() if type(value) not in written.registry:
            return written_entry(kind, value)
    return written(value)


def _examples(examples: Sequence[Example]) -> dict[str, YamlData]:
    if not examples:
        return {}
    listed = [written(example) for example in examples]
    return {"example": listed[0]} if len(listed) == 1 and isinstance(listed[0], str) else {"examples": listed}


# --- What is written otherwise than its class is made ----------------------------------------------------------------


@written.register(bool | int | str | Decimal | None)
def _plain(value: bool | int | str | Decimal | None) -> YamlData:
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


@written.register(Group)
def _group(group: Group) -> YamlData:
    return written(group.summary)


@written.register(Scalar)
def _scalar(type_: Scalar) -> YamlData:
    return type_.kind


@written.register(Named)
def _named(type_: Named) -> YamlData:
    return type_.name


@written.register(ListOf)
def _list(type_: ListOf) -> YamlData:
    return [written(type_.item)]


@written.register(MapOf)
def _map(type_: MapOf) -> YamlData:
    return {"string": written(type_.value)}


@written.register(ResultOrError)
def _result(type_: ResultOrError) -> YamlData:
    return {"result": written(type_.result)}


@written.register(ByPresence)
def _by_presence(type_: ByPresence) -> YamlData:
    return {"with": {type_.param: written(type_.present)}, "without": written(type_.absent)}


@written.register(FixedWeight)
def _fixed(weight: FixedWeight) -> YamlData:
    return weight.weight


@written.register(WeightByValue)
def _by_value(weight: WeightByValue) -> YamlData:
    form: dict[str, YamlData] = {"up_to": weight.up_to} if weight.up_to else {"values": weight.values}
    rest = {"otherwise": weight.otherwise, "above": weight.above}
    return {"by": weight.param, **form, **{name: value for name, value in rest.items() if value is not None}}


@written.register(WeightByPresence)
def _by_presence_weight(weight: WeightByPresence) -> YamlData:
    return {"with": weight.present, "without": weight.absent}


@written.register(WeightPerItem)
def _per_item(weight: WeightPerItem) -> YamlData:
    return {"per_item": weight.param, "each": weight.each}


@written.register(Condition)
def _condition(condition: Condition) -> YamlData:
    return {
        name: PRESENT if not values else values[0] if len(values) == 1 else values
        for name, values in condition.values.items()
    }


@written.register(Rule)
def _rule(rule: Rule) -> YamlData:
    sets: list[YamlData] = [members[0] if len(members) == 1 else members for members in rule.params]
    others = {name: key for name, key in RULE.keys.items() if name not in RULE.alternatives}
    values = {name: (key, getattr(rule, key.target)) for name, key in others.items()}
    said = {name: written_value(key.kind, value) for name, (key, value) in values.items() if value is not None}
    return {rule.kind: sets, **said}


@written.register(Paging)
def _paging(pages: Paging) -> YamlData:
    data: dict[str, YamlData] = {} if pages.limit is None else {"limit": pages.limit}
    if pages.id_param is not None:
        data["id"] = {"param": pages.id_param, "field": pages.id_field}
    if pages.time_field is not None:
        window, reach = pages.window_ms, pages.reach_ms
        time: dict[str, YamlData] = {"start": pages.start_param, "end": pages.end_param, "field": pages.time_field}
        time["window"] = None if window is None else duration(window)
        time["reach"] = None if reach is None else duration(reach)
        data["time"] = {name: value for name, value in time.items() if value is not None}
    others = {"items": pages.items, "order": pages.order}
    plain = {"items": None, "order": "ascending"}
    return data | {name: value for name, value in others.items() if value != plain[name]}


@written.register(Example)
def _example(example: Example) -> YamlData:
    said: dict[str, YamlData] = {"title": example.title, "present": example.present}
    data = {name: value for name, value in said.items() if value is not None}
    return {**data, "json": example.text} if data else example.text


@written.register(Enum)
def _enum(enum: Enum) -> YamlData:
    described = any(value.summary or value.deprecated or value.suppress for value in enum.values)
    values: dict[str | int, YamlData] | list[YamlData]
    if described or enum.kind == "int":
        values = {value.value: written(value) for value in enum.values}
    else:
        values = [value.value for value in enum.values]
    data: dict[str, YamlData] = {} if enum.summary is None else {"summary": written(enum.summary)}
    if enum.kind == "int":
        data["type"] = "int"
    data["values"] = values
    if enum.renamed_from:
        data["renamed_from"] = list(enum.renamed_from)
    if enum.suppress:
        data["suppress"] = dict(enum.suppress)
    return data if list(data) != ["values"] or isinstance(values, dict) else values


@written.register(EnumValue)
def _enum_value(value: EnumValue) -> YamlData:
    if value.deprecated is None and not value.suppress:
        return None if value.summary is None else written(value.summary)
    data = {"summary": value.summary, "deprecated": value.deprecated}
    said = {name: written(part) for name, part in data.items() if part is not None}
    return {**said, "suppress": dict(value.suppress)} if value.suppress else said


@written.register(Model)
def _model(thing: Model) -> YamlData:
    return _vocabulary(thing, {"fields": written_value(MODEL.keys["fields"].kind, thing.fields)})


@written.register(Union)
def _union(thing: Union) -> YamlData:
    variants = {tag: variant.name for tag, variant in thing.variants.items()}
    return _vocabulary(thing, {"union": {"tag": thing.tag, "of": variants}})


def _vocabulary(thing: Model | Union, content: dict[str, YamlData]) -> YamlData:
    """A model or a union: its content among what both kinds can say."""
    data: dict[str, YamlData] = {}
    for name, key in MODEL.keys.items():
        if name in content:
            data[name] = content[name]
        elif hasattr(thing, key.target) and getattr(thing, key.target) != _default(thing, key.target):
            data[name] = written_value(key.kind, getattr(thing, key.target))
    return data
