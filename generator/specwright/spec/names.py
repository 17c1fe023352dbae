"""Python names from wire names: one derivation, which the checks and the generated code share."""

from __future__ import annotations

import re
from functools import cache
from typing import Protocol

__all__ = ["class_name", "constant_name", "python_name", "snake_case", "words"]

_TOKEN = re.compile(r"[0-9]+[A-Z]+(?![a-z])|[0-9]+[a-z]*|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_FINAL_LETTERS = re.compile(r"[A-Za-z]*\Z")
_LONG_WORD = 3
"""Digits stand apart from a word of this many letters (`last_30d`) and belong to a shorter one (`v2`, `ed25519`)."""


class _HasWireName(Protocol):
    @property
    def wire(self) -> str: ...
    @property
    def name(self) -> str | None: ...


def words(name: str) -> list[str]:
    """Splits a name of any convention into lower-case words: `isRPITrade` gives `is`, `rpi`, `trade`.

    Characters other than ASCII letters and digits separate words and are dropped.
    """
    found: list[str] = []
    end_of_last = -1
    for token in _TOKEN.finditer(name):
        word = token.group()
        adjacent = token.start() == end_of_last
        end_of_last = token.end()
        if adjacent and word[0].isdigit() and len(_final_letters(found[-1])) < _LONG_WORD:
            found[-1] += word.lower()
        else:
            found.append(word.lower())
    return found


@cache
def snake_case(name: str) -> str:
    """`lastUpdateId` → `last_update_id`, `totalCrossUnPnl` → `total_cross_un_pnl`, `ticker24hr` → `ticker_24hr`.

    The result is an identifier only if `name` begins with an ASCII letter; keywords are not treated here.
    """
    return "_".join(words(name))


@cache
def class_name(name: str) -> str:
    """`order_book` → `OrderBook`, `ORDER_TRADE_UPDATE` → `OrderTradeUpdate`, `ticker_24hr` → `Ticker24hr`."""
    return "".join(word.capitalize() for word in words(name))


@cache
def constant_name(name: str) -> str:
    """`order_book` → `ORDER_BOOK`."""
    return snake_case(name).upper()


def python_name(named: _HasWireName) -> str:
    """The Python name of a field or a parameter: the one that the spec gives, else the one derived from the wire."""
    return named.name if named.name is not None else snake_case(named.wire)


def _final_letters(word: str) -> str:
    match = _FINAL_LETTERS.search(word)
    return match.group() if match else ""
