"""Values and types: what fits, and the path of what does not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwright.spec.assemble import assemble
from specwright.spec.check.fit import Fitting, shown_path
from specwright.spec.check.run import scope_of
from specwright.spec.dialect.types import ListOf, MapOf, Named, ResultOrError, Scalar
from specwright.spec.dialect.vocabulary import Enum, Model, Union
from specwright.spec.findings import Findings
from specwright.spec.folder import FolderReader
from specwright.spec.position import Position

if TYPE_CHECKING:
    from specwright.spec.dialect.types import ScalarKind, TypeExpression
    from specwright.spec.dialect.values import JsonValue
    from specwright.spec.dialect.vocabulary import Field

HERE = Position("types", 1, 1)
PARTS = FolderReader(Path(__file__).parent / "example_spec").read()
SPEC = assemble(PARTS, Findings())
SCOPE = scope_of(SPEC, SPEC.products["futures"], PARTS.products[0], PARTS.exchange, Findings())


def named(name: str) -> Named:
    return Named(name=name, position=HERE)


def scalar(kind: ScalarKind) -> Scalar:
    return Scalar(kind=kind, position=HERE)


def misfits(value: JsonValue, type_: TypeExpression) -> list[str]:
    fitting = Fitting(SCOPE)
    fitting.fit(value, type_)
    return [f"{shown_path(misfit.path)}: {misfit.message}" for misfit in fitting.misfits.values()]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("string", ["", "x"], [1, None, True, {}, []]),
        ("int", [0, -1, 2**70], ["1", True, Decimal("1.0"), None]),
        ("decimal", ["0.10", "-1e3", "5"], [1, "x", "", "NaN", "Infinity", None]),
        ("number", [1, Decimal("0.1")], ["1", True, None]),
        ("bool", [True, False], [0, "true", None]),
        ("timestamp", [1700000000000], ["1700000000000", Decimal("1.5")]),
        ("json", [None, 1, "x", [], {}], []),
    ],
)
def test_a_scalar_takes_its_own_values_only(kind: ScalarKind, good: list[JsonValue], bad: list[JsonValue]) -> None:
    assert [value for value in good if misfits(value, scalar(kind))] == []
    assert [value for value in bad if not misfits(value, scalar(kind))] == []


def test_a_mistake_of_many_items_is_told_once_with_its_first_path() -> None:
    assert misfits([["1", "2"], ["3", 4], ["5", 6]], ListOf(item=named("PriceLevel"), position=HERE)) == [
        "$[1][1]: a decimal string is expected, not the number 4",
        "$[2][1]: a decimal string is expected, not the number 6",
    ]
    assert misfits([{"symbol": 1}, {"symbol": 1}], ListOf(item=named("Ticker"), position=HERE)) == [
        "$[0].symbol: a string is expected, not the number 1",
        "$[0]: the field 'lastPrice' of 'Ticker' is missing (or 'optional')",
        "$[0]: the field 'rate' of 'Ticker' is missing (or 'optional')",
    ]


def test_an_item_of_a_batch_is_a_result_or_an_error() -> None:
    result = ResultOrError(result=named("ListenKey"), position=HERE)
    assert misfits({"listenKey": "k"}, result) == []
    assert misfits({"code": -1, "msg": "no"}, result) == []
    assert misfits({"code": -1}, result) == [
        "$.code: 'ListenKey' has no field 'code'",
        "$: the field 'listenKey' of 'ListenKey' is missing (or 'optional')",
    ]


def values_of(type_: TypeExpression) -> st.SearchStrategy[JsonValue]:
    """Values that fit a type."""
    match type_:
        case Scalar():
            return SCALARS[type_.kind]
        case ListOf():
            return st.lists(values_of(type_.item), max_size=3)
        case MapOf():
            return st.dictionaries(st.text(), values_of(type_.value), max_size=3)
        case ResultOrError():
            return values_of(type_.result)
        case Named():
            return values_of_named(type_.name)


def values_of_named(name: str) -> st.SearchStrategy[JsonValue]:
    thing = SCOPE.types[name]
    if isinstance(thing, Model):
        if thing.shape == "array":
            return st.tuples(*(values_of_field(field) for field in thing.fields)).map(list)
        return st.fixed_dictionaries(
            {field.wire: values_of_field(field) for field in thing.fields if not field.optional},
            optional={field.wire: values_of_field(field) for field in thing.fields if field.optional},
        )
    if isinstance(thing, Union):
        variants = [
            st.builds(with_tag, values_of_named(variant.name), st.just(thing.tag), st.just(tag))
            for tag, variant in thing.variants.items()
        ]
        return st.one_of(*variants)
    assert isinstance(thing, Enum)
    return st.sampled_from([value.value for value in thing.values])


def with_tag(value: dict[str, JsonValue], name: str, tag: str) -> dict[str, JsonValue]:
    return {**value, name: tag}


def values_of_field(field: Field) -> st.SearchStrategy[JsonValue]:
    values = values_of(field.type)
    if field.nullable:
        values |= st.none()
    return values | st.just("") if field.blank else values


SCALARS: dict[str, st.SearchStrategy[JsonValue]] = {
    "string": st.text(),
    "int": st.integers(),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False).map(str),
    "number": st.integers() | st.decimals(allow_nan=False, allow_infinity=False),
    "bool": st.booleans(),
    "timestamp": st.integers(0),
    "json": st.none() | st.integers() | st.text(),
}
OBJECTS = sorted(name for name, thing in SCOPE.types.items() if isinstance(thing, Model | Union))


@given(st.data(), st.sampled_from(OBJECTS))
def test_a_value_made_from_a_type_fits_it(data: st.DataObject, name: str) -> None:
    assert misfits(data.draw(values_of_named(name)), named(name)) == []


@given(st.data(), st.sampled_from(OBJECTS))
def test_a_model_takes_no_other_field_and_misses_none(data: st.DataObject, name: str) -> None:
    value = data.draw(values_of_named(name))
    thing = SCOPE.types[name]
    if not isinstance(value, dict) or not isinstance(thing, Model):
        return
    assert misfits({**value, "surplus": 1}, named(name)) == [f"$.surplus: '{name}' has no field 'surplus'"]
    for field in thing.fields:
        without = {wire: member for wire, member in value.items() if wire != field.wire}
        missing = [f"$: the field '{field.wire}' of '{name}' is missing (or 'optional')"]
        assert misfits(without, named(name)) == ([] if field.optional else missing)
