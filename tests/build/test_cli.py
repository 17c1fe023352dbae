"""The commands as a maintainer types them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from specwright.build.manifest import MANIFEST
from specwright.cli import app

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def generated(project: Path) -> Path:
    assert specwright("generate").exit_code == 0
    return project / "generated" / "example_exchange"


def specwright(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def spoil(project: Path) -> None:
    """Makes two mistakes in the spec."""
    operations = project / "spec" / "plain" / "operations" / "market.yaml"
    operations.write_text(operations.read_text().replace("response: Price", "response: Prise"))
    product = project / "spec" / "plain" / "product.yaml"
    product.write_text(product.read_text().replace("api_key_header:", "api_key_heder:"))


def test_generate_says_what_it_wrote_and_then_has_nothing_to_do(project: Path) -> None:
    first, second = specwright("generate"), specwright("generate")
    assert first.exit_code == second.exit_code == 0
    assert "generated/example_exchange: " in first.stdout
    assert " written (" in first.stdout
    assert "nothing to change" in second.stdout


def test_a_generated_tree_passes_its_check(generated: Path) -> None:
    result = specwright("generate", "--check")
    assert (result.exit_code, result.output) == (0, "")


def test_check_names_edited_missing_and_stale_files(generated: Path, project: Path) -> None:
    client = generated / "margined" / "client.py"
    client.write_text(client.read_text() + "# by hand\n")
    (generated / "plain" / "errors.py").unlink()
    streams = project / "spec" / "margined" / "streams" / "user_data.yaml"
    streams.write_text(streams.read_text().replace("An order changed.", "An order has changed."))
    before = files(generated)

    result = specwright("generate", "--check")

    assert result.exit_code == 1
    named = {line.split(": ")[0]: line.split(": ")[1] for line in result.stdout.splitlines()}
    assert named == {
        "generated/example_exchange/margined/client.py": "was edited by hand",
        "generated/example_exchange/plain/errors.py": "is missing",
        "generated/example_exchange/__init__.py": "is not what the spec gives",
        f"generated/example_exchange/{MANIFEST}": "is not what the spec gives",
    }
    assert files(generated) == before


def test_generate_tells_of_an_edit_by_hand_that_it_replaces(generated: Path) -> None:
    client = generated / "margined" / "client.py"
    right = client.read_text()
    client.write_text(right + "# by hand\n")
    result = specwright("generate")
    assert result.exit_code == 0
    assert "margined/client.py: was edited by hand, and is replaced" in result.stderr
    assert client.read_text() == right


def test_a_removed_product_disappears(generated: Path, project: Path) -> None:
    shutil.rmtree(project / "spec" / "plain")
    assert "generated/example_exchange/plain/client.py: is not produced" in specwright("generate", "--check").stdout
    assert " removed (" in specwright("generate").stdout
    assert not (generated / "plain").exists()


def test_a_bad_spec_names_every_mistake_and_writes_nothing(generated: Path, project: Path) -> None:
    before = files(generated)
    spoil(project)
    result = specwright("generate")
    assert result.exit_code == 1
    places = [line.split(": ")[:2] for line in result.stdout.splitlines()]
    assert places == [
        ["spec/plain/operations/market.yaml:6:15", "unknown-type"],
        ["spec/plain/product.yaml:2:1", "missing-key"],
        ["spec/plain/product.yaml:11:1", "unknown-key"],
    ]
    assert files(generated) == before


def test_a_foreign_file_in_the_way_is_named(project: Path) -> None:
    place = project / "generated" / "example_exchange" / "errors.py"
    place.parent.mkdir(parents=True)
    place.write_text("mine\n")
    result = specwright("generate")
    assert result.exit_code == 1
    assert result.stderr.startswith("generated/example_exchange/errors.py: was not written by specwright")
    assert files(place.parent) == {"errors.py": b"mine\n"}


def test_a_damaged_manifest_is_explained(generated: Path) -> None:
    (generated / MANIFEST).write_text("<<<<<<< HEAD")
    result = specwright("generate")
    assert result.exit_code == 1
    assert "remove generated/example_exchange and generate it again" in result.stderr


def test_diff_shows_and_does_not_write(generated: Path, project: Path) -> None:
    product = project / "spec" / "plain" / "product.yaml"
    product.write_text(product.read_text().replace("plain.example.com", "fancy.example.com"))
    before = files(generated)
    result = specwright("generate", "--diff")
    assert result.exit_code == 0
    assert "-    environments={" in result.stdout
    assert '+    environments={"production": Environment(rest="https://fancy.example.com")},' in result.stdout
    assert files(generated) == before


def test_only_one_product_is_written(generated: Path, project: Path) -> None:
    for name in ("plain", "margined"):
        product = project / "spec" / name / "product.yaml"
        product.write_text(product.read_text().replace("X-API-KEY", "X-OTHER-KEY"))
    assert specwright("generate", "--only", "plain").exit_code == 0
    assert "X-OTHER-KEY" in (generated / "plain" / "product.py").read_text()
    assert "X-API-KEY" in (generated / "margined" / "product.py").read_text()
    assert specwright("generate", "--check", "--only", "plain").exit_code == 0
    assert specwright("generate", "--check").exit_code == 1


def test_another_package_name_folder_and_template(project: Path) -> None:
    templates = project / "templates"
    templates.mkdir()
    (templates / "package.py.jinja").write_text("# Ours: {{ view.source }}\n")
    result = specwright("generate", "--package", "mine", "--out", "src", "--templates", "templates")
    assert result.exit_code == 0
    package = project / "src" / "mine"
    assert (package / "plain" / "operations" / "__init__.py").read_text() == "# Ours: plain/operations\n"
    assert (package / "plain" / "client.py").exists()


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("first line\n{% for %}\n", "templates/package.py.jinja:2: "),
        ("line\n{{ view.nonsense }}", "templates/package.py.jinja:2: "),
    ],
)
def test_a_wrong_template_is_named(project: Path, template: str, said: str) -> None:
    (project / "templates").mkdir()
    (project / "templates" / "package.py.jinja").write_text(template)
    result = specwright("generate", "--templates", "templates")
    assert result.exit_code == 1
    assert result.stderr.startswith(said)
    assert not (project / "generated").exists()


def test_a_folder_that_cannot_be_written_is_named(project: Path) -> None:
    (project / "generated").write_text("a file")
    result = specwright("generate")
    assert result.exit_code == 1
    assert "generated" in result.stderr
    assert "no half of a package was written" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [("--package", "not-a-name"), ("--only", "nothing"), ("--templates", "nowhere"), ("--unknown",)],
)
def test_wrong_options_are_refused(project: Path, arguments: tuple[str, ...]) -> None:
    assert specwright("generate", *arguments).exit_code == 2
    assert not (project / "generated").exists()


def test_check_counts_what_it_read(project: Path) -> None:
    result = specwright("check")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].endswith(" in 17 operations, 2 streams, 2 events, 18 models")


def test_check_fails_on_a_bad_spec(project: Path) -> None:
    spoil(project)
    result = specwright("check")
    assert result.exit_code == 1
    assert "did you mean 'Price'?" in result.stdout


def test_operations_for_machines(project: Path) -> None:
    result = specwright("operations", "--json")
    rows = json.loads(result.stdout)
    assert {row["product"] for row in rows} == {"margined", "plain"}
    assert {row["transport"] for row in rows} == {"rest", "ws_api", "stream", "event"}


def test_operations_for_people(project: Path) -> None:
    result = specwright("operations")
    assert result.exit_code == 0
    assert "product" in result.stdout
    assert "…" not in result.stdout


def test_operations_of_a_bad_spec_keep_standard_output_clean(project: Path) -> None:
    spoil(project)
    result = specwright("operations", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "unknown-type" in result.stderr
