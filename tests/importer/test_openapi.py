"""A spec is begun from somebody else's OpenAPI document; what cannot be said is listed."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from specwright.cli import app
from specwright.importer.openapi.convert import Conversion, convert, file_text
from specwright.importer.openapi.document import Document, UnusableDocument, read_document
from specwright.spec import load_spec

if TYPE_CHECKING:
    from pathlib import Path

    from specwright.importer.knowledge import Plain
    from specwright.spec.dialect.exchange import Spec

RUNNER = CliRunner()

ORDER: dict[str, Plain] = {
    "type": "object",
    "required": ["orderId", "price", "t"],
    "description": "An order.",
    "properties": {
        "orderId": {"type": "integer", "format": "int64"},
        "price": {"$ref": "#/components/schemas/Price"},
        "status": {"$ref": "#/components/schemas/Status"},
        "t": {"type": "integer", "title": "trade time"},
        "when": {"type": "string", "format": "date-time", "nullable": True},
        "note": {"type": ["string", "null"]},
        "kind": {"type": "string", "enum": ["A", "B"]},
        "legs": {"type": "array", "items": {"type": "object", "properties": {"size": {"type": "number"}}}},
        "extra": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "parent": {"anyOf": [{"$ref": "#/components/schemas/Order"}, {"type": "null"}]},
        "choice": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        "pet": {"$ref": "#/components/schemas/Pet"},
        "row": {"type": "array", "prefixItems": [{"type": "integer", "title": "Open Time"}, {"type": "string"}]},
    },
}

BICYCLES: dict[str, Plain] = {
    "openapi": "3.1.0",
    "info": {"title": "Bicycle Exchange", "description": "Trades bicycles.", "version": "1.2"},
    "servers": [{"url": "https://api.bicycles.example/v1/"}, {"url": "/here"}],
    "tags": [{"name": "Market Data", "description": "What is on offer."}],
    "paths": {
        "/orders": {
            "parameters": [{"name": "symbol", "in": "query", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "listOrders",
                "tags": ["Market Data"],
                "summary": "All orders.",
                "parameters": [
                    {
                        "name": "limit",
                        "in": "query",
                        "description": "How many.",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 500},
                    },
                    {"name": "side", "in": "query", "schema": {"type": "string", "enum": ["BUY", "SELL"]}},
                    {"name": "status", "in": "query", "schema": {"$ref": "#/components/schemas/Status"}},
                    {
                        "name": "code",
                        "in": "query",
                        "schema": {"type": "string", "pattern": "^[A-Z]+$", "maxLength": 9},
                    },
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
                                "example": [{"orderId": 1, "price": "1.0", "t": 5}],
                            }
                        }
                    }
                },
            },
            "post": {
                "operationId": "placeOrder",
                "tags": ["Market Data", "trade"],
                "description": "Places an order. It may be large.",
                "deprecated": True,
                "security": [{"Key": []}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["items"],
                                "properties": {
                                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/NewItem"}}
                                },
                            }
                        }
                    }
                },
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
                },
            },
            "patch": {"responses": {}},
        },
        "/orders/{id}": {"get": {"responses": {"200": {"description": "one"}}}},
        "/ping": {"get": {"responses": {"204": {"description": "nothing"}}, "callbacks": {}}},
    },
    "webhooks": {},
    "components": {
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "X-KEY"}, "Login": {"type": "oauth2"}},
        "schemas": {
            "Order": ORDER,
            "Status": {"type": "string", "enum": ["NEW", "FILLED"], "description": "Stage."},
            "Price": {"type": "string", "format": "decimal"},
            "Pet": {
                "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
                "discriminator": {
                    "propertyName": "petType",
                    "mapping": {"cat": "Cat", "dog": "#/components/schemas/Dog"},
                },
            },
            "Animal": {"type": "object", "required": ["petType"], "properties": {"petType": {"type": "string"}}},
            "Cat": {"allOf": [{"$ref": "#/components/schemas/Animal"}, {"properties": {"lives": {"type": "integer"}}}]},
            "Dog": {
                "allOf": [
                    {"$ref": "#/components/schemas/Animal"},
                    {"required": ["bark"], "properties": {"bark": {"type": "boolean"}}},
                ]
            },
            "NewItem": {
                "type": "object",
                "required": ["price"],
                "properties": {"price": {"$ref": "#/components/schemas/Price"}},
            },
        },
    },
}


def written(conversion: Conversion, folder: Path) -> Path:
    for name, content in conversion.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file_text(content), "utf-8")
    return folder


def content_at(conversion: Conversion, file: str, *path: str) -> Plain:
    value: Plain = conversion.files[file]
    for step in path:
        assert isinstance(value, dict)
        value = value[step]
    return value


@pytest.fixture(scope="module")
def bicycles() -> Conversion:
    return convert(Document(BICYCLES))


def test_the_files_that_a_spec_needs(bicycles: Conversion) -> None:
    assert list(bicycles.files) == [
        "exchange.yaml",
        "bicycle_exchange/product.yaml",
        "bicycle_exchange/enums.yaml",
        "bicycle_exchange/models/market_data.yaml",
        "bicycle_exchange/operations/market_data.yaml",
        "bicycle_exchange/operations/general.yaml",
    ]


def test_only_open_ends_are_wrong_with_it(bicycles: Conversion, tmp_path: Path) -> None:
    findings = load_spec(written(bicycles, tmp_path)).findings

    assert {str(finding.code) for finding in findings} == {"todo"}


def test_an_operation(bicycles: Conversion) -> None:
    assert content_at(bicycles, "bicycle_exchange/operations/market_data.yaml", "operations", "list_orders") == {
        "summary": {"en": "All orders.", "zh": "TODO"},
        "security": "NONE",
        "rest": {"method": "GET", "path": "/orders", "weight": 1, "weight_assumed": True},
        "params": {
            "symbol": {"type": "string", "required": True},
            "limit": {
                "type": "int",
                "default": 500,
                "min": 1,
                "max": 1000,
                "summary": {"en": "How many.", "zh": "TODO"},
            },
            "side": {"type": "string", "one_of": ["BUY", "SELL"]},
            "status": {"type": "Status"},
            "code": {"type": "string", "max_length": 9, "pattern": "[A-Z]+"},
        },
        "response": ["Order"],
        "example": '[{"orderId": 1, "price": "1.0", "t": 5}]\n',
    }


def test_a_body_of_objects_becomes_an_input(bicycles: Conversion) -> None:
    models = "bicycle_exchange/models/market_data.yaml"
    placing = content_at(bicycles, "bicycle_exchange/operations/market_data.yaml", "operations", "place_order")

    assert isinstance(placing, dict)
    assert placing["params"] == {
        "symbol": {"type": "string", "required": True},
        "items": {"type": ["NewItem"], "required": True},
    }
    assert placing["deprecated"] == {"since": "TODO"}
    assert placing["summary"] == {"en": "Places an order.", "zh": "TODO"}
    assert content_at(bicycles, models, "inputs", "NewItem") == {
        "params": {"price": {"type": "decimal", "required": True}}
    }


def test_models_enums_unions_and_rows(bicycles: Conversion) -> None:
    models = content_at(bicycles, "bicycle_exchange/models/market_data.yaml", "models")

    assert isinstance(models, dict)
    assert models["Order"] == {
        "summary": {"en": "An order.", "zh": "TODO"},
        "fields": {
            "orderId": "int",
            "price": "decimal",
            "status": {"type": "Status", "optional": True},
            "t": {"name": "trade_time", "type": "int"},
            "when": {"type": "string", "optional": True, "nullable": True},
            "note": {"type": "string", "optional": True, "nullable": True},
            "kind": {"type": "Kind", "optional": True},
            "legs": {"type": ["Leg"], "optional": True},
            "extra": {"type": {"string": "bool"}, "optional": True},
            "parent": {"type": "Order", "optional": True, "nullable": True},
            "choice": {"type": "json", "optional": True},
            "pet": {"type": "Pet", "optional": True},
            "row": {"type": "Row", "optional": True},
        },
    }
    assert models["Pet"] == {"union": {"tag": "petType", "of": {"cat": "Cat", "dog": "Dog"}}}
    assert models["Dog"] == {"fields": {"petType": "string", "bark": "bool"}}
    assert models["Row"] == {"as": "array", "fields": {"open_time": "int", "TODO_2": "string"}}
    assert content_at(bicycles, "bicycle_exchange/enums.yaml", "enums") == {
        "Status": {"summary": {"en": "Stage.", "zh": "TODO"}, "values": ["NEW", "FILLED"]},
        "Kind": {"values": ["A", "B"]},
    }


def test_what_cannot_be_said_is_listed(bicycles: Conversion) -> None:
    assert [str(unsaid) for unsaid in bicycles.unsaid] == [
        "#/components/securitySchemes/Login: the scheme 'oauth2' cannot be said",
        "#/paths/~1orders/get: no weight is stated; 1 is assumed and marked so",
        "#/paths/~1orders/get/parameters/4: a parameter in the header cannot be said",
        "#/components/schemas/Order/properties/when/format: the format 'date-time' has no place in the dialect",
        "#/components/schemas/Order/properties/choice: several forms without a deciding field: any JSON value is taken",
        "#/paths/~1orders/post/tags: an operation has one group: 'Market Data'",
        "#/paths/~1orders/post: no weight is stated; 1 is assumed and marked so",
        "#/paths/~1orders/post/requestBody/content/application~1json: a body of application/json cannot be said; "
        "its members are sent as parameters",
        "#/paths/~1orders/patch: the method PATCH cannot be said",
        "#/paths/~1orders~1{id}/get: a parameter within the path cannot be said; the operation is left out",
        "#/paths/~1ping/get: no weight is stated; 1 is assumed and marked so",
        "#/paths/~1ping/get/callbacks: has no place in the dialect",
        "#/servers/1: '/here' is not the whole address of a host",
        "#/webhooks: has no place in the dialect",
    ]


EXTENDED: dict[str, Plain] = {
    "openapi": "3.1.0",
    "info": {"title": "Futures", "version": "1"},
    "x-exchange": {
        "package": "bourse",
        "summary": {"en": "A bourse.", "zh": "交易所。"},
        "credentials": {"api_key": "A", "api_secret": "B"},
        "budgets": {
            "weight": {"limit": 9, "interval": "1m", "scope": "ip", "summary": {"en": "W.", "zh": "权重。"}},
            "orders": {"limit": 9, "interval": "1m", "scope": "account", "summary": {"en": "O.", "zh": "下单。"}},
        },
    },
    "x-product": {
        "name": "futures",
        "product": {
            "title": "Futures",
            "client": "Futures",
            "summary": {"en": "F.", "zh": "合约。"},
            "documentation": "https://docs.bourse.example",
        },
        "environments": {"production": {"rest": "https://api.bourse.example", "streams": "wss://push.bourse.example"}},
        "routes": {"public": "/public"},
        "security": {"TRADE": {"api_key": True, "signed": True}},
        "api_key_header": "X-KEY",
        "recv_window": {"default": "5s", "maximum": "60s"},
        "weight_budget": "weight",
        "budgets": ["weight", "orders"],
        "groups": {"trade": {"en": "Trade.", "zh": "交易。"}},
        "errors": [{"code": -1, "name": "UNKNOWN", "summary": {"en": "Unknown.", "zh": "未知。"}}],
    },
    "paths": {
        "/v1/order": {
            "post": {
                "operationId": "new_order",
                "summary": "Places an order.",
                "x-summary-zh": "下单。",
                "externalDocs": {"url": "https://docs.bourse.example/trade/New"},
                "x-group": "trade",
                "x-security": "TRADE",
                "x-weight": {"by": "limit", "up_to": {"5": 1, "9": 2}, "above": 7},
                "x-costs": {"orders": 1},
                "x-retry": "never",
                "x-rules": [{"require": ["limit"], "when": {"side": "BUY"}}],
                "x-since": "2026-01-01",
                "x-ws": {"method": "order.place", "weight": 0},
                "parameters": [
                    {"name": "side", "in": "query", "required": True, "schema": {"$ref": "#/components/schemas/Side"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 5}},
                    {
                        "name": "price",
                        "in": "query",
                        "schema": {"type": "string", "x-wire-type": "decimal", "minimum": 0},
                        "x-unit": "quote asset",
                        "description": "Limit.",
                        "x-summary-zh": "限价。",
                    },
                    {
                        "name": "id",
                        "in": "query",
                        "schema": {"type": "string", "pattern": "^(?:[a-z]{1,36})$"},
                        "x-generated": "client_order_id",
                        "x-name": "order_id",
                        "x-case": "lower",
                    },
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "array",
                                    "items": {
                                        "oneOf": [{"$ref": "#/components/schemas/Order"}, {"type": "object"}],
                                        "x-result": True,
                                    },
                                },
                                "examples": {
                                    "one": {
                                        "x-title": "One",
                                        "value": [{"T": 1, "c": "", "k": [1, "0.5"], "n": Decimal("0.5")}],
                                    }
                                },
                            }
                        }
                    }
                },
            }
        }
    },
    "x-streams": {
        "order_stream": {
            "x-group": "market",
            "summary": {"en": "Orders.", "zh": "订单。"},
            "pattern": "<symbol>@order",
            "route": "public",
            "params": {"symbol": {"type": "string", "required": True}},
            "payload": "Order",
            "example": '{"T": 1, "k": [1, "0.5"], "n": 1}\n',
        }
    },
    "components": {
        "schemas": {
            "Side": {
                "x-kind": "enum",
                "type": "string",
                "enum": ["BUY", "SELL"],
                "x-values": {"BUY": {"en": "B.", "zh": "买。"}, "SELL": {"en": "S.", "zh": "卖。"}},
            },
            "Order": {
                "x-kind": "model",
                "x-module": "trading",
                "description": "An order.",
                "x-summary-zh": "订单。",
                "type": "object",
                "required": ["T", "k", "n"],
                "properties": {
                    "T": {"type": "integer", "x-wire-type": "timestamp", "x-name": "time"},
                    "c": {
                        "type": "string",
                        "x-wire-type": "decimal",
                        "x-name": "commission",
                        "x-blank": True,
                        "x-unit": "%",
                    },
                    "k": {"$ref": "#/components/schemas/Row", "x-name": "row"},
                    "n": {"type": "number", "x-name": "share"},
                    "key": {"type": "string", "x-secret": True},
                },
            },
            "Row": {
                "x-kind": "model",
                "x-module": "trading",
                "type": "array",
                "x-positional": ["open_time", "price"],
                "prefixItems": [
                    {"type": "integer", "x-wire-type": "timestamp"},
                    {"type": "string", "x-wire-type": "decimal"},
                ],
            },
        }
    },
}


def loaded(document: dict[str, Plain], folder: Path) -> Spec:
    result = load_spec(written(convert(Document(document)), folder))
    assert [str(finding) for finding in result.findings] == []
    assert result.spec is not None
    return result.spec


def test_extensions_say_all_that_the_dialect_can(tmp_path: Path) -> None:
    conversion = convert(Document(EXTENDED))

    assert conversion.unsaid == []
    product = loaded(EXTENDED, tmp_path).products["futures"]
    order = product.operations["new_order"]
    assert order.rest is not None
    assert order.ws is not None
    assert (order.group, order.security, order.retry, order.since) == ("trade", "TRADE", "never", "2026-01-01")
    assert (order.documentation, order.summary.zh) == ("/trade/New", "下单。")
    assert (str(order.rest.weight), sorted(order.rest.costs)) == (
        "WeightByValue(param='limit', up_to={5: 1, 9: 2}, values={}, otherwise=None, above=7)",
        ["orders"],
    )
    assert order.ws.method == "order.place"
    assert [rule.kind for rule in order.rules] == ["require"]
    price, name = order.params[2], order.params[3]
    assert (price.unit, price.minimum, price.summary and price.summary.zh) == ("quote asset", Decimal(0), "限价。")
    assert (name.generated, name.name, name.case, name.pattern) == (
        "client_order_id",
        "order_id",
        "lower",
        "[a-z]{1,36}",
    )
    assert [example.title for example in order.examples] == ["One"]
    assert [error.name for error in product.errors] == ["UNKNOWN"]
    assert product.streams["order_stream"].group == "market"


def test_extensions_of_models(tmp_path: Path) -> None:
    product = loaded(EXTENDED, tmp_path).products["futures"]

    fields = {each.wire: each for each in product.models["Order"].fields}  # type: ignore[union-attr]
    assert {wire: (each.name, type(each.type).__name__) for wire, each in fields.items()} == {
        "T": ("time", "Scalar"),
        "c": ("commission", "Scalar"),
        "k": ("row", "Named"),
        "n": ("share", "Scalar"),
        "key": (None, "Scalar"),
    }
    assert (fields["c"].blank, fields["c"].optional, fields["c"].unit, fields["key"].secret) == (True, True, "%", True)
    assert product.models["Order"].module == "trading"
    assert [value.summary and value.summary.zh for value in product.enums["Side"].values] == ["买。", "卖。"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "syntax"),
        ("swagger: '2.0'", "not an OpenAPI 3 document"),
        ("[]", "not an OpenAPI 3 document"),
        ("", "the file is empty"),
        ("openapi: 4.0", "openapi 4.0"),
    ],
)
def test_what_is_no_openapi_document_is_told(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "api.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(UnusableDocument, match=reason):
        read_document(path)


def test_the_command_writes_a_folder_and_a_report(tmp_path: Path) -> None:
    document = tmp_path / "bicycles.json"
    document.write_text(json.dumps(BICYCLES), "utf-8")
    report = tmp_path / "report.txt"
    arguments = ["import", "openapi", str(document), "--out", str(tmp_path / "spec"), "--report", str(report)]

    first = RUNNER.invoke(app, [*arguments, "--product", "bikes", "--package", "cycles"])
    again = RUNNER.invoke(app, [*arguments, "--product", "bikes"])

    assert (first.exit_code, first.stdout) == (0, "")
    assert "#/paths/~1orders/patch: the method PATCH cannot be said" in first.stderr
    assert report.read_text("utf-8").splitlines()[-1] == "#/webhooks: has no place in the dialect"
    assert (tmp_path / "spec/exchange.yaml").read_text("utf-8").startswith("package: cycles\n")
    assert sorted(path.name for path in (tmp_path / "spec/bikes").iterdir()) == [
        "enums.yaml",
        "models",
        "operations",
        "product.yaml",
    ]
    assert again.exit_code == 1
    assert again.stderr.startswith(f"{tmp_path}/spec/bikes: there is a product of this name already")


@pytest.mark.parametrize("option", ["--product", "--package"])
def test_names_that_cannot_be_packages_are_refused(option: str, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["import", "openapi", "x.json", "--out", str(tmp_path), option, "a-b"])

    assert result.exit_code == 2
