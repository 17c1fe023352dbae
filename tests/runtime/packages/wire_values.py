"""Hypothesis strategies for what an exchange sends: values that fit a wire type, and the same after drift."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from drifting import drift
from specwright.runtime.wire import ListOf, MapOf, ResultOrError, Scalar, Tagged, resolve

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

    from specwright.runtime.model import Model
    from specwright.runtime.wire import JsonValue, WireType

__all__ = ["drifted", "fitting"]

_texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
_integers = st.integers(-(2**70), 2**70)
_decimal_texts = st.from_regex(r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,10})?", fullmatch=True)
_fractions = st.from_regex(r"-?(0|[1-9][0-9]{0,12})\.[0-9]{1,10}", fullmatch=True).map(Decimal)
_json: SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | _integers | _fractions | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=4,
)
_rejected: SearchStrategy[JsonValue] = st.builds(
    lambda code, message: {"code": code, "msg": message}, st.integers(-9999, -1000), _texts
)
_SCALARS: dict[str, SearchStrategy[JsonValue]] = {
    "string": _texts,
    "int": _integers,
    "timestamp": st.integers(0, 2**45),
    "decimal": _decimal_texts,
    "number": _integers | _fractions,
    "bool": st.booleans(),
    "json": _json,
}


@cache
def fitting(wire_type: WireType, namespace: str) -> SearchStrategy[JsonValue]:
    """JSON values that are exactly what the wire type says."""
    match wire_type:
        case Scalar(name=name):
            return _SCALARS[name]
        case ListOf(item=item):
            return st.lists(fitting(item, namespace), max_size=3)
        case MapOf(value=value):
            return st.dictionaries(_texts, fitting(value, namespace), max_size=3)
        case ResultOrError(result=result):
            return st.one_of(_rejected, fitting(result, namespace))
        case Tagged(tag=tag, variants=variants):
            members = [_member(fitting(name, namespace), tag, value) for value, name in variants.items()]
            return st.one_of(members)
        case name:
            found = resolve(name, namespace)
            return fitting(found, namespace) if isinstance(found, Tagged) else _model(found, namespace)


@st.composite
def _member(draw: DrawFn, model: SearchStrategy[JsonValue], tag: str, value: str) -> JsonValue:
    fields = draw(model)
    assert isinstance(fields, dict)
    return {**fields, tag: value}


@st.composite
def _model(draw: DrawFn, cls: type[Model], namespace: str) -> JsonValue:
    values: dict[str, JsonValue] = {}
    for field in cls.__wire__.fields:
        if field.optional and draw(st.booleans()):
            if cls.__wire__.array:
                break
            continue
        choices = [fitting(field.type, namespace)]
        if field.nullable:
            choices.append(st.none())
        if field.blank:
            choices.append(st.just(""))
        values[field.wire] = draw(st.one_of(choices))
    return list(values.values()) if cls.__wire__.array else values


@st.composite
def drifted(draw: DrawFn, values: SearchStrategy[JsonValue]) -> JsonValue:
    """Values after one to three changes, anywhere inside: dropped, retyped, nulled, nested, added."""
    return drift(draw(values), draw(st.integers(1, 3)), lambda options: draw(st.sampled_from(options)))
