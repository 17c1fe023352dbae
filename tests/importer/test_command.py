"""The commands: what goes to standard output, what to standard error, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from specwright.cli import app
from specwright.importer.naming import TODO

from .pages import BOOK_MARKDOWN, CANCEL_CHINESE, QUERY_ENGLISH, WELCOME

if TYPE_CHECKING:
    from pathlib import Path

RUNNER = CliRunner()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A folder with saved pages."""
    for name, text in (
        ("book.md", BOOK_MARKDOWN),
        ("query.md", QUERY_ENGLISH),
        ("cancel.md", CANCEL_CHINESE),
        ("hi.md", WELCOME),
    ):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_an_entry_goes_to_standard_output(saved: Path, spec: Path) -> None:
    result = RUNNER.invoke(app, ["import", "page", str(saved / "book.md"), "--spec", str(spec)])

    assert result.exit_code == 0
    assert result.stdout.startswith(f"# {spec}/futures/operations/market.yaml\noperations:\n\n  depth_of_a_contract:\n")
    assert result.stderr == (
        f"{saved}/book.md: rest GET /v1/depth: operations.depth_of_a_contract (recognised)\n"
        "  the model Level fits what the page shows, and is used\n"
        "  not taken over: Hidden orders are not part of it.\n"
    )


def test_writing_says_what_it_did(saved: Path, spec: Path) -> None:
    result = RUNNER.invoke(app, ["import", "page", "--write", str(saved / "cancel.md"), "--spec", str(spec)])

    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == (
        f"{saved}/cancel.md: rest DELETE /v1/order: operations.cancel_order (known)\n"
        "  the field fee is added to Order, as optional\n"
        f"{spec}/futures/operations/trade.yaml: written\n"
        f"{spec}/futures/models/trade.yaml: written\n"
    )


def test_what_is_not_recognised_is_named_and_the_rest_goes_on(saved: Path, spec: Path) -> None:
    files = [str(saved / "hi.md"), str(saved / "query.md"), str(saved / "none.md")]

    result = RUNNER.invoke(app, ["import", "page", *files, "--spec", str(spec)])

    assert result.exit_code == 1
    assert f"{saved}/hi.md: no operation, stream or event is described here\n" in result.stderr
    assert f"{saved}/none.md: No such file or directory\n" in result.stderr
    assert "  query_order:\n" in result.stdout


def test_a_page_of_no_known_group_does_not_stop_the_others(saved: Path, spec: Path) -> None:
    (saved / "else.md").write_text(QUERY_ENGLISH.replace("/v1/order", "/v1/else"), "utf-8")
    files = [str(saved / "else.md"), str(saved / "cancel.md")]

    result = RUNNER.invoke(app, ["import", "page", "--write", *files, "--spec", str(spec)])

    assert result.exit_code == 1
    assert result.stderr.startswith(
        f"{saved}/else.md: GET /v1/else: the page's address names no group of the product (market, trade); "
        "say which with --group\n"
    )
    assert "weight: 3}" in (spec / "futures/operations/trade.yaml").read_text("utf-8")


def test_a_page_can_be_read_without_a_spec(saved: Path, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["import", "page", str(saved / "book.md"), "--spec", str(tmp_path / "none")])

    assert result.exit_code == 0
    assert result.stdout.startswith(f"# operations/{TODO}.yaml\n")


def test_a_spec_that_cannot_be_read_is_told_with_its_place(saved: Path, spec: Path) -> None:
    (spec / "futures/enums.yaml").write_text("enums: [\n", "utf-8")

    result = RUNNER.invoke(app, ["import", "page", str(saved / "book.md"), "--spec", str(spec)])

    assert result.exit_code == 1
    assert result.stderr.startswith(f"{spec}/futures/enums.yaml:2:1: syntax: ")


@pytest.mark.parametrize("option", [["--product", "spot"], ["--group"]])
def test_wrong_options_are_refused(option: list[str], saved: Path, spec: Path) -> None:
    result = RUNNER.invoke(app, ["import", "page", str(saved / "book.md"), "--spec", str(spec), *option])

    assert result.exit_code == 2
