"""What a session asks of the exchange over its connections, and what the exchange says beside payloads."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..errors import RequestRejected
from .control import ControlMessage, shutdown_notice
from .line import Send

if TYPE_CHECKING:
    from collections.abc import Callable

    from .control import Fault
    from .leg import Leg, Request
    from .legs import Legs
    from .line import Effect
    from .wanted import Wanted

__all__ = ["Conversation"]

logger = logging.getLogger(__name__)


class Conversation:
    """Subscribes what is wanted, unsubscribes what is not, and takes answers and announcements.

    Args:
        wanted: The streams.
        legs: The connections.
        effects: Where effects are put.
        shutdown_event: The event by which the server says that it is about to go.
        reject: Told of a stream that the exchange refuses, and why.
        attention: Called when something that was heard is to be acted upon.
    """

    def __init__(
        self,
        wanted: Wanted,
        legs: Legs,
        effects: list[Effect],
        *,
        shutdown_event: str | None,
        reject: Callable[[str, RequestRejected], None],
        attention: Callable[[], None],
    ) -> None:
        self._wanted = wanted
        self._legs = legs
        self._effects = effects
        self._announces_shutdown = shutdown_notice(shutdown_event)
        self._reject = reject
        self._attention = attention
        self.unclaimed = 0
        """Messages that are no payload of a wanted stream and no answer."""

    def ask(self, leg: Leg, now: float) -> None:
        """Asks a connection for what is missing or too much, as fast as is allowed."""
        handover = self._legs.handover
        while leg.window.free_at(now) <= now and (batch := leg.next_batch(self._wanted)) is not None:
            method, names = batch
            if method == "SUBSCRIBE":
                if leg is self._legs.next and self._legs.current is not None:
                    handover.join(self._legs.current, leg, names)
                else:
                    self._wanted.route(leg, [name for name in names if not handover.has_left(name)])
            self._effects.append(Send(leg, leg.ask(method, names, now)))

    def hear(self, leg: Leg, message: bytes) -> None:
        """A message that is no payload of a stream that the connection carries."""
        if leg.is_over:
            return  # One before it has ended the connection.
        said = ControlMessage.read(message)
        if said is None:
            self.unclaimed += 1
            logger.warning("a message of %d bytes is no JSON object and is left out", len(message))
        elif isinstance(said.id, int) and said.id in leg.requests:
            self._answered(leg, leg.requests.pop(said.id), said.fault)
            self._attention()
        elif self._announces_shutdown(message):
            logger.info("the server says that it shuts down; dialling another one")
            leg.shuts_down = True
            if self._legs.next is None and leg is self._legs.current:
                self._legs.replace()
                self._attention()
        else:
            self.unclaimed += 1

    def _answered(self, leg: Leg, request: Request, fault: Fault | None) -> None:
        if request.method == "UNSUBSCRIBE":
            if fault is not None:
                logger.warning("the exchange refused an UNSUBSCRIBE: %s", fault.msg)
            leg.drop(request.names, self._wanted)
        elif fault is None:
            self._legs.acknowledged(leg, request.names)
        elif len(request.names) > 1:
            leg.suspect(request.names)
        else:
            (name,) = request.names
            text = fault.msg or "the exchange gave no reason"
            self._reject(name, RequestRejected(text, code=fault.code, operation="SUBSCRIBE", request=name))
