"""`specwright diff` as a maintainer and a CI job call it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from specwright.cli import app

EXAMPLE = Path(__file__).parents[1] / "spec" / "example_spec"
MARKET = Path("spec/futures/operations/market.yaml")
BREAKING = ("  ticker:\n", "  price_ticker:\n")
ADDITIVE = ("  ticker:\n", "  price_ticker:\n    renamed_from: ticker\n")
INTERNAL = ("path: /v1/ticker", "path: /v2/ticker")


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=A Maintainer", "-c", "user.email=maintainer@example.test"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the example spec, committed once."""
    shutil.copytree(EXAMPLE, tmp_path / "spec")
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "The spec")
    return tmp_path


def edit(change: tuple[str, str]) -> None:
    text = MARKET.read_text("utf-8")
    assert change[0] in text
    MARKET.write_text(text.replace(*change, 1), "utf-8")


def diff(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["diff", *arguments])


def test_without_arguments_the_folder_is_compared_with_the_last_commit(project: Path) -> None:
    edit(INTERNAL)

    result = diff()

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "internal  futures: call market.ticker: path /v1/ticker → /v2/ticker (the client knows the address)",
        "1 internal: patch",
    ]


def test_two_revisions_are_compared(project: Path) -> None:
    edit(ADDITIVE)
    git("commit", "--quiet", "--all", "--message", "Call it what it is")
    edit(BREAKING[::-1])

    result = diff("HEAD~1", "HEAD", "--version", "1.4.2")

    assert result.stdout.splitlines() == [
        "additive  futures: operation market.price_ticker: name market.ticker → market.price_ticker "
        "(the old method name is declared in renamed_from, and keeps working with a warning)",
        "1 additive: minor, 1.4.2 → 1.5.0",
    ]


def test_two_folders_are_compared(project: Path) -> None:
    shutil.copytree("spec", "before")
    edit(BREAKING)

    result = diff("before", "spec", "--version", "0.3.1")

    assert result.stdout.splitlines()[-1] == "1 breaking: major, 0.3.1 → 0.4.0"


@pytest.mark.parametrize(
    ("change", "fail_on", "exit_code"),
    [
        (BREAKING, "breaking", 1),
        (BREAKING, "internal", 1),
        (ADDITIVE, "breaking", 0),
        (ADDITIVE, "additive", 1),
        (INTERNAL, "additive", 0),
        (INTERNAL, "internal", 1),
    ],
)
def test_the_exit_code_says_whether_a_change_is_too_grave(
    project: Path, change: tuple[str, str], fail_on: str, exit_code: int
) -> None:
    edit(change)
    assert diff("--fail-on", fail_on).exit_code == exit_code


def test_markdown_is_a_section_of_a_changelog(project: Path) -> None:
    edit(BREAKING)
    edit(("en: The book of a symbol.", "en: The order book of a symbol."))
    edit(("one_of: [50, 100, 500]", "one_of: [50, 100, 500, 1000]"))

    result = diff("--format", "markdown", "--version", "1.0.0")

    assert result.stdout == (
        "## 2.0.0\n"
        "\n"
        "### Breaking\n"
        "\n"
        "- **futures**: operation `market.price_ticker`: name market.ticker → market.price_ticker "
        "(the old method name is gone; with it in renamed_from it would keep working).\n"
        "\n"
        "### Changed\n"
        "\n"
        "- **futures**: parameter `market.order_book(limit)`: one_of [50, 100, 500] → [50, 100, 500, 1000] "
        "(taken now: 1000).\n"
        "\n"
        "1 description was reworded.\n"
    )


def test_json_has_every_change_with_its_reason(project: Path) -> None:
    edit(INTERNAL)

    result = diff("--format", "json")

    assert json.loads(result.stdout) == {
        "bump": "patch",
        "version": None,
        "counts": {"breaking": 0, "additive": 0, "internal": 1},
        "changes": [
            {
                "class": "internal",
                "reason": "the client knows the address",
                "product": "futures",
                "kind": "call",
                "path": "market.ticker",
                "over": [],
                "action": "changed",
                "fact": "path",
                "old": "/v1/ticker",
                "new": "/v2/ticker",
                "wording": False,
            }
        ],
    }


def test_nothing_changed(project: Path) -> None:
    assert diff("--fail-on", "internal").exit_code == 0
    assert diff().stdout == "nothing changed\n"
    assert diff("--format", "markdown").stdout == "## Unreleased\n\nNothing changed.\n"


def test_what_cannot_be_compared_is_said(project: Path) -> None:
    unknown = diff("v9")
    assert unknown.exit_code == 2
    assert unknown.stderr == "v9: there is no such folder or revision\n"

    edit(("weight: 1}", "wait: 1}"))
    mistaken = diff()
    assert mistaken.exit_code == 2
    assert "spec/futures/operations/market.yaml:6:41: unknown-key" in mistaken.stderr

    assert diff("--version", "one").exit_code == 2


def test_a_revision_with_mistakes_is_compared_nevertheless(project: Path) -> None:
    edit(("    security: NONE\n", "    security: NONE\n    colour: blue\n"))
    git("commit", "--quiet", "--all", "--message", "A mistake")
    edit(("    colour: blue\n", ""))
    edit(INTERNAL)

    result = diff()

    assert result.exit_code == 0
    assert result.stderr == "HEAD: today's dialect finds 1 mistake there; compared nevertheless\n"
    assert result.stdout.splitlines()[-1] == "1 internal: patch"
