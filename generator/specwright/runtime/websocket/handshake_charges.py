"""What opening a connection of the WebSocket API costs, counted where its calls are counted.

Nothing waits for room: a connection that heals late costs a trader more than a few units too many. Behind a call that
waited for its connection they count twice until the next reply: whether its own figure held them is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..limits import LocalLedger, Refusal
from .connection import open_connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..charges import Charge, Reservation
    from ..clock import Clock
    from ..flow import CallFlow
    from ..limits import Ledger
    from .connection import Connection, ConnectionSettings
    from .line import Line
    from .runner import Open

__all__ = ["counting_handshakes"]

_SOURCE = "ws_api"


def counting_handshakes(flow: CallFlow, open: Open = open_connection) -> Open:
    """Opens connections as `open` does, and charges each attempt, whatever comes of it.

    Args:
        flow: Has the product, and the budgets of the client's calls.
        open: How a connection is opened.
    """
    connections = flow.product.connections
    weight = None if connections is None else connections.ws_api_handshake_weight
    if weight is None:
        return open
    charges = flow.preparer.charges({flow.product.weight_budget: weight})
    ledger = flow.accounting.ledger

    async def open_and_count(url: str, line: Line, settings: ConnectionSettings, clock: Clock) -> Connection:
        reservation = await _reserve(ledger, charges)
        try:
            return await open(url, line, settings, clock)
        finally:
            await _settle(ledger, reservation)

    return open_and_count


async def _reserve(ledger: Ledger, charges: Sequence[Charge]) -> Reservation:
    if isinstance(ledger, LocalLedger):
        given = ledger.reserve(charges, force=True)
    else:
        given = await ledger.reserve_async(charges, force=True)
    assert not isinstance(given, Refusal), "what is forced is not refused"
    return given


async def _settle(ledger: Ledger, reservation: Reservation) -> None:
    if isinstance(ledger, LocalLedger):
        ledger.settle(reservation, {}, _SOURCE)
    else:
        await ledger.settle_async(reservation, {}, _SOURCE)
