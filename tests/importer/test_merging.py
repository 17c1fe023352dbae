"""Pages are merged into a spec: what it has stays as it is, what it lacks is added, differences are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from specwright.importer.knowledge import read_products
from specwright.importer.page.reading import read_page
from specwright.importer.page.recognise import recognise
from specwright.importer.workspace import Outcome, PlaceUnknown, Workspace
from specwright.importer.writing import write_files
from specwright.spec import load_spec

from .pages import (
    BOOK_MARKDOWN,
    CANCEL_CHINESE,
    CHANGES_HTML,
    DEPTH_STREAM_CHINESE,
    FILL_EVENT,
    PLACE_WEBSOCKET,
    QUERY_ENGLISH,
    TICKER_HTML,
)

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal


def merge(spec: Path, *pages: str, prefer: Literal["spec", "page"] = "spec", group: str | None = None) -> list[Outcome]:
    """Imports pages into a spec's files."""
    (knowledge,) = read_products(spec)
    workspace = Workspace(knowledge, merging=True, prefer=prefer, group=group)
    outcomes = [
        workspace.take(entry)
        for page in pages
        for document in read_page(page)
        for entry in recognise(document, workspace.knowledge)
    ]
    write_files(workspace.texts())
    return outcomes


def texts(spec: Path) -> dict[str, str]:
    return {str(path.relative_to(spec)): path.read_text("utf-8") for path in sorted(spec.rglob("*.yaml"))}


def added_lines(before: dict[str, str], after: dict[str, str]) -> dict[str, list[str]]:
    """Lines that are new, file by file; no line is gone."""
    added: dict[str, list[str]] = {}
    for name, text in after.items():
        old = before.get(name, "").splitlines()
        new = text.splitlines()
        rest = [line for line in old if line.strip()]
        for line in new:
            if rest and line == rest[0]:
                rest.pop(0)
            elif line.strip():
                added.setdefault(name, []).append(line)
        assert rest == [], f"lines of {name} are gone or in another order"
    return added


def test_a_page_that_says_what_the_spec_says_changes_no_byte(spec: Path) -> None:
    before = texts(spec)

    (outcome,) = merge(spec, QUERY_ENGLISH)

    assert texts(spec) == before
    assert (outcome.is_new, outcome.differences, outcome.notes) == (False, [], [])


def test_open_ends_are_filled_and_what_is_missing_is_added(spec: Path) -> None:
    (outcome,) = merge(spec, CANCEL_CHINESE)

    content = texts(spec)["futures/operations/trade.yaml"]
    assert "summary: {en: Cancels an order., zh: 撤销一笔挂单。}" in content
    assert "rest: {method: DELETE, path: /v1/order, weight: 3}" in content
    assert "      orderId: {type: int}\n" in content
    assert "rules:\n      - {require_any: [orderId, clientId]}\n" in content
    assert "      fee: {type: decimal, optional: true}\n" in texts(spec)["futures/models/trade.yaml"]
    assert outcome.notes == ["the field fee is added to Order, as optional"]
    assert [str(finding.code) for finding in load_spec(spec).findings] == ["todo"]


def test_comments_and_order_survive(spec: Path) -> None:
    before = texts(spec)

    merge(spec, CANCEL_CHINESE)

    for name, text in texts(spec).items():
        comments = [line[line.index("#") :] for line in before[name].splitlines() if "#" in line]
        assert [line[line.index("#") :] for line in text.splitlines() if "#" in line] == comments
    added = added_lines(
        {"models": before["futures/models/trade.yaml"]}, {"models": texts(spec)["futures/models/trade.yaml"]}
    )
    assert added == {"models": ["      fee: {type: decimal, optional: true}"]}


def test_where_both_have_a_word_the_spec_keeps_its_own(spec: Path) -> None:
    before = texts(spec)

    (outcome,) = merge(
        spec, QUERY_ENGLISH.replace("**2**", "**20**").replace("orderId | LONG | NO", "orderId | LONG | YES")
    )

    assert texts(spec) == before
    assert [(each.what, each.spec, each.page) for each in outcome.differences] == [
        ("weight", 2, 20),
        ("parameter orderId, required", False, True),
    ]


def test_the_page_has_its_way_where_that_is_asked_for(spec: Path) -> None:
    merge(spec, QUERY_ENGLISH.replace("**2**", "**20**"), prefer="page")

    assert (
        "rest: {method: GET, path: /v1/order, weight: 20}   # two since spring"
        in texts(spec)["futures/operations/trade.yaml"]
    )


def test_a_parameter_that_the_page_does_not_have_is_named(spec: Path) -> None:
    (outcome,) = merge(spec, QUERY_ENGLISH.replace("| orderId | LONG | NO |  |\n", ""))

    assert [each.what for each in outcome.differences] == ["parameter orderId"]


