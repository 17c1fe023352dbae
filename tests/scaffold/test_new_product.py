"""`specwright new product`: what it writes passes the checks, generates, imports and answers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from specwright.cli import app
from specwright.linting.run import lint
from specwright.schema.document import schema_document
from specwright.spec import load_spec

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests" / "spec" / "example_spec"

USE = """
import lunar_client
from lunar_client.lunar import AsyncLunar, Lunar

with Lunar() as client:
    print(client.market_data.server_time.cost(), lunar_client.__name__, client.market_data.server_time.__doc__)
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def specwright(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_spec_is_begun_with_its_first_product() -> None:
    result = specwright("new", "product", "lunar")

    assert result.exit_code == 0, result.stderr
    assert sorted(result.stdout.splitlines()) == [
        "spec/exchange.yaml: written",
        "spec/lunar/errors.yaml: written",
        "spec/lunar/models/market_data.yaml: written",
        "spec/lunar/operations/market_data.yaml: written",
        "spec/lunar/product.yaml: written",
    ]
    assert [str(finding) for finding in lint(load_spec(Path("spec"))).findings] == []


def test_the_package_can_be_generated_and_used() -> None:
    assert specwright("new", "product", "lunar").exit_code == 0

    assert specwright("generate").exit_code == 0

    environment = {**os.environ, "PYTHONPATH": "generated"}
    done = subprocess.run([sys.executable, "-c", USE], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1 lunar_client The exchange's time.\n"


def test_what_is_known_is_filled_in() -> None:
    result = specwright(
        *("new", "product", "lunar", "--title", "Lunar Options", "--client", "Moon"),
        *("--rest", "https://api.lunar.test", "--documentation", "https://docs.lunar.test"),
    )

    assert result.exit_code == 0, result.stderr
    spec = load_spec(Path("spec")).spec
    assert spec is not None
    product = spec.products["lunar"]
    assert (product.title, product.client, product.documentation, product.environments["production"].rest) == (
        "Lunar Options",
        "Moon",
        "https://docs.lunar.test",
        "https://api.lunar.test",
    )


def test_a_second_product_draws_on_the_budget_of_the_first() -> None:
    shutil.copytree(EXAMPLE, "spec")
    before = files(Path("spec"))

    assert specwright("new", "product", "lunar").exit_code == 0

    assert {path: data for path, data in files(Path("spec")).items() if not path.startswith("lunar/")} == before
    spec = load_spec(Path("spec")).spec
    assert spec is not None
    assert spec.products["lunar"].budgets == ["request_weight"]
    assert spec.package == "example_exchange"


def test_an_editor_knows_the_files() -> None:
    import yaml

    assert specwright("new", "product", "lunar").exit_code == 0
    assert specwright("schema").exit_code == 0

    validator = Draft202012Validator(schema_document())
    for path in Path("spec").rglob("*.yaml"):
        text = path.read_text("utf-8")
        assert validator.is_valid(yaml.safe_load(text)), path
        hint = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / hint).resolve() == Path("spec/schema.json").resolve()


@pytest.mark.parametrize("name", ["Lunar", "9lives", "lunar-options", "../lunar", ""])
def test_a_name_that_is_no_package_is_refused(name: str, project: Path) -> None:
    assert specwright("new", "product", name).exit_code == 2
    assert files(project) == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("futures",), "futures: spec/futures is there already"),
        (("class",), "class: the spec would have a mistake"),
        (("lunar", "--client", "Futures"), "lunar: the spec would have a mistake"),
        (("lunar", "--rest", "api.lunar.test"), "lunar: the spec would have a mistake"),
    ],
)
def test_nothing_is_written_that_would_be_wrong(arguments: tuple[str, ...], said: str) -> None:
    shutil.copytree(EXAMPLE, "spec")
    before = files(Path("spec"))

    result = specwright("new", "product", *arguments)

    assert (result.exit_code, result.stderr.splitlines()[-1]) == (1, said)
    assert files(Path("spec")) == before


def test_a_spec_with_a_mistake_is_mended_first() -> None:
    shutil.copytree(EXAMPLE, "spec")
    path = Path("spec/exchange.yaml")
    path.write_text(path.read_text().replace("scope: ip", "scope: earth"))

    result = specwright("new", "product", "lunar")

    assert result.exit_code == 1
    assert "wrong-value: 'earth'" in result.stderr
    assert not Path("spec/lunar").exists()
