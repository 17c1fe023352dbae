"""What a call costs: fixed, by the value of a parameter, by presence, per item, and on other budgets.

The result is what stands in YAML under `weight` and `costs`; None where the page does not say it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from attrs import define, field

from .document import Paragraph, Table, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..knowledge import Plain
    from .document import Block

__all__ = ["Cost", "read_cost"]

_NUMBER: Final = r"\*{0,2}(\d+)\*{0,2}"
_ALONE = re.compile(rf"(?:weight|权重|ip)?\s*[:：]?\s*{_NUMBER}\s*(?:\(ip\)|\(uid\)|/ip)?[.。]?", re.IGNORECASE)
_WITH = (
    re.compile(r"(\d+)\s*(?:for|per)\s*(?:a\s+)?single\s+(\w+)", re.IGNORECASE),
    re.compile(r"(\d+)\s*(?:if|when)?\s*with(?:\s+the)?\s+(?:parameter\s+)?(\w+)", re.IGNORECASE),
    re.compile(r"(\d+)\s*(?:if|when)\s+(?:the\s+)?(\w+)\s+(?:parameter\s+)?is\s+(?:sent|provided|set)", re.IGNORECASE),
    re.compile(r"(?:带|传|发送|提供|指定|单个|单一)\s*(\w+?)?\s*(?:参数)?\s*(?:时|为|:|：|，|,)?\s*(\d+)"),
    re.compile(r"(\d+)\s*(?:带|传|发送|提供|指定|单个|单一)\s*([A-Za-z]\w*|交易对)"),
)
_WITHOUT = (
    re.compile(
        r"(\d+)\s*(?:if|when)?\s*(?:the\s+)?(\w+)?\s*(?:parameter\s+)?is\s+(?:omitted|not\s+\w+)", re.IGNORECASE
    ),
    re.compile(r"(\d+)\s*(?:if|when)?\s*without(?:\s+the)?\s+(?:parameter\s+)?(\w+)", re.IGNORECASE),
    re.compile(r"(?:不带|不传|不发送|未发送|不提供|无|缺省|省略)\s*(\w+?)?\s*(?:参数)?\s*(?:时|为|:|：|，|,)?\s*(\d+)"),
    re.compile(r"(\d+)\s*(?:不带|不传|不发送|未发送|不提供|无|缺省|省略)\s*([A-Za-z]\w*|交易对)"),
)
_CHINESE_SYMBOL: Final = ("交易对", "单一交易对", "单个交易对")
_HEADER = re.compile(
    r"(\d+)\s*(?:on|for|of|:|：|计入|消耗)?[^;；\n()（）]*[(（]\s*(x-[a-z0-9-]+)\s*[)）]", re.IGNORECASE
)
_SHARED = re.compile(
    r"(\d+)\s*/\s*(\d+)\s*(ms|s|sec|min|m|minutes?|h|hours?|d|days?|分钟|秒|小时|天)\s*/\s*(ip|uid|account)",
    re.IGNORECASE,
)
_PER_ITEM = re.compile(r"(\d+)\s*(?:per|for each|for every)\s+`?(\w+)`?\s+in\s+`?(\w+)`?", re.IGNORECASE)
_RANGE = re.compile(r"[\[(]\s*(\d+)\s*[,，-]\s*(\d+)\s*([\])])")
_PLAIN_RANGE = re.compile(r"(\d+)\s*(?:-|–|~|to|至)\s*(\d+)")
_ABOVE = re.compile(r"(?:>|＞|over|above|more than|大于|超过)\s*(\d+)", re.IGNORECASE)
_STRAY_ROW = re.compile(r"(>?\s*\d+)\s*\|\s*(\d+)")
_UNITS: Final = {"ms": "ms", "s": "s", "sec": "s", "秒": "s", "分钟": "m", "小时": "h", "天": "d"}


@define
class Cost:
    """What a page says of costs."""

    weight: Plain = None
    """None: the page does not say it, or not in a way that is understood."""
    costs: dict[str, Plain] = field(factory=dict)
    unread: list[str] = field(factory=list)
    """Sentences that say something of the weight and were not understood."""


def read_cost(
    blocks: list[Block], params: list[str], budgets: Mapping[str, Mapping[str, Plain]], weight_budget: str | None
) -> Cost:
    """The cost that the blocks of a page's weight part tell.

    `params` are the operation's parameters, for conditions that name one; `budgets` are the exchange's, by name, for
    limits that are told by a header or by their numbers.
    """
    cost = Cost()
    for index, block in enumerate(blocks):
        if isinstance(block, Table) and cost.weight is None:
            stray = blocks[index + 1] if index + 1 < len(blocks) else None
            cost.weight = _by_table(block, stray.text if isinstance(stray, Paragraph) else "", params)
            if cost.weight is None:
                cost.unread.extend(" | ".join(row) for row in block.rows)
        elif isinstance(block, Paragraph):
            _read_sentence(plain(block.text), cost, params, budgets, weight_budget)
    if cost.weight is not None:
        cost.unread = [text for text in cost.unread if any(digit.isdigit() for digit in text)]
    return cost


def _read_sentence(
    text: str,
    cost: Cost,
    params: list[str],
    budgets: Mapping[str, Mapping[str, Plain]],
    weight_budget: str | None,
) -> None:
    headers = _HEADER.findall(text)
    if headers:
        for amount, header in headers:
            name = _budget_by_header(header, budgets)
            if name is None and "used-weight" in header.lower():
                name = weight_budget or "request_weight"
            if name is None:
                cost.unread.append(f"{amount} ({header})")
            elif name == (weight_budget or "request_weight"):
                cost.weight = int(amount)
            elif int(amount):
                cost.costs[name] = int(amount)
        return
    shared = _SHARED.search(text)
    if shared is not None:
        name = _budget_by_numbers(shared, budgets)
        if name is None:
            cost.unread.append(text)
        else:
            cost.costs[name] = 1
        return
    weight = _by_words(text, params) if cost.weight is None else None
    if weight is not None:
        cost.weight = weight
    elif not _STRAY_ROW.fullmatch(text) and not re.search(r"(?:based on|depends|按|根据)", text, re.IGNORECASE):
        cost.unread.append(text)


def _by_words(text: str, params: list[str]) -> Plain:
    alone = _ALONE.fullmatch(text)
    if alone is not None:
        return int(alone[1])
    per_item = _PER_ITEM.search(text)
    if per_item is not None and per_item[3] in params:
        return {"per_item": per_item[3], "each": int(per_item[1])}
    without = _condition(text, _WITHOUT)
    rest = text if without is None else text.replace(without[2], " ")
    with_it = _condition(rest, _WITH)
    if with_it is None or without is None:
        return None
    param = _param(with_it[1], params) or _param(without[1], params)
    if param is None:
        return None
    return {"with": {param: with_it[0]}, "without": without[0]}


def _condition(text: str, forms: tuple[re.Pattern[str], ...]) -> tuple[int, str, str] | None:
    """Weight, the word for the parameter, and the matched text."""
    for form in forms:
        found = form.search(text)
        if found is not None:
            first, second = found[1] or "", found[2] or ""
            number, word = (first, second) if first.isdigit() else (second, first)
            return int(number), word, found.group()
    return None


def _param(word: str, params: list[str]) -> str | None:
    if word in _CHINESE_SYMBOL:
        word = "symbol"
    return next((param for param in params if param.casefold() == word.casefold()), None)


def _by_table(table: Table, stray: str, params: list[str]) -> Plain:
    header, *rows = table.rows
    if len(header) < 2:
        return None
    rows = [row for row in rows if len(row) >= 2]
    found = _STRAY_ROW.fullmatch(plain(stray))
    if found is not None:
        rows.append((f"> {found[1].lstrip('> ')}", found[2]))
    if len(header) >= 3 and all(len(row) >= 3 for row in rows):
        by_presence = _by_presence(rows, params)
        if by_presence is not None:
            return by_presence
    param = _param(plain(header[0]).split(" ")[0], params) or ("limit" if "limit" in header[0].lower() else None)
    if param is None:
        return None
    up_to: dict[str, Plain] = {}
    values: dict[str, Plain] = {}
    above: int | None = None
    for row in rows:
        weight = re.search(r"\d+", row[-1])
        if weight is None:
            return None
        condition = plain(row[0])
        more = _ABOVE.match(condition)
        if more is not None:
            above = int(weight.group())
            continue
        bound = _upper_bound(condition)
        if bound is not None:
            up_to[str(bound)] = int(weight.group())
        elif re.fullmatch(r"[A-Za-z_]\w*", condition):
            values[condition] = int(weight.group())
        else:
            return None
    if values and not up_to:
        return {"by": param, "values": values}
    if not up_to or values:
        return None
    weights: dict[str, Plain] = {"by": param, "up_to": up_to}
    if above is not None and above != list(up_to.values())[-1]:
        weights["above"] = above
    return weights


def _upper_bound(condition: str) -> int | None:
    """The largest value that a condition covers: "[1,100)" 99, "5, 10, 20, 50" 50, "<= 500" 500."""
    bracketed = _RANGE.fullmatch(condition)
    if bracketed is not None:
        return int(bracketed[2]) - (1 if bracketed[3] == ")" else 0)
    ranged = _PLAIN_RANGE.fullmatch(condition)
    if ranged is not None:
        return int(ranged[2])
    listed = re.fullmatch(r"(?:<=|≤|up to)?\s*\d+(?:\s*[,，/、]\s*\d+)*", condition)
    if listed is not None:
        return max(int(number) for number in re.findall(r"\d+", condition))
    return None


def _by_presence(rows: list[tuple[str, ...]], params: list[str]) -> Plain:
    """Rows of parameter, whether it is sent, weight."""
    present: dict[str, Plain] = {}
    absent: int | None = None
    param: str | None = None
    for row in rows:
        param = _param(plain(row[0]), params) or param
        weight = re.search(r"\d+", row[-1])
        if param is None or weight is None:
            return None
        condition = plain(row[1]).lower()
        if re.search(r"omit|not|none|without|不|无|省略", condition):
            absent = int(weight.group())
        elif re.fullmatch(r"1|one|single|yes|sent|provided|any|是|有|单个.*", condition):
            present[param] = int(weight.group())
        else:
            return None
    if not present or absent is None:
        return None
    return {"with": present, "without": absent}


def _budget_by_header(header: str, budgets: Mapping[str, Mapping[str, Plain]]) -> str | None:
    return next(
        (name for name, budget in budgets.items() if str(budget.get("header", "")).casefold() == header.casefold()),
        None,
    )


def _budget_by_numbers(shared: re.Match[str], budgets: Mapping[str, Mapping[str, Plain]]) -> str | None:
    """The budget of a limit, an interval and a scope: "500/5min/IP"."""
    unit = shared[3].lower()
    interval = shared[2] + _UNITS.get(unit, unit[0])
    scope = "ip" if shared[4].lower() == "ip" else "account"
    found = [
        name
        for name, budget in budgets.items()
        if budget.get("limit") == int(shared[1]) and budget.get("interval") == interval and budget.get("scope") == scope
    ]
    return found[0] if len(found) == 1 else None
