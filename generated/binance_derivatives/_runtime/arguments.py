"""The arguments of a call: checked against the operation's descriptor, then written as they travel.

What an operation demands is compiled at its first call, so that a call spends a few microseconds here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from .client_order_ids import new_client_order_id as random_id
from .errors import InvalidParameter
from .former_names import former_names, renewed
from .rules import compile_rules
from .values import DecimalInput, Refused, plain_choices, scalar_writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .operation import Carrier, Operation, Param, Rule
    from .rules import Check
    from .values import Writer

__all__ = ["DecimalInput", "Encoded", "encode", "random_id"]


class Encoded(msgspec.Struct, frozen=True):
    """A call's arguments, ready to be sent."""

    wire: dict[str, str] | dict[str, object]
    """Wire name → text (REST), or → JSON value (WebSocket API), in the order of the arguments."""
    arguments: dict[str, object]
    """What is sent, by Python names: without None, with generated values."""
    client_order_id: str | None = None
    """The order's own name, given or generated, where the operation has one."""


class _Entry(NamedTuple):
    """One parameter."""

    wire: str
    write: Writer
    known: set[str]
    """Texts that `write` gives back as they are."""
    is_text: bool
    """Whether more of them are learnt as they come: a trader's symbols are few."""
    complete: Callable[[object, Callable[[], str]], object] | None = None
    """Gives the orders of a batch their names; None: there is nothing to give."""


class _Demands(NamedTuple):
    """What a set of parameters demands of its arguments."""

    entries: Mapping[str, _Entry]
    """By Python names."""
    checks: tuple[Check, ...]
    generated: str | None
    """The parameter that is a client order id."""
    former: Mapping[str, str]
    """Former names of parameters → their names now."""


_MOST_KNOWN = 1_000
"""Texts of a parameter; more than there are symbols of a market, and a bound where each call has another."""

_compiled: dict[int, tuple[Carrier, _Demands]] = {}
"""By the identity of the carrier, which the entry keeps alive."""


def encode(
    operation: Operation,
    carrier: Carrier,
    arguments: Mapping[str, object],
    *,
    new_client_order_id: Callable[[], str] = random_id,
) -> Encoded:
    """Checks the arguments of a call and writes them.

    Args:
        operation: Whose rules hold.
        carrier: The operation's `rest` or `ws`.
        arguments: By Python names; None stands for absent.
        new_client_order_id: Where the id of an order comes from when the caller gives none.

    Raises:
        InvalidParameter: An argument is unknown, missing, or breaks a rule.
    """
    known = _compiled.get(id(carrier))
    if known is None:
        demands = _demands(carrier.params, operation.rules, as_text=bool(carrier.path))
        known = _compiled[id(carrier)] = (carrier, demands)
    demands = known[1]
    try:
        wire, sent = _written(demands, arguments, new_client_order_id)
    except Refused as refusal:
        raise InvalidParameter(operation.id, refusal.inside, refusal.rule) from None
    order_id = sent.get(demands.generated) if demands.generated else None
    return Encoded(wire, sent, order_id if isinstance(order_id, str) else None)


def _written(
    demands: _Demands, arguments: Mapping[str, object], new_client_order_id: Callable[[], str]
) -> tuple[dict[str, object], dict[str, object]]:
    """Wire names with wire values, and Python names with what was sent. Refusals name the parameter as `inside`."""
    entries = demands.entries
    if demands.former:
        arguments = renewed(arguments, demands.former)
    wire: dict[str, object] = {}
    sent: dict[str, object] = {}
    for name, value in arguments.items():
        if value is None:
            continue
        entry = entries.get(name)
        if entry is None:
            raise Refused(_unknown(name, entries), name)
        wire_name, write, known, is_text, complete = entry
        if type(value) is str and value in known:
            wire[wire_name] = sent[name] = value
            continue
        if complete is not None:
            value = complete(value, new_client_order_id)
        try:
            wire[wire_name] = written = write(value)
        except Refused as refusal:
            raise Refused(refusal.rule, name + refusal.inside) from None
        sent[name] = value
        if is_text and type(value) is str and written == value and len(known) < _MOST_KNOWN:
            known.add(value)
    generated = demands.generated
    if generated is not None and generated not in sent:
        wire[entries[generated].wire] = sent[generated] = new_client_order_id()
    for check in demands.checks:
        breach = check(sent)
        if breach is not None:
            raise Refused(breach[1], breach[0])
    return wire, sent


