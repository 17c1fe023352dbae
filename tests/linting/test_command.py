"""`specwright check` as a maintainer and a CI job call it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from specwright.cli import app

EXAMPLE = Path(__file__).parents[1] / "spec" / "example_spec"
MARKET = Path("spec/futures/operations/market.yaml")
CLEAN = """suppress:
  no-summary: Names say it here.
  no-documentation: There are no pages.
  no-reason: An example.
  no-replacement: An example.
  secret-unmarked: An example.
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a spec in it that has no finding."""
    shutil.copytree(EXAMPLE, tmp_path / "spec")
    monkeypatch.chdir(tmp_path)
    product = Path("spec/futures/product.yaml")
    product.write_text(CLEAN + product.read_text("utf-8"), "utf-8")


def edit(old: str, new: str, path: Path = MARKET) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def check(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["check", *arguments])


def test_what_was_to_leave_with_a_release_is_told_before_it() -> None:
    trade = Path("spec/futures/operations/trade.yaml")
    edit("use: price}", 'use: price, until: "1.0"}', trade)

    results = [check("--fail-on", "warning", *release) for release in ((), ("--release", "1.0.0"))]

    assert [result.exit_code for result in results] == [0, 1]
    assert results[1].stdout.splitlines()[0] == (
        f"{trade}:25:104: overdue: it was to leave with version 1.0, and is still there in 1.0.0 [warning]"
    )


def test_a_release_that_is_no_version_is_refused() -> None:
    result = check("--release", "next")

    assert result.exit_code == 2
    assert "'next' is not a version such as 2.0.1" in result.output


def test_a_clean_spec_is_told_by_what_is_in_it() -> None:
    result = check("--fail-on", "info")
    assert (result.exit_code, result.stdout) == (
        0,
        "spec: no mistakes in 14 operations, 2 streams, 2 events, 14 models\n",
    )


@pytest.mark.parametrize(
    ("change", "exit_codes"),
    [
        (("response: ServerTime", "response: ServerTim"), {"error": 1, "warning": 1, "info": 1}),
        (("en: The exchange's time.", "en: The exchange's time"), {"error": 0, "warning": 1, "info": 1}),
        (("en: The exchange's time.", "en: the exchange's time."), {"error": 0, "warning": 0, "info": 1}),
        (("en: The exchange's time.", "en: Its time."), {"error": 0, "warning": 0, "info": 0}),
    ],
)
def test_the_exit_code_says_whether_something_is_too_grave(change: tuple[str, str], exit_codes: dict[str, int]) -> None:
    edit(*change)
    assert {severity: check("--fail-on", severity).exit_code for severity in exit_codes} == exit_codes
    assert check().exit_code == exit_codes["error"]


def test_findings_are_counted_by_severity() -> None:
    edit("en: The exchange's time.", "en: the exchange's time")
    assert check().stdout.splitlines() == [
        f"{MARKET}:3:19: lower-case-start: 'the' begins a sentence [info]",
        f"{MARKET}:3:19: no-full-stop: 'the exchange's time' has no full stop [warning]",
        "spec: 1 warning, 1 remark in 14 operations, 2 streams, 2 events, 14 models",
    ]


def test_a_fix_touches_nothing_else() -> None:
    before = MARKET.read_text("utf-8")
    edit("{en: The exchange's time., zh: 服务器时间。}", "{en: the exchange's  time, zh: 服务器时间}  # A comment.")
    edit(
        "    description: {en: Best prices first., zh: 最优价在前。}\n",
        '    description:\n      en: >-\n        best prices\n        first\n\n      zh: "最优价在前"\n',
    )

    result = check("--fix")

    assert result.stdout.splitlines()[-2:] == [
        "spec: 7 fixed",
        "spec: no mistakes in 14 operations, 2 streams, 2 events, 14 models",
    ]
    expected = before.replace(
        "{en: The exchange's time., zh: 服务器时间。}", "{en: The exchange's time., zh: 服务器时间。}  # A comment."
    ).replace(
        "    description: {en: Best prices first., zh: 最优价在前。}\n",
        '    description:\n      en: >-\n        Best prices\n        first.\n\n      zh: "最优价在前。"\n',
    )
    assert MARKET.read_text("utf-8") == expected


def test_nothing_to_fix_changes_nothing() -> None:
    before = MARKET.read_bytes()
    assert check("--fix").exit_code == 0
    assert MARKET.read_bytes() == before


def test_json_has_every_finding_and_what_is_suppressed() -> None:
    edit("en: The exchange's time.", "en: The exchange's time")

    data = json.loads(check("--format", "json").stdout)

    assert data["findings"] == [
        {
            "path": str(MARKET),
            "line": 3,
            "column": 19,
            "code": "no-full-stop",
            "severity": "warning",
            "message": "'The exchange's time' has no full stop",
            "suggestion": None,
        }
    ]
    assert {"no-reason", "no-summary"} < {row["code"] for row in data["suppressed"]}
    assert {row["reason"] for row in data["suppressed"] if row["code"] == "no-summary"} == {"Names say it here."}


def test_github_shows_findings_beside_their_lines() -> None:
    edit("en: The exchange's time.", "en: the exchange's time.")
    edit("response: OrderBook", "response: OrderBok")

    lines = check("--format", "github").stdout.splitlines()

    assert lines == [
        f"::error file={MARKET},line=30,col=15,title=unknown-type::"
        "there is no type 'OrderBok'; did you mean 'OrderBook'?"
    ]
    edit("response: OrderBok", "response: OrderBook")
    assert check("--format", "github").stdout.splitlines() == [
        f"::notice file={MARKET},line=3,col=19,title=lower-case-start::'the' begins a sentence"
    ]


def test_sarif_has_rules_places_and_suppressions() -> None:
    edit("en: The exchange's time.", "en: The exchange's time")

    log = json.loads(check("--format", "sarif").stdout)

    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert rules["no-full-stop"] == {
        "id": "no-full-stop",
        "shortDescription": {"text": "A sentence ends with a full stop."},
        "defaultConfiguration": {"level": "warning"},
    }
    assert {result["ruleId"] for result in run["results"]} == set(rules)
    (open_result,) = (result for result in run["results"] if "suppressions" not in result)
    assert open_result == {
        "ruleId": "no-full-stop",
        "level": "warning",
        "message": {"text": "'The exchange's time' has no full stop"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": str(MARKET)},
                    "region": {"startLine": 3, "startColumn": 19},
                }
            }
        ],
    }
    suppressed = next(result for result in run["results"] if result["ruleId"] == "no-reason")
    assert suppressed["suppressions"] == [{"kind": "inSource", "justification": "An example."}]
