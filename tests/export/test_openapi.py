"""The OpenAPI document is valid, true to the examples, and says all that the spec says."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import evolve
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from specwright.importer.openapi.convert import convert
from specwright.importer.openapi.document import Document
from specwright.spec import load_spec
from specwright.spec.written_files import written_files

from ..importer.writing import written

if TYPE_CHECKING:
    from pathlib import Path

    from specwright.spec.dialect.exchange import Spec
    from specwright.spec.dialect.product import Product


def calls(openapi: Any) -> dict[str, Any]:
    """The operations of a document by their ids."""
    return {call["operationId"]: call for item in openapi["paths"].values() for call in item.values()}


def test_the_document_is_valid(openapi: Any) -> None:
    assert list(OpenAPIV31SpecValidator(openapi).iter_errors()) == []


def test_every_operation_over_rest_is_in_it(openapi: Any, product: Product) -> None:
    assert set(calls(openapi)) == {name for name, each in product.operations.items() if each.rest is not None}


def test_documented_replies_fit_their_schemas(openapi: Any) -> None:
    checked = 0
    for call in calls(openapi).values():
        content = call["responses"]["200"]["content"]["application/json"]
        validator = Draft202012Validator({**content["schema"], "components": openapi["components"]})
        values = [content["example"]] if "example" in content else []
        values += [example["value"] for example in content.get("examples", {}).values()]
        for value in values:
            assert [error.message for error in validator.iter_errors(value)] == [], call["operationId"]
            checked += 1
    assert checked >= len(calls(openapi))


def without_layout(data: Any, key: str = "") -> Any:
    """The same with examples as values: how their JSON is laid out is no fact."""
    if isinstance(data, dict):
        return {name: without_layout(value, name) for name, value in data.items()}
    if isinstance(data, list):
        return [without_layout(item, key) for item in data]
    if isinstance(data, str) and key in ("example", "examples", "json"):
        return json.loads(data, parse_float=Decimal)
    return data


def test_an_import_gives_the_same_spec(openapi: Any, spec: Spec, product: Product, tmp_path: Path) -> None:
    document = json.loads(json.dumps(openapi), parse_float=Decimal)

    again = load_spec(written(convert(Document(document)), tmp_path))

    assert [str(finding) for finding in again.findings if finding.severity == "error"] == []
    assert again.spec is not None
    assert without_layout(written_files(evolve(again.spec, digest=spec.digest))) == without_layout(written_files(spec))


def test_an_operation_says_what_openapi_has_no_words_for() -> None:
    from .conftest import exported

    book = calls(json.loads(exported("openapi", "example_spec")))["order_book"]
    ws = book.pop("x-ws")
    assert ws["method"] == "depth"
    example = book["responses"]["200"]["content"]["application/json"].pop("example")
    assert example["lastUpdateId"] == 7
    assert book == {
        "operationId": "order_book",
        "tags": ["market"],
        "summary": "The book of a symbol.",
        "x-summary-zh": "订单簿。",
        "description": "Best prices first.",
        "x-description-zh": "最优价在前。",
        "security": [],
        "parameters": [
            {
                "name": "symbol",
                "in": "query",
                "required": True,
                "schema": {"type": "string", "minLength": 2, "maxLength": 20, "pattern": "^[A-Z0-9]+$"},
                "x-case": "upper",
            },
            {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "format": "int64", "default": 100, "enum": [50, 100, 500]},
            },
        ],
        "responses": {
            "200": {
                "description": "The book of a symbol.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OrderBook"}}},
            },
            "default": {
                "description": "The request was refused, or its fate is not known.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorReply"}}},
            },
        },
        "x-security": "NONE",
        "x-group": "market",
        "x-weight": {"by": "limit", "up_to": {"50": 2, "100": 5}, "above": 10},
        "x-retry": "safe",
    }


def test_a_signed_operation_carries_key_time_and_signature() -> None:
    from .conftest import exported

    order = calls(json.loads(exported("openapi", "example_spec")))["new_order"]
    assert order["security"] == [{"ApiKey": []}]
    assert order["parameters"][-3:] == [
        {"$ref": f"#/components/parameters/{name}"} for name in ("timestamp", "recvWindow", "signature")
    ]
    assert order["x-costs"] == {"orders_10s": 1}
    assert order["x-resolve"]["operation"] == "query_order"


def test_shapes_of_the_vocabulary() -> None:
    from .conftest import exported

    schemas = json.loads(exported("openapi", "example_spec"))["components"]["schemas"]
    assert schemas["PriceLevel"] == {
        "type": "array",
        "prefixItems": [{"type": "string", "format": "decimal", "x-wire-type": "decimal"}] * 2,
        "minItems": 2,
        "x-positional": ["price", "quantity"],
        "x-kind": "model",
        "x-module": "market",
    }
    assert schemas["SymbolFilter"] == {
        "anyOf": [{"$ref": "#/components/schemas/PriceFilter"}, {"$ref": "#/components/schemas/LotSizeFilter"}],
        "discriminator": {
            "propertyName": "filterType",
            "mapping": {
                "PRICE_FILTER": "#/components/schemas/PriceFilter",
                "LOT_SIZE": "#/components/schemas/LotSizeFilter",
            },
        },
        "x-kind": "union",
        "x-module": "market",
    }
    assert schemas["Ticker"]["properties"]["lastPrice"] == {
        "type": ["string", "null"],
        "format": "decimal",
        "x-wire-type": "decimal",
        "x-unit": "quote asset",
    }
    assert schemas["Family"]["x-values"] == {
        "1": {"en": "Linear.", "zh": "正向。"},
        "2": {"en": "Inverse.", "zh": "反向。"},
    }