# --- Compiling --------------------------------------------------------------------------------------------------------


def _demands(params: Sequence[Param], rules: Sequence[Rule], *, as_text: bool) -> _Demands:
    required = [param.python for param in params if param.required and param.generated is None]
    return _Demands(
        entries={param.python: _entry(param, as_text=as_text) for param in params},
        checks=compile_rules(rules, params, required),
        generated=next((param.python for param in params if param.generated is not None), None),
        former=former_names(params),
    )


def _entry(param: Param, *, as_text: bool) -> _Entry:
    complete = None
    if param.shape is not None:
        inner = _demands(param.shape.params, param.shape.rules, as_text=False)
        write = _object_writer(inner)
        if inner.generated is not None:
            complete = _naming(inner.generated, many=param.many)
    else:
        write = scalar_writer(param)
    if param.many:
        write = _list_writer(param, write)
    if as_text:
        if param.many or param.kind in ("input", "json"):
            write = _json_text(write)
        elif param.kind in ("int", "timestamp"):
            write = _text(write)
    is_text = param.kind == "string" and not param.many and param.generated is None
    return _Entry(param.wire, write, set(plain_choices(param)), is_text, complete)


def _object_writer(demands: _Demands) -> Writer:
    def write(value: object) -> object:
        if not isinstance(value, Mapping):
            raise Refused(f"must be a dict, not {type(value).__name__}")
        try:
            return _written(demands, value, random_id)[0]
        except Refused as refusal:
            raise Refused(refusal.rule, f".{refusal.inside}") from None

    return write


def _list_writer(param: Param, write_item: Writer) -> Writer:
    fewest = 1 if param.min_items is None else param.min_items
    most = param.max_items

    def write(value: object) -> object:
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            raise Refused(f"must be a list, not {type(value).__name__}")
        if len(value) < fewest:
            raise Refused("must not be empty" if fewest == 1 else f"must have at least {fewest} items")
        if most is not None and len(value) > most:
            raise Refused(f"must have at most {most} items, not {len(value)}")
        items = []
        for place, item in enumerate(value):
            try:
                items.append(write_item(item))
            except Refused as refusal:
                raise Refused(refusal.rule, f"[{place}]{refusal.inside}") from None
        return items

    return write


def _naming(name: str, *, many: bool) -> Callable[[object, Callable[[], str]], object]:
    """Gives objects without a client order id one; what is no such object is left to its writer to refuse."""

    def named(value: object, new_client_order_id: Callable[[], str]) -> object:
        if not isinstance(value, Mapping) or value.get(name) is not None:
            return value
        return {**value, name: new_client_order_id()}

    def all_named(value: object, new_client_order_id: Callable[[], str]) -> object:
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            return value
        return [named(item, new_client_order_id) for item in value]

    return all_named if many else named


def _json_text(write: Writer) -> Writer:
    """Compact JSON; characters beyond ASCII stay what they are."""
    return lambda value: msgspec.json.encode(write(value)).decode()


def _text(write: Writer) -> Writer:
    return lambda value: str(write(value))


def _unknown(name: str, entries: Mapping[str, _Entry]) -> str:
    from difflib import get_close_matches

    near = [python for python, entry in entries.items() if entry.wire == name] or get_close_matches(name, entries, n=1)
    return f"is no parameter of it{f'; did you mean {near[0]}?' if near else ''}"
