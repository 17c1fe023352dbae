"""Finds streams that were acknowledged and stay silent, without reading a clock for each message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..clock import Clock
    from .leg import Leg
    from .subscription import Subscription

__all__ = ["SilenceWatch"]

_MOST_PATIENCE = 16
"""A stream that is silent again and again is waited for longer each time, up to so many times its cadence."""


@define(eq=False)
class _Lookout:
    """Stands in a stream's route; the first payloads remove it, so that the ones behind them do not pass here."""

    leg: Leg
    subscription: Subscription
    patience: float
    since: float
    since_1970: float
    check_at: float
    is_quiet: bool = True

    def receive(self, payloads: Sequence[bytes]) -> None:
        self.is_quiet = False
        self.leg.route(self.subscription.name, self.subscription.deliver)
        self.subscription.deliver(payloads)


class SilenceWatch:
    """Watches the streams of one connection that are never silent for long.

    A stream is found silent between one and one and a half times its patience after its last payload.

    Args:
        clock: Local time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lookouts: dict[str, _Lookout] = {}
        self._strikes: dict[str, int] = {}

    def check(self, leg: Leg, subscriptions: Iterable[Subscription], now: float) -> list[tuple[Subscription, float]]:
        """The streams that are stalled, each with the local time in seconds since 1970 from which on nothing came.

        Args:
            leg: The connection.
            subscriptions: Its streams.
            now: Monotonic time.
        """
        stalled: list[tuple[Subscription, float]] = []
        for subscription in subscriptions:
            if subscription.patience is None or subscription.name not in leg.active:
                continue
            lookout = self._lookouts.get(subscription.name)
            if lookout is None or lookout.leg is not leg:
                self._post(leg, subscription, now)
            elif now >= lookout.check_at:
                if not lookout.is_quiet:
                    self._strikes.pop(subscription.name, None)
                    self._post(leg, subscription, now)
                elif now < lookout.since + lookout.patience:
                    lookout.check_at = lookout.since + lookout.patience
                else:
                    self._strikes[subscription.name] = self._strikes.get(subscription.name, 0) + 1
                    stalled.append((subscription, lookout.since_1970))
        return stalled

    def clear(self) -> None:
        """Stops watching; the next check starts anew."""
        for lookout in self._lookouts.values():
            if lookout.is_quiet and not lookout.leg.is_over:
                lookout.leg.route(lookout.subscription.name, lookout.subscription.deliver)
        self._lookouts.clear()

    def forget(self, name: str) -> None:
        """A stream is not wanted any more."""
        self._lookouts.pop(name, None)
        self._strikes.pop(name, None)

    def deadline(self) -> float | None:
        """Monotonic time of the next check."""
        return min((lookout.check_at for lookout in self._lookouts.values()), default=None)

    def _post(self, leg: Leg, subscription: Subscription, now: float) -> None:
        assert subscription.patience is not None
        patience = subscription.patience * min(2 ** self._strikes.get(subscription.name, 0), _MOST_PATIENCE)
        lookout = _Lookout(leg, subscription, patience, now, self._clock.time(), now + patience / 2)
        self._lookouts[subscription.name] = lookout
        leg.route(subscription.name, lookout.receive)
