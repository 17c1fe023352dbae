"""A spec is begun from somebody else's OpenAPI document; what cannot be said is listed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from specwright.cli import app
from specwright.importer.openapi.convert import Conversion, convert
from specwright.importer.openapi.document import Document, UnusableDocument, read_document
from specwright.spec import load_spec

from .bicycles import BICYCLES
from .writing import written

if TYPE_CHECKING:
    from pathlib import Path

    from specwright.importer.knowledge import Plain

RUNNER = CliRunner()


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
