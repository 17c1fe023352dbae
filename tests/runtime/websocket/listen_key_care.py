"""The care of a listen key whose requests a test answers."""

from __future__ import annotations

import json

from manual_clock import ManualClock
from specwright.runtime.websocket.backoff import ReconnectPolicy
from specwright.runtime.websocket.listen_key import ListenKeeper

from .tiny import PRODUCT

HOUR = 3600.0
"""Seconds that a key holds for."""
RENEWAL = 300.0
"""Seconds from an answer to the next renewal."""


class Care:
    """A keeper whose requests are answered by the test."""

    def __init__(self) -> None:
        assert PRODUCT.user_data is not None
        self.clock = ManualClock()
        self.keeper = ListenKeeper(PRODUCT.user_data, self.clock, ReconnectPolicy(base=1.0), jitter=lambda: 1.0)
        self.asked: list[tuple[float, str]] = []

    def until_asked(self) -> str:
        """Lets time pass until the keeper wants something; says what."""
        deadline = self.keeper.deadline()
        assert deadline is not None
        self.clock.now = max(self.clock.now, deadline)
        request = self.keeper.next_request()
        assert request is not None
        self.asked.append((self.clock.now - 100.0, request))
        return request

    def held(self) -> Care:
        """The same with a key."""
        self.until_asked()
        self.keeper.answered("k1")
        return self

    def hear(self, event: str = "listenKeyExpired", **fields: object) -> bool:
        """An event of the stream comes."""
        return self.keeper.hear(json.dumps({"e": event, "E": 1, **fields}).encode())
