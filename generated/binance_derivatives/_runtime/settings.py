"""What a caller can set for all calls of a client, and what hooks are told of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from attrs import field, frozen

from .retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .drift import Drift
    from .errors import BinanceError
    from .limits import LimitPolicy

__all__ = ["CallEvent", "CallSettings", "EventHooks"]


@frozen
class CallEvent:
    """One attempt of a call, for hooks; it holds no key, signature or listen key."""

    operation: str
    request: str
    """`POST /fapi/v1/order`, or the WebSocket API method."""
    attempt: int
    """1 is the first."""
    costs: Mapping[str, int]
    """Budget → what was reserved for it."""
    status: int | None = None
    """Of the reply; None before there is one."""
    duration: float | None = None
    """Seconds from sending to the whole reply."""
    used: Mapping[str, int] = field(factory=dict)
    """Budget → what the exchange says has been used."""
    error: BinanceError | None = None
    """What this attempt ended with."""


class EventHooks(TypedDict, total=False):
    """Plain functions that are told of each attempt; an asynchronous client calls them on its event loop."""

    request: Sequence[Callable[[CallEvent], object]]
    """Before each sending; one that raises keeps the call from being sent."""
    response: Sequence[Callable[[CallEvent], object]]
    """After each reply or failure; what one raises is logged and goes no further."""


@frozen
class CallSettings:
    """Settings of all calls of a client; `with_options` makes a client with others."""

    timeout: float = 10.0
    """Seconds until the whole reply must be there."""
    recv_window: int = 5000
    """Milliseconds for which the exchange accepts a request after its timestamp."""
    limits: LimitPolicy = "wait"
    max_wait: float = 65.0
    """Longest time in seconds that a call waits for its budgets; a minute's budget is free again well within it."""
    retry: RetryPolicy = field(factory=RetryPolicy)
    strict: bool = False
    """Whether a reply that is not what the spec says raises instead of being reported."""
    on_drift: Callable[[Drift], object] | None = field(default=None, repr=False)
    on_request: tuple[Callable[[CallEvent], object], ...] = field(default=(), repr=False)
    on_response: tuple[Callable[[CallEvent], object], ...] = field(default=(), repr=False)
