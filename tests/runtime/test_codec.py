"""Replies become typed objects, and `to_wire` gives back exactly what came."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import attrs
import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis.strategies import from_regex

from drifting import json_text
from every_shape.models import (
    Candle,
    Empty,
    ListenKey,
    LotSizeFilter,
    Order,
    PriceFilter,
    PriceLevel,
    Sparse,
)
from specwright.runtime.codec import decoder, to_json, to_wire
from specwright.runtime.drift import DriftReport, load
from specwright.runtime.encoding import is_same
from specwright.runtime.errors import ApiError, DecodeError
from specwright.runtime.model import Model, RejectedItem, UnknownVariant
from specwright.runtime.shape import exact_decimal
from specwright.runtime.wire import INT, JSON, JsonValue, ListOf, MapOf, ResultOrError, WireType
from wire_values import fitting

PRODUCT = "every_shape"
ORDER = """{"orderId":9223372036854775809,"symbol":"币安USDT","price":"0.00000000","ratio":5.10,"reduceOnly":false,\
"updateTime":1700000000000,"extra":{"a":[1.10,null,36893488147419103232]}}""".encode()


def decode(data: bytes, wire_type: WireType) -> object:
    return decoder(wire_type, PRODUCT).decode(data, strict=True)


# --- Values -----------------------------------------------------------------------------------------------------------


def test_scalars_keep_every_digit() -> None:
    order = decode(ORDER, "Order")

    assert order == Order(
        order_id=9223372036854775809,
        symbol="币安USDT",
        price=Decimal("0.00000000"),
        ratio=Decimal("5.10"),
        reduce_only=False,
        update_time=1700000000000,
        extra={"a": [Decimal("1.10"), None, 36893488147419103232]},
    )
    assert isinstance(order, Order)
    assert str(order.price) == "0E-8"
    assert to_json(order) == ORDER


@given(text=from_regex(r"-?[0-9]{1,60}(\.[0-9]{1,60})?([eE][+-]?[0-9]{1,17})?", fullmatch=True))
@example(text="12345678901234567890" * 3 + "." + "12345678901234567890" * 3)
@example(text="1e-999999999999999999")
@example(text="1e999999999999999999")
def test_an_exact_decimal_keeps_every_digit_of_its_text(text: str) -> None:
    assert exact_decimal(text).as_tuple() == Decimal(text).as_tuple()


@pytest.mark.parametrize("text", [" 1", "1 ", "1_000", "1e-1999999999999999999", "1,5", "0x1", ""])
def test_text_that_is_no_exact_number_takes_the_lenient_way(text: str) -> None:
    with pytest.raises(ArithmeticError):
        exact_decimal(text)


@pytest.mark.parametrize(
    ("wire_type", "data", "expected"),
    [
        ("PriceLevel", b'["4.00","431.0"]', PriceLevel(Decimal("4.00"), Decimal("431.0"))),
        ("Candle", b'[1,"2.0"]', Candle(1, Decimal("2.0"), None, None)),
        ("Candle", b'[1,"2.0",3,"0"]', Candle(1, Decimal("2.0"), 3, "0")),
        (ListOf("PriceLevel"), b'[["1","2"]]', [PriceLevel(Decimal(1), Decimal(2))]),
        (MapOf(INT), b'{"a":1}', {"a": 1}),
        (MapOf(ListOf("Sparse")), b'{"BTC":[{"orderId":1}]}', {"BTC": [Sparse(order_id=1)]}),
        (JSON, b'{"a":1.10}', {"a": Decimal("1.10")}),
        (
            "SymbolFilter",
            b'{"filterType":"PRICE_FILTER","tickSize":"0.1"}',
            PriceFilter("PRICE_FILTER", Decimal("0.1")),
        ),
        ("SymbolFilter", b'{"stepSize":"0.1","filterType":"LOT_SIZE"}', LotSizeFilter("LOT_SIZE", Decimal("0.1"))),
        (
            "SymbolFilter",
            b'{"filterType":"NEW","x":1.5}',
            UnknownVariant("NEW", {"filterType": "NEW", "x": Decimal("1.5")}),
        ),
        (
            ListOf(ResultOrError("Sparse")),
            b'[{"symbol":"BTCUSDT"},{"code":-2022,"msg":"rejected"},{"msg":"no","code":-1}]',
            [Sparse(symbol="BTCUSDT"), RejectedItem(-2022, "rejected"), RejectedItem(-1, "no")],
        ),
    ],
)
def test_every_shape_is_decoded_and_given_back(wire_type: WireType, data: bytes, expected: object) -> None:
    value = decode(data, wire_type)

    assert value == expected
    assert is_same(to_wire(value), load(data))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"absentOrNull": None, "absentOrBlank": "", "anything": "", "number": None},
        {"anything": None, "number": ""},
        {"absentOrNull": 5, "absentOrBlank": "5.0", "anything": 7, "number": Decimal("7.0")},
        {"price": "1.0", "ratio": 3, "level": ["1", "2"], "levels": [], "rate": "1.0", "both": "2.0"},
        {"status": "NEW", "count": 3, "both": "", "value": Decimal("2.50")},
    ],
)
def test_absent_null_and_blank_are_all_none_and_still_three_things(changes: dict[str, JsonValue]) -> None:
    nothing: dict[str, JsonValue] = dict.fromkeys(("price", "ratio", "level", "levels", "both"))
    sent = nothing | {"rate": "", "status": "", "count": "", "value": ""} | changes

    empty = decode(json_text(sent), "Empty")

    assert isinstance(empty, Empty)
    assert is_same(to_wire(empty), sent)
    is_empty = {field.wire for field in Empty.__wire__.fields if getattr(empty, field.name) is None}
    assert is_empty == {field.wire for field in Empty.__wire__.fields if sent.get(field.wire) in (None, "")}


def test_a_number_is_no_blank_and_text_is_no_number() -> None:
    nothing: dict[str, JsonValue] = dict.fromkeys(("price", "ratio", "level", "levels", "both"))
    sent = nothing | {"rate": "", "status": "", "count": "x", "value": ""}

    with pytest.raises(DecodeError, match=r"expected int, found string \(at \$\.count\)"):
        decode(json_text(sent), "Empty")


def test_data_comes_as_bytes_memory_or_raw_json() -> None:
    level = PriceLevel(Decimal(1), Decimal(2))
    decode_level = decoder("PriceLevel", PRODUCT).decode

    assert [decode_level(data) for data in (b'["1","2"]', memoryview(b'["1","2"]'), msgspec.Raw(b'["1","2"]'))] == [
        level
    ] * 3


@pytest.mark.parametrize("name", ["Order", "Sparse", "Empty", "Candle", "Everything"])
def test_what_fits_decodes_strictly_and_encodes_back_the_same(name: str) -> None:
    @given(fitting(name, PRODUCT))
    @settings(max_examples=40, deadline=None)
    def check(sent: JsonValue) -> None:
        value = decode(json_text(sent), name)

        assert type(value).__name__ == name
        assert is_same(to_wire(value), sent)
        assert is_same(load(to_json(value)), sent)

    check()


@pytest.mark.parametrize("data", [b"", b"<html></html>", b'{"orderId": ', b"SUCCESS", b"[" * 100_000])
def test_what_is_no_json_is_an_error_that_carries_the_body(data: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        decoder("Order", PRODUCT).decode(data)

    assert (caught.value.path, caught.value.body) == ("$", data)


def test_the_body_that_an_error_carries_has_no_listen_key() -> None:
    with pytest.raises(DecodeError) as caught:
        decoder("ListenKey", PRODUCT).decode(b'{"listenKey":"pqia91ma19a5s61c"')

    assert caught.value.body == b'{"listenKey":"***"'


# --- Models -----------------------------------------------------------------------------------------------------------


def test_a_model_is_what_attrs_knows() -> None:
    level = PriceLevel(Decimal(1), quantity=Decimal(2))

    assert attrs.has(PriceLevel)
    assert [field.name for field in attrs.fields(Sparse)] == [field.name for field in Sparse.__wire__.fields]
    assert attrs.asdict(level) == {"price": Decimal(1), "quantity": Decimal(2)}
    assert attrs.evolve(level, price=Decimal(3)) == PriceLevel(Decimal(3), Decimal(2))  # type: ignore[misc]
    assert not hasattr(level, "__dict__")
    match level:
        case PriceLevel(price, quantity):
            assert (price, quantity) == (Decimal(1), Decimal(2))


def test_models_are_equal_by_class_and_fields() -> None:
    assert PriceLevel(Decimal(1), Decimal(2)) == PriceLevel(Decimal("1.0"), Decimal(2))
    assert PriceLevel(Decimal(1), Decimal(2)) != PriceLevel(Decimal(1), Decimal(3))
    assert RejectedItem(1, "a") != UnknownVariant("a", {})


@pytest.mark.parametrize(
    ("values", "named", "message"),
    [
        ((), {"price": Decimal(1)}, "PriceLevel needs quantity"),
        ((1, 2, 3), {}, "PriceLevel has 2 fields, 3 values were given"),
        ((1, 2), {"price": 1}, "PriceLevel has no field price, or has its value already"),
        ((1, 2), {"cost": 1}, "PriceLevel has no field cost, or has its value already"),
    ],
)
def test_a_model_is_made_with_exactly_its_fields(
    values: tuple[object, ...], named: dict[str, object], message: str
) -> None:
    make: type[Model] = PriceLevel

    with pytest.raises(TypeError, match=message):
        make(*values, **named)


def test_a_secret_is_not_shown() -> None:
    assert repr(ListenKey("pqia91ma19a5s61c")) == "ListenKey(listen_key=…)"


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_copies_and_pickles_are_given_back_the_same(duplicate: type[object]) -> None:
    sent = b'{"orderId":"7","symbol":null,"new":[1.50],"reduceOnly":null}'
    sparse = decoder("Sparse", PRODUCT).decode(sent, report=DriftReport())
    batch = decode(b'[{"code":-2022,"msg":"no"}]', ListOf(ResultOrError("Sparse")))

    copied: object = duplicate(sparse)  # type: ignore[call-arg]
    copied_batch: object = duplicate(batch)  # type: ignore[call-arg]

    assert copied == sparse
    assert is_same(to_wire(copied), load(sent))
    assert copied_batch == batch


def test_what_a_caller_sets_is_given_back_and_the_rest_as_it_came() -> None:
    sparse = decoder("Sparse", PRODUCT).decode(b'{"orderId":"7","price":1.5,"new":1}', report=DriftReport())

    sparse.price = Decimal("2.0")

    assert to_wire(sparse) == {"orderId": "7", "price": "2.0", "new": 1}


def test_a_rejected_item_made_by_hand_gives_a_plain_error() -> None:
    error = RejectedItem(-2022, "ReduceOnly Order is rejected.").error

    assert (type(error), error.code, error.message) == (ApiError, -2022, "ReduceOnly Order is rejected.")


def test_what_no_reply_holds_is_refused() -> None:
    with pytest.raises(TypeError, match="set is nothing that a reply holds"):
        to_wire([{1, 2}])


def test_numbers_of_absurd_size_keep_their_exponent() -> None:
    order = decode(ORDER.replace(b"0.00000000", b"1E+999999"), "Order")

    assert len(to_json(order)) == len(ORDER) - 1
