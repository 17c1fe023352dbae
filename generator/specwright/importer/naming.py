"""Names for what an import adds: ids from titles, models from ids, fields from the comments of examples."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Final

from ..spec.check import reserved
from ..spec.names import class_name, snake_case, words

if TYPE_CHECKING:
    from .page.requests import Kind

__all__ = ["TODO", "entry_id", "field_name", "needs_name", "singular", "stream_id"]

TODO: Final = "TODO"
"""Stands in a spec for what a page does not say; `check` reports it."""

_PARENTHESES = re.compile(r"[(（][^)）]*[)）]")
_DROPPED: Final = ("get",)
_ARTICLES: Final = frozenset(("the", "a", "an", "of", "this", "is", "was", "in", "for", "if", "whether", "and", "or"))
_MOST_WORDS: Final = 5
_LONGEST_COMMENT: Final = 60
_SPEAKING: Final = frozenset(("id",))
_CHINESE: Final = {
    "事件类型": "event_type",
    "事件时间": "event_time",
    "撮合时间": "transaction_time",
    "交易时间": "transaction_time",
    "成交时间": "trade_time",
    "时间": "time",
    "时间戳": "timestamp",
    "更新时间": "update_time",
    "创建时间": "create_time",
    "交易对": "symbol",
    "标的交易对": "pair",
    "资产": "asset",
    "价格": "price",
    "成交价格": "price",
    "成交价": "price",
    "委托价格": "order_price",
    "平均价格": "average_price",
    "均价": "average_price",
    "数量": "quantity",
    "成交量": "volume",
    "成交额": "quote_volume",
    "成交笔数": "trade_count",
    "成交数量": "quantity",
    "买方": "bids",
    "卖方": "asks",
    "买单": "bids",
    "卖单": "asks",
    "方向": "side",
    "订单方向": "side",
    "订单类型": "order_type",
    "订单状态": "order_status",
    "订单ID": "order_id",
    "订单号": "order_id",
    "成交ID": "trade_id",
    "归集成交ID": "aggregate_trade_id",
    "首个成交ID": "first_trade_id",
    "末次成交ID": "last_trade_id",
    "持仓方向": "position_side",
    "标记价格": "mark_price",
    "现货指数价格": "index_price",
    "指数价格": "index_price",
    "资金费率": "funding_rate",
    "下次资金时间": "next_funding_time",
    "开盘时间": "open_time",
    "收盘时间": "close_time",
    "开盘价": "open",
    "最高价": "high",
    "最低价": "low",
    "收盘价": "close",
    "间隔": "interval",
    "有效方式": "time_in_force",
    "手续费": "commission",
    "手续费资产": "commission_asset",
    "手续费数量": "commission",
    "钱包余额": "wallet_balance",
    "账户余额": "balance",
    "未实现盈亏": "unrealized_profit",
    "保证金": "margin",
    "忽略": "ignored",
}
"""What Chinese pages call the most frequent fields."""


def entry_id(kind: Kind, title: str, address: str | None, wire: str) -> str:
    """The id of an operation: from an English title, else from the page's address.

    A page with neither gives a key that begins with `TODO_`, which `check` reports.
    """
    spelt = _PARENTHESES.sub(" ", title).replace("'", "").replace("’", "")
    if not spelt.isascii() or not words(spelt):
        last = (address or "").split("?")[0].split("#")[0].rstrip("/").rpartition("/")[2]
        spelt = re.sub(r"\.(html?|md|txt)$", "", last, flags=re.IGNORECASE)
    if kind == "ws":
        spelt = re.sub(r"[-_ ]?(?:Wsp|Websocket[ -]?API)$", "", spelt, flags=re.IGNORECASE)
    parts = words(spelt)
    while len(parts) > 1 and parts[0] in _DROPPED:
        parts = parts[1:]
    name = snake_case(" ".join(parts))
    if not name or not name.isidentifier() or keyword.iskeyword(name):
        return f"{TODO}_{snake_case(wire) or 'name'}"
    return name


def stream_id(pattern: str, taken: set[str]) -> str:
    """The id of a stream from its pattern: `<symbol>@markPrice` mark_price, `!markPrice@arr` mark_price_all."""
    literal = re.sub(r"\[[^\]]*\]|<[^>]*>", " ", pattern)
    parts = words(re.sub(r"@arr\b", " ", literal))
    parts = [part for part in parts if not re.fullmatch(r"\d+m?s", part)]
    name = snake_case(" ".join(parts))
    is_all = pattern.startswith("!")
    if is_all and ("@arr" in pattern or name in taken):
        name += "_all"
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"{TODO}_{name or 'stream'}"


def needs_name(wire: str) -> bool:
    """Whether a wire name says nothing, or gives no usable Python name."""
    name = snake_case(wire)
    if not name.isidentifier() or reserved.reason(name, reserved.FIELDS) is not None:
        return True
    return len(wire) <= 2 and wire not in _SPEAKING


def field_name(comment: str) -> str | None:
    """The Python name that a comment gives a field; None where it tells a story instead."""
    said = _PARENTHESES.sub(" ", comment).strip(" .;；。!?？")
    head = re.split(r"[,，;；.。:：?？=]|\s-\s", said)[0].strip()
    chinese = _CHINESE.get(re.sub(r"\s+", "", head))
    if chinese is not None:
        return chinese
    if not head or not head.isascii() or len(head) > _LONGEST_COMMENT:
        return None
    spoken = words(head.replace("'s", "").replace("'", ""))
    spoken = [word for index, word in enumerate(spoken) if word not in _ARTICLES or (index and len(spoken) < 3)]
    if not spoken or len(spoken) > _MOST_WORDS:
        return None
    name = snake_case(" ".join(spoken))
    if not name.isidentifier() or reserved.reason(name, reserved.FIELDS) is not None:
        return None
    return "ignored" if name in ("ignore", "ignored") else name


def singular(name: str) -> str:
    """The name of one of many: `brackets` bracket, `entries` entry."""
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith("sses"):
        return name[:-2]
    if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 3:
        return name[:-1]
    return name


def model_name(base: str, taken: set[str]) -> str:
    """A class name that is free."""
    name = class_name(base) or "Reply"
    if name[0].isdigit():
        name = f"Reply{name}"
    candidates = (name, f"{name}Reply", *(f"{name}{number}" for number in range(2, 1000)))
    return next(
        candidate
        for candidate in candidates
        if candidate not in taken and reserved.reason(candidate, reserved.CLASSES) is None
    )
