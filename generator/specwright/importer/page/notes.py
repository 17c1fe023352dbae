"""Sentences of a page that say what holds between parameters, as rules of the dialect."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from attrs import define, field

from .document import plain

if TYPE_CHECKING:
    from ..knowledge import Plain

__all__ = ["Rules", "read_rules"]

_EITHER = re.compile(
    r"(?:either|at least one|one)\b.*\b(?:must|should|need to) be sent|(?:must|should) send (?:either|at least)|"
    r"(?:至少|必须|需要|需).{0,8}(?:发送|传|有).{0,6}(?:一个|其一|其中)|(?:二选一|必须发送其一)",
    re.IGNORECASE,
)
_EXCLUSIVE = re.compile(
    r"(?:can't|cannot|can not|must not) be (?:passed|sent|used|specified) (?:together|at the same time)|"
    r"mutually exclusive|不能(?:同时|一起)(?:传|发送|使用)",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"(?P<less>less then|less than|within|longer than|more than|greater than|larger than|exceed|up to|"
    r"小于|不超过|不能超过|最长|最多|不大于)"
    r"\s*(?P<number>\d+)\s*(?P<unit>hours?|days?|minutes?|years?|months?|h|d|小时|天|分钟|年)",
    re.IGNORECASE,
)
_INTERVAL = re.compile(
    r"\b(?:time|interval|difference|period|distance|range)\b|间隔|时间跨度|时间范围|相差|之间|区间", re.IGNORECASE
)
_UNITS: Final = {
    **dict.fromkeys(("hour", "hours", "h", "小时"), (3_600_000, "h")),
    **dict.fromkeys(("day", "days", "d", "天"), (86_400_000, "d")),
    **dict.fromkeys(("minute", "minutes", "分钟"), (60_000, "m")),
    **dict.fromkeys(("year", "years", "年"), (365 * 86_400_000, "y")),
}
_STRICT: Final = ("less than", "less then", "小于")


@define
class Rules:
    """What notes say."""

    rules: list[dict[str, Plain]] = field(factory=list)
    unread: list[str] = field(factory=list)
    """Sentences that were not turned into a rule."""


def read_rules(sentences: list[str], params: list[str]) -> Rules:
    """The rules that sentences state about parameters; the sentences that state something else are kept as unread."""
    rules = Rules()
    for sentence in sentences:
        said = plain(sentence)
        rule = _rule(sentence, params)
        if rule is None:
            if said and said not in rules.unread:
                rules.unread.append(said)
        elif rule not in rules.rules:
            rules.rules.append(rule)
    return rules


def _rule(sentence: str, params: list[str]) -> dict[str, Plain] | None:
    named = _named(sentence, params)
    if _EITHER.search(sentence) and len(named) == 2 and not re.search(r"\bboth\b.*must", sentence, re.IGNORECASE):
        return {"require_any": list(named)}
    if _EXCLUSIVE.search(sentence) and len(named) == 2:
        return {"exclusive": list(named)}
    span = _SPAN.search(sentence)
    pair = [name for name in ("startTime", "endTime") if name in params]
    if span is None or len(pair) != 2 or not _INTERVAL.search(sentence):
        return None
    if named and set(named) != set(pair):
        return None
    unit = _UNITS.get(span["unit"].lower())
    if unit is None:
        return None
    length, letter = unit
    number = int(span["number"])
    strict = span["less"].lower() in _STRICT
    at_most = f"{number * length - 1}ms" if strict else f"{number}{letter}"
    return {"span": [*pair], "at_most": at_most}


def _named(sentence: str, params: list[str]) -> list[str]:
    """The parameters that a sentence names, each once, in its order."""
    words = re.findall(r"[A-Za-z_]\w*", sentence)
    return list(dict.fromkeys(word for word in words if word in params))