def in_chinese(page: str, **words: str) -> str:
    """A page as its Chinese site has it, with the words that are its own."""
    headings = {
        "API Description": "接口描述",
        "HTTP Request": "HTTP请求",
        "Request Weight": "请求权重",
        "Request Parameters": "请求参数",
        "Response Example": "响应示例",
    }
    for english, chinese in (headings | words).items():
        page = page.replace(english.replace("_", " "), chinese)
    return page


def test_two_languages_become_one_entry(spec: Path) -> None:
    english = QUERY_ENGLISH.replace("/v1/order", "/v1/trade").replace("Query Order", "Query Trade")
    chinese = in_chinese(english, Query_Trade="查询成交", Looks_up_one_order="查询一笔成交")

    outcomes = merge(spec, english, chinese, group="trade")

    assert [outcome.is_new for outcome in outcomes] == [True, False]
    assert (
        "  query_trade:\n    summary:\n      en: Looks up one order.\n      zh: 查询一笔成交.\n"
        in (texts(spec)["futures/operations/trade.yaml"])
    )


def test_texts_of_parameters_come_from_both_languages(spec: Path) -> None:
    row = "| orderId | LONG | NO |"
    english = QUERY_ENGLISH.replace("/v1/order", "/v1/trade").replace(f"{row}  |", f"{row} The one that was filled |")
    chinese = in_chinese(english, The_one_that_was_filled="已经成交的那笔订单", Looks_up_one_order="查询一笔成交")

    merge(spec, english.replace("Query Order", "Query Trade"), chinese, group="trade")

    summary = "summary: {en: The one that was filled, zh: 已经成交的那笔订单}"
    assert summary in texts(spec)["futures/operations/trade.yaml"]


def test_the_second_carrier_says_only_what_differs(spec: Path) -> None:
    page = PLACE_WEBSOCKET.replace("New Order", "Query Order").replace("New-Order", "Query-Order")
    page = page.replace("order.place", "order.status")

    (outcome,) = merge(spec, page)

    assert outcome.draft.id == "query_order"
    content = texts(spec)["futures/operations/trade.yaml"]
    carrier = content.partition("    ws:\n")[2].partition("    params:\n      symbol")[0]
    assert carrier.startswith("      method: order.status\n      weight: 0\n      costs: {orders_10s: 1}\n")
    assert "      without: [orderId]\n" in carrier
    assert "        side: {type: Side, required: true}\n" in carrier
    assert "symbol: {" not in carrier
    assert "response:" not in carrier


def test_a_field_that_differs_in_case_only_gets_no_name_of_another(spec: Path) -> None:
    merge(spec, QUERY_ENGLISH.replace('"price": "1.0"', '"price": "1.0", "PRICE": "2.0"'))

    assert "      PRICE: {name: TODO, type: decimal, optional: true}\n" in texts(spec)["futures/models/trade.yaml"]


def test_every_page_that_is_new_leaves_nothing_but_open_ends(spec: Path) -> None:
    outcomes = merge(spec, BOOK_MARKDOWN, PLACE_WEBSOCKET, TICKER_HTML, DEPTH_STREAM_CHINESE, FILL_EVENT)
    merge(spec, CHANGES_HTML, group="trade")

    assert all(outcome.is_new for outcome in outcomes)
    assert {str(finding.code) for finding in load_spec(spec).findings} == {"todo"}
    assert sorted(texts(spec)) == [
        "exchange.yaml",
        "futures/enums.yaml",
        "futures/errors.yaml",
        "futures/models/market.yaml",
        "futures/models/market_streams.yaml",
        "futures/models/trade.yaml",
        "futures/models/user_data.yaml",
        "futures/operations/market.yaml",
        "futures/operations/trade.yaml",
        "futures/product.yaml",
        "futures/streams/market.yaml",
        "futures/streams/user_data.yaml",
    ]


def test_importing_twice_changes_nothing_more(spec: Path) -> None:
    merge(spec, BOOK_MARKDOWN, PLACE_WEBSOCKET, TICKER_HTML, DEPTH_STREAM_CHINESE, FILL_EVENT, CANCEL_CHINESE)
    before = texts(spec)

    outcomes = merge(
        spec, BOOK_MARKDOWN, PLACE_WEBSOCKET, TICKER_HTML, DEPTH_STREAM_CHINESE, FILL_EVENT, CANCEL_CHINESE
    )

    assert texts(spec) == before
    assert [each for outcome in outcomes for each in (*outcome.differences, *outcome.notes)] == []


def test_another_operation_of_the_same_title_is_not_taken_for_the_first(spec: Path) -> None:
    (outcome,) = merge(spec, QUERY_ENGLISH.replace("/v1/order", "/v2/order"), group="trade")

    assert (outcome.is_new, outcome.draft.id) == (True, "TODO_query_order")


def test_a_page_without_a_group_asks_for_one(spec: Path) -> None:
    with pytest.raises(PlaceUnknown, match="--group"):
        merge(spec, CHANGES_HTML)
