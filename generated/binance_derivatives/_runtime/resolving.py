"""Finding out what became of a call whose reply was lost, by asking the exchange with backoff.

"Not found" is believed only when the lost request can no longer be accepted: once the exchange's clock has passed its
timestamp and `recv_window`, it would be refused if it arrived now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

from .effects import pause
from .errors import ApiError, Banned, ConfigurationError, LimitError, ServerError, TransportError
from .method import AsyncRestGroup, RestGroup

if TYPE_CHECKING:
    from .effects import Flow
    from .errors import BinanceError, ExecutionUnknown
    from .flow import CallFlow
    from .operation import Operation, Resolution
    from .response import Results

__all__ = ["AsyncResolvingGroup", "Outcome", "ResolvingGroup"]

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
MARGIN_MS = 1000
"""How much longer than its window a lost request is waited for: the exchange's servers differ a little in time."""
PATIENCE = 20.0
"""Seconds for which to ask on after that, by default."""


@frozen
class Outcome:
    """What became of a call."""

    state: Literal["placed", "filled", "absent"]
    """`placed`: the exchange has it · `filled`: and has executed it in full · `absent`: it never will."""
    order: object = None
    """What the exchange told of it: the reply of the operation that was asked; None where it is absent."""


class ResolvingGroup(RestGroup):
    """A group with operations whose lost calls can be asked about."""

    def resolve(self, error: ExecutionUnknown, *, timeout: float | None = None) -> Outcome:
        """Finds out what became of a call, by asking until the answer is certain.

        Args:
            error: What the call raised.
            timeout: Seconds after which this gives up; by default some seconds after the lost request has become too
                old to be accepted.

        Returns:
            Whether the order was placed, filled, or is absent (and will not appear any more), with the order.

        Raises:
            ExecutionUnknown: It is still unknown: the same error again.
            ConfigurationError: The spec does not say how to ask about this operation.
            ApiError: The exchange refused the question.
        """
        caller = self._caller
        return caller.run(_search(caller.flow, caller.results, error, timeout))


class AsyncResolvingGroup(AsyncRestGroup):
    """A group with operations whose lost calls can be asked about."""

    async def resolve(self, error: ExecutionUnknown, *, timeout: float | None = None) -> Outcome:
        """Finds out what became of a call; see `ResolvingGroup.resolve`."""
        caller = self._caller
        return await caller.run(_search(caller.flow, caller.results, error, timeout))


def _search(flow: CallFlow, results: Results, error: ExecutionUnknown, timeout: float | None) -> Flow[Outcome]:
    resolution, asked, arguments = _question(flow, error)
    assert asked.rest is not None  # the spec's check asks for it
    local = flow.clock.local
    acceptable_until = (error.timestamp or 0) + (error.recv_window or 0) + MARGIN_MS
    if timeout is None:
        timeout = max(0.0, (acceptable_until - flow.clock.now_ms()) / 1000) + PATIENCE
    end = local.monotonic() + timeout
    delay = FIRST_PAUSE
    while True:
        too_old = flow.clock.now_ms() > acceptable_until
        try:
            order = results.result((yield from flow.perform(flow.call(asked, asked.rest, arguments))))
            return Outcome(_state(order, resolution), order)
        except (ApiError, TransportError, LimitError) as failure:
            if isinstance(failure, ApiError) and failure.code in resolution.absent:
                if too_old:
                    return Outcome("absent")
            elif not _passes(failure):
                raise
        if local.monotonic() + delay > end:
            raise error
        yield from pause(local, delay)
        delay = min(2 * delay, LONGEST_PAUSE)


def _question(flow: CallFlow, error: ExecutionUnknown) -> tuple[Resolution, Operation, dict[str, object]]:
    lost = flow.operation(error.operation) if error.operation in flow.product.groups else None
    if lost is None or lost.resolve is None:
        raise ConfigurationError(
            f"the spec does not say how to find out about {error.operation}: look at orders or positions yourself"
        )
    resolution = lost.resolve
    arguments = {
        asking: error.parameters[name] for asking, name in resolution.params.items() if name in error.parameters
    }
    return resolution, flow.operation(resolution.operation), arguments


def _state(order: object, resolution: Resolution) -> Literal["placed", "filled"]:
    if resolution.status is None:
        return "placed"
    return "filled" if getattr(order, resolution.status, None) in resolution.filled else "placed"


def _passes(failure: BinanceError) -> bool:
    """Whether asking again can give an answer."""
    return isinstance(failure, (TransportError, ServerError, LimitError)) and not isinstance(failure, Banned)
