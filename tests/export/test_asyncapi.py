"""The AsyncAPI document is valid, refers to what there is, and its examples fit."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator

from specwright.spec.names import class_name

from .conftest import exported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specwright.spec.dialect.product import Product

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # The library's own fields are called as attributes of its base class.
    from asyncapi3 import AsyncAPI3  # type: ignore[import-untyped]
    from pydantic import ValidationError


def references(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(data, list):
        for item in data:
            yield from references(item)


def resolve(document: Any, reference: str) -> Any:
    for step in reference.removeprefix("#/").split("/"):
        document = document[step]
    return document


def test_the_document_is_valid(asyncapi: Any) -> None:
    assert AsyncAPI3.model_validate(asyncapi).asyncapi == "3.0.0"


@pytest.mark.parametrize("wrong", [{"action": "publish"}, {"channel": None}, {"wrong": 1}])
def test_the_validator_would_find_a_mistake(wrong: dict[str, object]) -> None:
    document = json.loads(exported("asyncapi", "example_spec"))
    document["operations"]["stream_diff_depth"] |= wrong
    with pytest.raises(ValidationError):
        AsyncAPI3.model_validate(document)


def test_every_reference_leads_somewhere(asyncapi: Any) -> None:
    found = set(references(asyncapi))
    assert found
    for reference in found:
        assert resolve(asyncapi, reference)


def test_everything_but_rest_is_in_it(asyncapi: Any, product: Product) -> None:
    calls = {name for name, each in product.operations.items() if each.ws is not None}
    streams = {f"stream_{name}" for name in product.streams}
    assert set(asyncapi["operations"]) == calls | streams | {"user_data"}
    assert set(asyncapi["channels"]["user_data"]["messages"]) == {class_name(wire) for wire in product.events}


def test_examples_fit_their_payloads(asyncapi: Any) -> None:
    checked = 0
    for channel in asyncapi["channels"].values():
        for name, message in channel["messages"].items():
            validator = Draft7Validator({"allOf": [message["payload"]], "components": asyncapi["components"]})
            for example in message.get("examples", []):
                assert [error.message for error in validator.iter_errors(example["payload"])] == [], name
                checked += 1
    assert checked


def test_a_stream_is_a_channel_with_its_parameters() -> None:
    document = json.loads(exported("asyncapi", "example_spec"))
    channel = document["channels"]["stream_diff_depth"]
    assert channel["address"] == "/public/ws/{symbol}@depth{levels}@{updateSpeed}"
    assert channel["servers"] == [{"$ref": "#/servers/production_streams"}]
    assert {name: parameter.get("enum") for name, parameter in channel["parameters"].items()} == {
        "symbol": None,
        "levels": ["5", "10"],
        "updateSpeed": ["100ms", "500ms"],
    }
    assert channel["parameters"]["updateSpeed"]["x-optional"] is True
    assert document["operations"]["stream_diff_depth"] == {
        "action": "receive",
        "channel": {"$ref": "#/channels/stream_diff_depth"},
        "title": "diff_depth",
        "summary": "Changes of a book.",
        "messages": [{"$ref": "#/channels/stream_diff_depth/messages/DiffDepth"}],
        "x-group": "market",
        "x-route": "public",
        "x-pattern": "<symbol>@depth<levels>[@<updateSpeed>]",
        "x-update-speed": "250ms",
        "x-silence": "30s",
        "x-latest-key": "s",
    }


def test_a_call_is_sent_and_replied_to_in_one_channel() -> None:
    document = json.loads(exported("asyncapi", "example_spec"))
    messages = document["channels"]["ws_api"]["messages"]
    request = messages["NewOrderRequest"]["payload"]["properties"]
    assert request["method"] == {"const": "order.place"}
    assert list(request["params"]["properties"]) == [
        *("symbol", "side", "type", "quantity", "stopPrice", "newClientOrderId", "goodTillDate", "cost"),
        *("apiKey", "timestamp", "recvWindow", "signature"),
    ]
    assert request["params"]["required"] == ["symbol", "side", "type"]
    assert messages["NewOrderReply"]["payload"]["properties"]["result"] == {"$ref": "#/components/schemas/Order"}
    call = document["operations"]["new_order"]
    assert (call["action"], call["x-weight"], call["x-weight-assumed"]) == ("send", 0, True)
    assert call["reply"]["messages"] == [{"$ref": "#/channels/ws_api/messages/NewOrderReply"}]
