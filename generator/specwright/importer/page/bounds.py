"""What the description of a parameter says of its values: default, allowed values, bounds, lengths."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import define

if TYPE_CHECKING:
    from ...spec.dialect.values import WireValue

__all__ = ["Bounds", "read_bounds", "read_default", "read_tokens"]

_NUMBER: Final = r"-?\d+(?:\.\d+)?"
_MAXIMUM = (
    re.compile(
        rf"(?:max(?:imum)?|最大(?:值)?|上限|不超过|最多)\s*(?:value|is|of|为|是|[:：=])*\s*({_NUMBER})", re.IGNORECASE
    ),
    re.compile(rf"cannot\s+be\s+(?:greater|larger|more)\s+than\s+({_NUMBER})", re.IGNORECASE),
    re.compile(rf"不能大于\s*({_NUMBER})"),
    re.compile(rf"(?:<=|≤|less than or equal to)\s*({_NUMBER})", re.IGNORECASE),
)
_MINIMUM = (
    re.compile(rf"(?:min(?:imum)?|最小(?:值)?|下限|至少)\s*(?:value|is|of|为|是|[:：=])*\s*({_NUMBER})", re.IGNORECASE),
    re.compile(rf"(?:>=|≥|greater than or equal to|not less than)\s*({_NUMBER})", re.IGNORECASE),
    re.compile(rf"cannot\s+be\s+(?:less|smaller)\s+than\s+({_NUMBER})", re.IGNORECASE),
    re.compile(rf"不能小于\s*({_NUMBER})"),
)
_INTERVAL = re.compile(
    rf"(?:range|范围)\D{{0,12}}?([\[(])\s*({_NUMBER})\s*[,，]\s*({_NUMBER})\s*([\])])", re.IGNORECASE
)
_SPAN = re.compile(
    rf"(?:int\s+)?(?:from|between|range\s*[:：]?|取值范围\s*[:：]?|介于)\s*({_NUMBER})\s*(?:to|and|-|–|~|至|到|和)\s*({_NUMBER})",
    re.IGNORECASE,
)
_MAXIMUM_LENGTH = re.compile(
    r"(?:max(?:imum)?\s*(?:length|items|size|number)|最大长度|最多)\s*(?:is|of|为|[:：])?\s*(\d+)|"
    r"(?:up to|at most)\s+(\d+)\s+(?:items|orders|symbols|ids|characters|elements)|最多\s*(\d+)\s*(?:个|条|笔)",
    re.IGNORECASE,
)
_DEFAULT = re.compile(
    r"(?:default(?:s)?(?:\s+value)?(?:\s+(?:to|is|as))?|默认(?:值)?(?:为|是)?|缺省(?:为|是)?)\s*[:：=]?\s*"
    r"(?:`([^`]+)`|[\"“]([^\"”]+)[\"”]|(-?\d+(?:\.\d+)?)(?![\w.]*[a-z])|(true|false)\b|((?-i:[A-Z][A-Z0-9_]+))\b)"
    r"\s*([^;；,，.。]*)",
    re.IGNORECASE,
)
_CONDITIONAL = re.compile(
    r"\s*(?:(?:for|if|when|in|with|under|days?|hours?|minutes?)\b|天|小时|分钟|用于|时)", re.IGNORECASE
)
_PATTERN = re.compile(r"`\^?(\[[^`]+?)\$?`")
_LISTED = re.compile(
    r"(?:valid\s+\w+|可选值|有效值|允许值|可选|取值|enum|values?)\s*(?:are|is|为|是|[:：])+\s*\[?([^\]。.;；]+)\]?",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"`([^`\s]+)`|[\"“]([^\"”\s]+)[\"”]")
_CAPITALS = re.compile(r"(?<![\w`])[A-Z][A-Z0-9_]+(?![\w`])")
_NUMBERED = re.compile(r"(?:^|[\s;；,，(（、])(-?\d{1,4})\s*[:：=]\s*(?=[A-Za-z\u4e00-\u9fff])")
_NUMBERS = re.compile(r"\s*\d+(?:\s*(?:[,，/、]|or|或)\s*\d+)+\s*", re.IGNORECASE)


@define
class Bounds:
    """Bounds of a parameter; None where the description does not tell."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    maximum_length: int | None = None
    pattern: str | None = None


def read_bounds(text: str) -> Bounds:
    """The bounds that a description states."""
    bounds = Bounds()
    pattern = _PATTERN.search(text)
    if pattern is not None and _compiles(pattern[1]):
        bounds.pattern = pattern[1]
        text = text.replace(pattern.group(), " ")
    length = _MAXIMUM_LENGTH.search(text)
    if length is not None:
        bounds.maximum_length = int(length[1] or length[2] or length[3])
        text = text.replace(length.group(), " ")
    interval = _INTERVAL.search(text)
    span = _SPAN.search(text)
    if interval is not None:
        low, high = Decimal(interval[2]), Decimal(interval[3])
        # An open end that is a whole number leaves its neighbour; of a fraction nothing is known but the bound itself.
        bounds.minimum = low + 1 if interval[1] == "(" and low == low.to_integral_value() else low
        bounds.maximum = high - 1 if interval[4] == ")" and high == high.to_integral_value() else high
    elif span is not None:
        bounds.minimum, bounds.maximum = Decimal(span[1]), Decimal(span[2])
    else:
        bounds.minimum = _first(_MINIMUM, text)
        bounds.maximum = _first(_MAXIMUM, text)
    if bounds.minimum is not None and bounds.maximum is not None and bounds.minimum > bounds.maximum:
        bounds.minimum = bounds.maximum = None
    return bounds


def read_default(text: str) -> str | None:
    """The default that a description states, as text. One that holds under a condition is none."""
    for found in _DEFAULT.finditer(text):
        if _CONDITIONAL.match(found[6]):
            continue
        return next(group for group in found.groups()[:5] if group is not None).strip()
    return None


def read_tokens(text: str) -> list[WireValue]:
    """Values that a description names: between backticks or quotes, in capitals, or numbered ("1: …, 2: …")."""
    numbered = [int(number) for number in _NUMBERED.findall(text)]
    if len(numbered) > 1:
        return list(dict.fromkeys(numbered))
    listed = _LISTED.search(text)
    if listed is not None:
        numbers = re.findall(r"(?<![\w.])\d+(?![\w.])", listed[1])
        if numbers and not re.search(r"[A-Za-z]{2}", re.sub(r"\b(?:or|and)\b", "", listed[1])):
            return list(dict.fromkeys(int(number) for number in numbers))
    if _NUMBERS.fullmatch(text):
        return list(dict.fromkeys(int(number) for number in re.findall(r"\d+", text)))
    named = [first or second for first, second in _QUOTED.findall(text)]
    # A mark between values may have slipped into the quotes.
    tokens = [token.strip("/:,;") for token in named] + _CAPITALS.findall(_QUOTED.sub(" ", text))
    return list(dict.fromkeys(token for token in tokens if re.fullmatch(r"[A-Za-z0-9_]+", token)))


def _first(forms: tuple[re.Pattern[str], ...], text: str) -> Decimal | None:
    for form in forms:
        found = form.search(text)
        if found is not None:
            return Decimal(found[1])
    return None


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
