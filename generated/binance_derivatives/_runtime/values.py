"""Single argument values: each is checked against its parameter and written as the exchange reads it.

A writer gives the value as it stands in JSON: decimals and booleans as text, whole numbers as ints. In a query or a
form everything is text.
"""

from __future__ import annotations

import re
from decimal import Decimal
from operator import index
from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .operation import Param

__all__ = ["DecimalInput", "Refused", "Writer", "decimal_text", "plain_choices", "plain_json", "scalar_writer"]

DecimalInput: TypeAlias = Decimal | str | int
"""What a decimal parameter takes. A float is taken too where its digits are exact (`0.1`, not `0.1 + 0.2`)."""

Writer: TypeAlias = "Callable[[object], object]"

_CASES = {"lower": str.lower, "upper": str.upper}
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_ANY_NOTATION = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_MOST_DIGITS = 40
"""Before or after the point; no price, quantity or rate comes near."""
_BEYOND = 10**_MOST_DIGITS
_EXACT_DIGITS = 15
"""A float holds every decimal number of so many digits exactly enough to give it back."""


class Refused(Exception):
    """A value breaks a rule; the text is the rule, to stand behind the parameter's name."""

    def __init__(self, rule: str, inside: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.inside = inside
        """Where inside of the argument: `[2].price`."""


def scalar_writer(param: Param) -> Writer:
    """The writer of one value of a parameter."""
    match param.kind:
        case "string":
            return _choice_writer(param, param.one_of) if param.one_of else _string_writer(param)
        case "int" | "timestamp":
            return _int_writer(param)
        case "decimal":
            return _decimal_writer(param)
        case "bool":
            return _write_bool
        case "json":
            return _write_json
        case "input":
            raise TypeError(f"{param.python} is an object, no single value")


def plain_choices(param: Param) -> frozenset[str]:
    """The texts that the writer of a parameter would give back as they are; none where it takes any text."""
    if param.kind != "string" or param.many or not param.one_of:
        return frozenset()
    case = _CASES.get(param.case or "", str)
    return frozenset(text for text in map(str, param.one_of) if case(text) == text)


def _string_writer(param: Param) -> Writer:
    pattern = re.compile(param.pattern) if param.pattern else None
    shortest = 1 if param.min_length is None else param.min_length
    longest = param.max_length
    case = _CASES.get(param.case or "")

    def write(value: object) -> object:
        text = value if type(value) is str else _text(value)
        if case is not None:
            text = case(text)
        if len(text) < shortest:
            raise Refused("must not be empty" if shortest == 1 else f"must have at least {shortest} characters")
        if longest is not None and len(text) > longest:
            raise Refused(f"must have at most {longest} characters")
        if pattern is not None and pattern.fullmatch(text) is None:
            raise Refused(f"must match {pattern.pattern}")
        if not text.isascii():
            _check_encodable(text)
        return text

    return write


def _choice_writer(param: Param, one_of: Sequence[object]) -> Writer:
    allowed = frozenset(str(value) for value in one_of)
    case = _CASES.get(param.case or "")

    def write(value: object) -> object:
        text = value if type(value) is str else _text(value)
        if case is not None:
            text = case(text)
        if text in allowed:
            return text
        raise Refused(f"must be one of {', '.join(map(str, one_of))}, not {text!r}")

    return write


def _text(value: object) -> str:
    """A member of a text enum is its text."""
    if not isinstance(value, str):
        raise Refused(f"must be text, not {_kind(value)}")
    return str.__str__(value)


def _check_encodable(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused("holds half of a surrogate pair, which no text encoding can say") from None


def _int_writer(param: Param) -> Writer:
    allowed = frozenset(param.one_of) if param.one_of else None
    minimum = 0 if param.minimum is None and param.kind == "timestamp" else param.minimum
    maximum = param.maximum
    what = "an int (milliseconds since 1970)" if param.kind == "timestamp" else "an int"

    def write(value: object) -> object:
        if type(value) is not int:
            if isinstance(value, bool) or not hasattr(value, "__index__"):
                raise Refused(f"must be {what}, not {_kind(value)}")
            value = index(value)
        if allowed is not None and value not in allowed:
            raise Refused(f"must be one of {', '.join(map(str, param.one_of or ()))}, not {value}")
        if minimum is not None and value < minimum:
            raise Refused(f"must be at least {minimum}")
        if maximum is not None and value > maximum:
            raise Refused(f"must be at most {maximum}")
        return value

    return write


def _decimal_writer(param: Param) -> Writer:
    minimum, maximum = param.minimum, param.maximum
    allowed = frozenset(Decimal(value) for value in param.one_of) if param.one_of else None
    if minimum is None and maximum is None and allowed is None:
        return decimal_text

    def write(value: object) -> object:
        text = decimal_text(value)
        number = Decimal(text)
        if allowed is not None and number not in allowed:
            raise Refused(f"must be one of {', '.join(map(str, param.one_of or ()))}, not {text}")
        if minimum is not None and number < minimum:
            raise Refused(f"must be at least {minimum}")
        if maximum is not None and number > maximum:
            raise Refused(f"must be at most {maximum}")
        return text

    return write


def decimal_text(value: object) -> str:
    """A decimal number in plain notation, with the digits that the caller wrote."""
    if isinstance(value, Decimal):
        number, text = value, str(value)
        # Mostly the digits are already what is sent.
        if len(text) <= _MOST_DIGITS and "E" not in text and number.is_finite():
            return text
    elif isinstance(value, str):
        if _PLAIN.fullmatch(value):
            return value.removeprefix("+")
        if not _ANY_NOTATION.fullmatch(value):
            raise Refused(f"must be a decimal number, not {value!r}")
        number = Decimal(value)
    elif isinstance(value, bool):
        raise Refused("must be a decimal number, not a bool")
    elif isinstance(value, int):
        return _whole_text(index(value))
    elif isinstance(value, float):
        number = _exact(value)
    else:
        raise Refused(f"must be a Decimal, text or an int, not {_kind(value)}")
    if not number.is_finite():
        raise Refused(f"must be a finite number, not {number}")
    if abs(number.adjusted()) > _MOST_DIGITS or len(number.as_tuple().digits) > 2 * _MOST_DIGITS:
        raise Refused("is beyond every number that the exchange knows")
    return format(number, "f")


def _whole_text(number: int) -> str:
    if abs(number) >= _BEYOND:
        raise Refused("is beyond every number that the exchange knows")
    return str(number)


def _exact(value: float) -> Decimal:
    number = Decimal(float.__repr__(value))
    if number.is_finite() and len(number.normalize().as_tuple().digits) > _EXACT_DIGITS:
        raise Refused(f"is a float with rounding dust ({number}): pass a Decimal or text")
    return number


def _write_bool(value: object) -> object:
    if value is True:
        return "true"
    if value is False:
        return "false"
    raise Refused(f"must be True or False, not {_kind(value)}")


def _write_json(value: object) -> object:
    plain = plain_json(value)
    try:
        msgspec.json.encode(plain)
    except (TypeError, ValueError) as error:
        raise Refused(f"must be a JSON value: {error}") from None
    return plain


def plain_json(value: object) -> object:
    """A JSON value of its own, whose decimals are text and whose floats are numbers, neither with an exponent."""
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, float):
        return msgspec.Raw(decimal_text(value).encode())
    if isinstance(value, dict):
        return {name: plain_json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(each) for each in value]
    return value


def _kind(value: object) -> str:
    return f"{type(value).__name__} ({value!r:.40})" if isinstance(value, int | float | str) else type(value).__name__
