"""Each lint finds what it is for, where it stands, and nothing else."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from attrs import frozen

from specwright.linting.run import Checked, lint
from specwright.linting.subject import SEVERITIES
from specwright.spec import Code, load_spec

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests" / "spec" / "example_spec"

ENUMS = "futures/enums.yaml"
MARKET_MODELS = "futures/models/market.yaml"
TRADE_MODELS = "futures/models/trade.yaml"
MARKET = "futures/operations/market.yaml"
TRADE = "futures/operations/trade.yaml"
PRODUCT = "futures/product.yaml"


@frozen
class Sloppiness:
    """One edit of the example spec, and what the linter says of it."""

    file: str
    old: str
    new: str
    expected: str
    """`line:column: code: message`."""


RELEASE = (1, 4, 0)
"""The version that is about to be released, where the examples below are told."""

SLOPPINESS = [
    Sloppiness(
        MARKET,
        "The book of a symbol.",
        "The book of a symbol",
        "12:19: no-full-stop: 'The book of a symbol' has no full stop",
    ),
    Sloppiness(MARKET, "订单簿。", "订单簿", "12:46: no-full-stop: '订单簿' has no full stop"),
    Sloppiness(
        MARKET, "en: Best prices first.", "en: best prices first.", "13:23: lower-case-start: 'best' begins a sentence"
    ),
    Sloppiness(MARKET, "en: Best prices first.", "en: Best  prices first.", "13:23: blanks: there are blanks too many"),
    Sloppiness(MARKET, "最优价在前。", "Best first。", "13:47: not-chinese: there is no Chinese character in it"),
    Sloppiness(
        MARKET, "en: Best prices first.", "en: 最优价 prices.", "13:23: not-english: there are Chinese characters in it"
    ),
    Sloppiness(MARKET, "en: Best prices first.", "en: 1.", "13:23: not-english: there is no word in it"),
    Sloppiness(PRODUCT, "zh: 行情。", "zh: 行情", "22:34: no-full-stop: '行情' has no full stop"),
    Sloppiness(
        MARKET_MODELS,
        "    summary: {en: The book of a symbol., zh: 订单簿。}\n",
        "",
        "3:3: no-summary: 'OrderBook' has no summary",
    ),
    Sloppiness(
        MARKET,
        "    documentation: /market/Check-Server-Time\n",
        "",
        "2:3: no-documentation: it does not name its page in the documentation",
    ),
    Sloppiness(
        MARKET,
        "    security: NONE\n    rest: {method: GET, path: /v1/time",
        "    security: NONE\n    retry: never\n    rest: {method: GET, path: /v1/time",
        "6:12: no-reason: no comment says why it is 'never' to repeat it",
    ),
    Sloppiness(
        MARKET,
        "path: /v1/time, weight: 1}",
        "path: /v1/time, weight: 1, weight_assumed: true}",
        "6:68: no-reason: no comment says what the assumed weight goes by",
    ),
    Sloppiness(
        TRADE,
        "deprecated: {since: 2026-05-01, use: price}",
        "deprecated: {since: 2026-05-01}",
        "25:65: no-replacement: it does not say what to use instead (`use`) or why there is nothing (`summary`)",
    ),
    Sloppiness(
        TRADE,
        "deprecated: {since: 2026-05-01, use: price}",
        "deprecated: {since: 2026-05-01, use: price, until: next year}",
        "25:104: malformed-version: 'next year' is not a version such as 2.0 or 2.0.1",
    ),
    Sloppiness(
        TRADE,
        "deprecated: {since: 2026-05-01, use: price}",
        'deprecated: {since: 2026-05-01, use: price, until: "1.4"}',
        "25:104: overdue: it was to leave with version 1.4, and is still there in 1.4.0",
    ),
    Sloppiness(
        MARKET,
        "since: 2026-01-01",
        "since: January",
        "56:12: malformed-date: 'January' is not a date such as 2026-01-31 or 2026-01",
    ),
    Sloppiness(
        MARKET,
        "since: 2026-01-01",
        "since: 2026-02-30",
        "56:12: malformed-date: '2026-02-30' is not a date such as 2026-01-31 or 2026-01",
    ),
    Sloppiness(
        TRADE,
        "quantity: {type: decimal}",
        "quantity: {type: decimal, unit: the quote assets}",
        "24:39: unit-spelling: the unit is spelt 'quote asset' elsewhere",
    ),
    Sloppiness(
        TRADE_MODELS,
        "closed: {type: bool, optional: true}",
        "lastPrice: {type: decimal, optional: true}",
        "11:7: unit-missing: every other 'last_price' is counted in 'quote asset'",
    ),
    Sloppiness(
        TRADE_MODELS,
        "    fields:\n      orderId: int\n",
        "    fields:\n      token: {type: string, optional: true}\n      orderId: int\n",
        "4:7: secret-unmarked: 'token' gives access to an account, and is not `secret: true`",
    ),
    Sloppiness(
        TRADE,
        "startTime: timestamp",
        "startTime: int",
        "80:7: time-as-number: 'startTime' is called a time; make it a timestamp, or give the number a unit",
    ),
    Sloppiness(
        TRADE,
        "quantity: {type: decimal}",
        "quantity: {type: decimal, required: false}",
        "24:43: redundant: 'required: false' goes without saying",
    ),
    Sloppiness(
        TRADE_MODELS,
        "closed: {type: bool, optional: true}",
        "closed: {name: closed, type: bool, optional: true}",
        "11:22: redundant: 'closed' is derived from 'closed' anyway",
    ),
    Sloppiness(
        ENUMS,
        "  Side: [BUY, SELL]",
        "  Side: [BUY, SELL]\n  Direction: {summary: {en: The same., zh: 相同。}, values: [SELL, BUY]}",
        "3:3: same-values: 'Direction' has the values of 'Side'",
    ),
    Sloppiness(
        MARKET_MODELS,
        "  DepthEvent:",
        "  Level:\n    summary: {en: A level., zh: 一档。}\n    as: array\n"
        "    fields: {price: decimal, quantity: decimal}\n  DepthEvent:",
        "27:3: same-fields: 'Level' has the fields of 'PriceLevel'",
    ),
    Sloppiness(
        PRODUCT,
        "routes: {public: /public, private: /private}",
        "routes: {public: /public, private: /private, market: /market}",
        "12:46: unused: no stream and no event has the route 'market'",
    ),
    Sloppiness(
        MARKET,
        "    security: NONE\n    since",
        "    security: NONE\n    suppress: {no-documentatoin: It has none.}\n    since",
        "56:16: unknown-suppression: the linter has no 'no-documentatoin'; did you mean 'no-documentation'?",
    ),
    Sloppiness(
        MARKET,
        "    documentation: /market/Check-Server-Time\n",
        "    documentation: /market/Check-Server-Time\n    suppress: {no-documentation: It has none.}\n",
        "5:16: unused-suppression: there is no 'no-documentation' here to suppress",
    ),
]


def messages(checked: Checked) -> Counter[tuple[str, str]]:
    """What is said of each file, wherever it stands."""
    return Counter((Path(finding.position.path).name, finding.message) for finding in checked.findings)


def told(checked: Checked, path: Path) -> list[str]:
    """What is said of one file, without its path."""
    findings = (str(finding) for finding in checked.findings if finding.position.path == str(path))
    return [text.removeprefix(f"{path}:").removesuffix(" [info]").removesuffix(" [warning]") for text in findings]


@pytest.fixture
def spec_folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "spec"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize("sloppiness", SLOPPINESS, ids=lambda each: each.expected.split(": ", 1)[1][:60])
def test_a_sloppiness_is_told_with_its_place(sloppiness: Sloppiness, spec_folder: Path) -> None:
    before = messages(lint(load_spec(spec_folder), release=RELEASE))
    edit(spec_folder, sloppiness.file, sloppiness.old, sloppiness.new)

    checked = lint(load_spec(spec_folder), release=RELEASE)

    new = [message for _, message in messages(checked) - before if not message.startswith("nothing refers to")]
    assert len(new) == 1
    assert sloppiness.expected in told(checked, spec_folder / sloppiness.file)


@pytest.mark.parametrize(
    ("until", "release", "overdue"),
    [
        ("2.0", None, False),
        ("2.0", (1, 9, 9), False),
        ("2.0.1", (2, 0, 0), False),
        ("2", (2, 0, 0), True),
        ("1.10", (2, 0, 0), True),
    ],
)
def test_a_farewell_is_overdue_from_its_version_on(
    until: str, release: tuple[int, int, int] | None, overdue: bool, spec_folder: Path
) -> None:
    edit(spec_folder, TRADE, 'until: "2.0"', f'until: "{until}"')

    checked = lint(load_spec(spec_folder), release=release)

    assert (Code.OVERDUE in {finding.code for finding in checked.findings}) is overdue


def test_every_lint_has_an_example_here() -> None:
    shown = {sloppiness.expected.split(": ")[1] for sloppiness in SLOPPINESS}
    assert shown == {str(code) for code in SEVERITIES}


def test_the_repository_has_no_finding() -> None:
    checked = lint(load_spec(ROOT / "spec"))
    assert [str(finding) for finding in checked.findings] == []
    assert all(reason.endswith(".") for _, reason in checked.suppressed)


def test_a_spec_with_a_mistake_is_not_linted(spec_folder: Path) -> None:
    edit(spec_folder, MARKET, "response: ServerTime", "response: ServerTim")
    assert {finding.code for finding in lint(load_spec(spec_folder)).findings} == {Code.UNKNOWN_TYPE}


def test_an_entry_suppresses_what_is_in_it_and_the_product_all(spec_folder: Path) -> None:
    edit(spec_folder, TRADE_MODELS, "  Order:\n", "  Order:\n    suppress: {no-summary: Its name says it.}\n")
    edit(spec_folder, PRODUCT, "routes:", "suppress: {no-documentation: There are no pages.}\nroutes:")
    before = lint(load_spec(EXAMPLE))

    checked = lint(load_spec(spec_folder))

    codes = {str(finding.code) for finding in checked.findings}
    assert "no-documentation" not in codes
    reasons = {(finding.message, reason) for finding, reason in checked.suppressed}
    assert ("'Order' has no summary", "Its name says it.") in reasons
    assert len(checked.findings) + len(checked.suppressed) == len(before.findings)


def test_a_warning_of_the_checks_can_be_suppressed(spec_folder: Path) -> None:
    edit(spec_folder, ENUMS, "  Side:", "  Later: {summary: {en: For later., zh: 备用。}, values: [A]}\n  Side:")
    assert [finding.message for finding in lint(load_spec(spec_folder)).findings if finding.code is Code.UNUSED] == [
        "nothing refers to 'Later'"
    ]

    edit(spec_folder, ENUMS, "values: [A]}", "values: [A], suppress: {unused: Announced for next month.}}")

    checked = lint(load_spec(spec_folder))
    assert [str(finding.code) for finding, _ in checked.suppressed] == ["unused"]
    assert Code.UNUSED not in {finding.code for finding in checked.findings}
