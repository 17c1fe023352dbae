"""What a local order book and its methods are given: taken as a call takes it, or refused by its name."""

from __future__ import annotations

from decimal import Decimal
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, cast

from ..arguments import encode
from ..errors import InvalidParameter
from ..operation import Param
from ..values import Refused, scalar_writer

if TYPE_CHECKING:
    from ..operation import Operation
    from ..values import DecimalInput, Writer

__all__ = ["check_snapshot", "number_of_levels", "read_price", "symbol_of_calls", "wants_bids"]

_write_price = scalar_writer(Param("price", "price", "decimal"))
_write_levels = scalar_writer(Param("levels", "levels", "int", minimum=1))

_UPPER_CASE = str.maketrans(ascii_lowercase, ascii_uppercase)


def symbol_of_calls(symbol: str) -> str:
    """A symbol as calls take it: streams take either case. Letters outside ASCII stay: not all have one upper case."""
    return symbol.translate(_UPPER_CASE) if isinstance(symbol, str) else symbol


def check_snapshot(operation: Operation, symbol: str, limit: int) -> None:
    """Refuses what the call for a snapshot would refuse.

    Raises:
        InvalidParameter: As for the call.
    """
    if operation.rest is not None:
        encode(operation, operation.rest, {"symbol": symbol, "limit": limit})


def wants_bids(method: str, side: str) -> bool:
    """Whether a method is asked for the bids, and not for the asks."""
    if side not in ("bids", "asks"):
        raise InvalidParameter(f"order_book.{method}", "side", f'is "bids" or "asks", not {side!r}')
    return side == "bids"


def read_price(method: str, price: DecimalInput) -> Decimal:
    """A price, given as a call's decimal parameter is."""
    return Decimal(cast("str", _checked(method, "price", _write_price, price)))


def number_of_levels(method: str, levels: int) -> int:
    """How many levels of a side are meant."""
    return cast("int", _checked(method, "levels", _write_levels, levels))


def _checked(method: str, name: str, write: Writer, value: object) -> object:
    try:
        return write(value)
    except Refused as refused:
        raise InvalidParameter(f"order_book.{method}", name, refused.rule) from None
