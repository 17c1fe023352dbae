"""`specwright export` as a maintainer types it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from specwright.cli import app
from specwright.export.documents import as_json, as_yaml

ROOT = Path(__file__).parents[2]
EXAMPLE = str(ROOT / "tests" / "spec" / "example_spec")
TWO_PRODUCTS = str(ROOT / "tests" / "build" / "golden" / "spec")


def export(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["export", *arguments])


@pytest.mark.parametrize("kind", ["openapi", "asyncapi"])
def test_json_and_yaml_say_the_same(kind: str) -> None:
    as_text = export(kind, "--spec", EXAMPLE).stdout
    assert yaml.safe_load(export(kind, "--spec", EXAMPLE, "--format", "yaml").stdout) == json.loads(as_text)


def test_a_file_is_written(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"

    result = export("openapi", "--spec", EXAMPLE, "--out", str(path))

    assert (result.exit_code, result.stdout) == (0, f"{path}: written\n")
    assert json.loads(path.read_text("utf-8"))["openapi"] == "3.1.0"


def test_one_of_several_products_has_to_be_named() -> None:
    unnamed, unknown = (
        export("openapi", "--spec", TWO_PRODUCTS),
        export("openapi", "--spec", TWO_PRODUCTS, "--product", "x"),
    )
    assert (unnamed.exit_code, unknown.exit_code) == (2, 2)
    assert "say which product" in unnamed.stderr
    assert "there is no product 'x'" in unknown.stderr

    named = export("openapi", "--spec", TWO_PRODUCTS, "--product", "margined")
    assert json.loads(named.stdout)["x-product"]["name"] == "margined"


def test_a_spec_with_a_mistake_is_not_exported(tmp_path: Path) -> None:
    result = export("asyncapi", "--spec", str(tmp_path))
    assert result.exit_code == 1
    assert "missing-file" in result.stderr


def test_decimals_keep_their_digits() -> None:
    document = {"price": Decimal("0.10"), "tiny": Decimal("1E-8"), "weights": {50: 2}, "whole": Decimal("12")}
    assert as_json(document) == (
        '{\n  "price": 0.10,\n  "tiny": 1E-8,\n  "weights": {\n    "50": 2\n  },\n  "whole": 12\n}\n'
    )
    assert as_yaml(document) == "price: 0.10\ntiny: 0.00000001\nweights:\n  '50': 2\nwhole: 12\n"
