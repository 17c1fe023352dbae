"""Checks of a request's parameters against the spec, with the exchange's code for whatever is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from specwright.spec.dialect.types import ListOf, Named, Scalar, TypeExpression

from .arguments import Arguments
from .rejections import Rejection
from .rules import check_rules

if TYPE_CHECKING:
    from specwright.spec.dialect.operations import Carrier, Operation
    from specwright.spec.dialect.params import Param
    from specwright.spec.dialect.product import Product
    from specwright.spec.dialect.rules import Rule
    from specwright.spec.dialect.vocabulary import Enum

_INVALID_VALUE: Mapping[str, int] = {
    "side": -1117, "type": -1116, "orderType": -1116, "timeInForce": -1115, "interval": -1120,
    "newOrderRespType": -1136, "positionSide": -4060, "contractType": -4104, "pair": -4144,
}  # fmt: skip
"""Parameters that have a code of their own for values that do not exist."""

_CONDITIONAL = frozenset(("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"))
_INTEGER = re.compile(r"-?[0-9]{1,20}")
_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")

AUTHENTICATION = frozenset(("apiKey", "timestamp", "recvWindow", "signature", "returnRateLimits"))
"""Parameters that belong to the request as such and to no operation."""


class RequestChecker:
    """Checks requests of one product.

    Args:
        product: The spec that says what is right.
    """

    def __init__(self, product: Product) -> None:
        self._product = product

    def operation(
        self, operation: Operation, carrier: Carrier, raw: Mapping[str, object], modes: frozenset[str]
    ) -> Arguments:
        """Checks the parameters of an operation.

        Args:
            operation: What is asked for.
            carrier: REST or the WebSocket API: some parameters differ.
            raw: Wire name → value as it was sent: text over REST, any JSON over the WebSocket API.
            modes: The account's modes, for rules that hold only in some.

        Raises:
            Rejection: With the code of the first thing that is wrong.
        """
        sent = {name: value for name, value in raw.items() if name not in AUTHENTICATION}
        return self._check(operation.params_on(carrier), operation.rules, sent, modes)

    def input(self, name: str, raw: object, modes: frozenset[str]) -> Arguments:
        """Checks one item of a list parameter, such as one order of a batch.

        Raises:
            Rejection: With the code of the first thing that is wrong.
        """
        definition = self._product.inputs[name]
        if not isinstance(raw, Mapping):
            raise Rejection(-1130, name)
        return self._check(definition.params, definition.rules, raw, modes)

    def _check(
        self, params: Iterable[Param], rules: Iterable[Rule], sent: Mapping[str, object], modes: frozenset[str]
    ) -> Arguments:
        known = {param.wire: param for param in params}
        for param in known.values():
            if param.required and sent.get(param.wire) in (None, ""):
                raise Rejection(-1102, param.wire)
        values = {}
        for name, raw in sent.items():
            if name in known:
                if raw is None or raw == "":
                    raise Rejection(-1105, name)
                values[name] = self._value(known[name], known[name].type, raw)
        arguments = Arguments(values, {p.wire: p.default for p in known.values() if p.default is not None})
        check_rules(rules, arguments, modes)
        unread = [name for name in sent if name not in known]
        if unread:
            raise Rejection(-1104, len(values), len(sent))
        return arguments

    def _value(self, param: Param, expression: TypeExpression, raw: object) -> object:
        if isinstance(expression, ListOf):
            return self._list(param, expression, raw)
        if isinstance(expression, Named):
            enum = self._product.enums.get(expression.name)
            return raw if enum is None else self._choice(param, enum, raw)
        if isinstance(expression, Scalar):
            return _bounded(param, _scalar(param, expression, raw))
        return raw

    def _choice(self, param: Param, enum: Enum, raw: object) -> object:
        value = str(raw)
        if value not in {str(item.value) for item in enum.values}:
            raise _invalid(param)
        if param.one_of is not None and value not in map(str, param.one_of):
            # A type that exists but has moved elsewhere is told apart from one that does not exist.
            raise Rejection(-4120) if param.wire == "type" and value in _CONDITIONAL else _invalid(param)
        return int(value) if enum.kind == "int" else value

    def _list(self, param: Param, expression: ListOf, raw: object) -> list[object]:
        if isinstance(raw, str):
            try:
                raw = json.loads(raw, parse_float=Decimal)
            except json.JSONDecodeError:
                raise Rejection(-1102 if param.required else -1130, param.wire) from None
        if not isinstance(raw, list):
            raise Rejection(-1102 if param.required else -1130, param.wire)
        fewest = param.min_items if param.min_items is not None else int(param.required)
        if not fewest <= len(raw) <= (param.max_items or len(raw)):
            raise Rejection(-4082) if param.wire == "batchOrders" else Rejection(-4032)
        return [self._value(param, expression.item, item) for item in raw]


def _scalar(param: Param, scalar: Scalar, raw: object) -> object:
    if scalar.kind == "json":
        return raw
    if isinstance(raw, list | Mapping):
        raise Rejection(-1102 if param.required else -1130, param.wire)
    text = str(raw)
    if scalar.kind == "string":
        return text
    if scalar.kind == "bool":
        if text.lower() not in ("true", "false"):
            raise Rejection(-1130, param.wire)
        return text.lower() == "true"
    pattern = _INTEGER if scalar.kind in ("int", "timestamp") else _DECIMAL
    if not pattern.fullmatch(text):
        raise Rejection(-1100, param.wire, f"^{pattern.pattern}$")
    try:
        return int(text) if pattern is _INTEGER else Decimal(text)
    except InvalidOperation:
        raise Rejection(-1100, param.wire, f"^{pattern.pattern}$") from None


def _bounded(param: Param, value: object) -> object:
    if isinstance(value, str):
        if param.pattern is not None and not re.fullmatch(param.pattern, value):
            too_long = "lient" in param.wire and not 1 <= len(value) <= 36
            raise Rejection(-4015) if too_long else Rejection(-1100, param.wire, f"^{param.pattern}$")
        if not (param.min_length or 0) <= len(value) <= (param.max_length or len(value)):
            raise Rejection(-1130, param.wire)
    if param.one_of is not None and str(value) not in map(str, param.one_of):
        raise Rejection(-4021, value) if param.wire == "limit" else _invalid(param)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        below = param.minimum is not None and value < param.minimum
        above = param.maximum is not None and value > param.maximum
        if below or above:
            raise Rejection(-4028, value) if param.wire == "leverage" else Rejection(-1130, param.wire)
    return value


def _invalid(param: Param) -> Rejection:
    code = _INVALID_VALUE.get(param.wire, -1130)
    # Other things than orders have a `type` too.
    ordered = isinstance(param.type, Named) and param.type.name.endswith("OrderType")
    return Rejection(-1130, param.wire) if code == -1116 and not ordered else Rejection(code, param.wire)
