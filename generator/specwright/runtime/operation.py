"""Descriptors of operations and streams: what a generated method hands to the runtime beside its arguments.

They are data. Everything that a call needs to know stands here once: parameters with their limits, rules between them,
cost, security, whether a failed call may be repeated, and the wire type of the reply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from .wire import WireType

__all__ = [
    "ByPresence",
    "Carrier",
    "Condition",
    "Event",
    "FixedWeight",
    "InputShape",
    "Operation",
    "Paging",
    "Param",
    "Resolution",
    "Rule",
    "Stream",
    "Weight",
    "WeightByPresence",
    "WeightByValue",
    "WeightPerItem",
]

Argument: TypeAlias = object
ParamKind: TypeAlias = Literal["string", "int", "decimal", "bool", "timestamp", "input", "json"]


@frozen
class Param:
    """One parameter: its wire name, its Python name, and what its value must be."""

    wire: str
    python: str
    kind: ParamKind
    required: bool = False
    many: bool = False
    """A list of `kind`; sent as one JSON array."""
    default: str | int | Decimal | bool | None = None
    """What the exchange assumes when nothing is sent (it is not sent; costs are computed with it)."""
    one_of: tuple[str | int | Decimal, ...] | None = None
    minimum: Decimal | int | None = None
    maximum: Decimal | int | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str | None = None
    case: Literal["lower", "upper"] | None = None
    generated: Literal["client_order_id"] | None = None
    shape: InputShape | None = None
    """The object's parameters, for `kind="input"`."""
    former: tuple[str, ...] = ()
    """Python names that it had before, which keep working."""


@frozen
class InputShape:
    """An object that the caller sends, such as one order of a batch."""

    name: str
    params: tuple[Param, ...]
    rules: tuple[Rule, ...] = ()


@frozen
class Condition:
    """Every named parameter (Python names) has one of the values; an empty tuple asks only that it is sent."""

    values: Mapping[str, tuple[str | int | Decimal | bool, ...]]


@frozen
class Rule:
    """One rule between parameters; names are Python names, `exclusive` has one inner tuple a set."""

    kind: Literal["require", "require_any", "require_one", "exclusive", "forbid", "span"]
    params: tuple[tuple[str, ...], ...]
    when: Condition | None = None
    unless: Condition | None = None
    at_most_ms: int | None = None


@frozen
class FixedWeight:
    weight: int


@frozen
class WeightByValue:
    """By the value of a parameter: the first bound of `up_to` that is not below it, or an exact entry of `values`."""

    param: str
    up_to: tuple[tuple[int, int], ...] = ()
    values: Mapping[str, int] = field(factory=dict)
    otherwise: int | None = None
    above: int | None = None


@frozen
class WeightByPresence:
    """By the first of the parameters that is sent, else `absent`."""

    present: Mapping[str, int]
    absent: int


@frozen
class WeightPerItem:
    param: str
    each: int


Weight: TypeAlias = FixedWeight | WeightByValue | WeightByPresence | WeightPerItem


@frozen
class ByPresence:
    """A reply whose type depends on whether a parameter was sent."""

    param: str
    present: WireType
    absent: WireType


@frozen
class Carrier:
    """How an operation travels: `method` is the HTTP method or the WebSocket API method."""

    method: str
    params: tuple[Param, ...]
    costs: Mapping[str, Weight]
    """Budget → cost, the weight budget among them."""
    returns: Callable[[], WireType | ByPresence | None]
    """Gives the reply's wire type when it is first needed, so that models load late; None: no content."""
    path: str = ""


@frozen
class Paging:
    """How an operation pages; parameter and field names are Python names."""

    limit: str | None = None
    id_param: str | None = None
    id_field: str | None = None
    start_param: str | None = None
    end_param: str | None = None
    time_field: str | None = None
    window_ms: int | None = None
    reach_ms: int | None = None
    items: str | None = None
    order: Literal["ascending", "descending"] = "ascending"


@frozen
class Resolution:
    """How to ask what became of a call whose reply was lost: parameter of the asking operation → of the lost call."""

    operation: str
    params: Mapping[str, str]
    absent: tuple[int, ...]
    status: str | None = None
    """The reply's field that says how far it went (Python name)."""
    filled: tuple[str, ...] = ()
    """Values of that field that mean: executed in full."""


@frozen
class Operation:
    """One thing that the exchange does when asked."""

    id: str
    group: str
    security: str
    retry: Literal["safe", "never"]
    rest: Carrier | None = None
    ws: Carrier | None = None
    rules: tuple[Rule, ...] = ()
    pages: Paging | None = None
    resolve: Resolution | None = None
    renamed: Mapping[str, str] = field(factory=dict)


@frozen
class Stream:
    """A market stream; `pattern` is as in the spec: `<symbol>@depth[@<update_speed>]`, with Python names."""

    id: str
    pattern: str
    route: str
    returns: Callable[[], WireType]
    params: tuple[Param, ...] = ()
    silence_ms: int | None = None
    latest_key: str | None = None
    """Wire name of the payload's field that says which thing a frame is about."""

    @property
    def silence(self) -> float | None:
        """Seconds without a payload after which it is taken for stalled."""
        return None if self.silence_ms is None else self.silence_ms / 1000


@frozen
class Event:
    """A user data event: its wire name and its model's wire type."""

    wire: str
    returns: Callable[[], WireType]
