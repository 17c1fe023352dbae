"""What a session knows of one stream: who consumes it, whether it is silent, and what of it may have been missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .address import Deliver
    from .notices import Notice

__all__ = ["Consumer", "Cut", "Subscription"]


class Consumer(Protocol):
    """Whoever asked for streams. Its calls must neither fail nor wait."""

    def ready(self, name: str) -> None:
        """The exchange has acknowledged the stream."""
        ...

    def lost(self, name: str) -> None:
        """Of this stream something is missing from now on. The `Reconnected` that ends the gap comes later, in its
        place between the events."""
        ...

    def tell(self, notice: Notice) -> None:
        """Something that belongs between the events."""
        ...

    def fail(self, error: BaseException) -> None:
        """Nothing more will come."""
        ...


@define(eq=False)
class Cut:
    """Why something is missing: one for all streams that are missing it for the same reason."""

    reason: str
    told: set[Consumer] = field(factory=set)
    """Who knows of it."""


@define(eq=False)
class Subscription:
    """One stream of a session."""

    name: str
    patience: float | None
    """Seconds of silence after which it is taken for stalled; None: silence is normal."""
    consumers: dict[Consumer, Deliver] = field(factory=dict)
    deliver: Deliver = field(init=False)
    """Hands payloads to every consumer."""
    gap_since: float | None = None
    """Local time in seconds since 1970 from which on something may be missing; None: nothing is."""
    cut: Cut | None = None
    """What the gap comes from."""
    _resumes: Callable[[], None] | None = None
    """Called before the payload that ends the gap; None: an acknowledgement ends it, or there is none."""

    def __attrs_post_init__(self) -> None:
        self.share()

    def share(self) -> None:
        """Settles how payloads are handed out, after a consumer came or went."""
        sinks = list(self.consumers.values())
        if self._resumes is not None:
            self.deliver = self._resume
            return
        if len(sinks) == 1:
            self.deliver = sinks[0]
            return

        def hand_out(payloads: Sequence[bytes]) -> None:
            for sink in sinks:
                sink(payloads)

        self.deliver = hand_out

    def hand_on(self, payloads: Sequence[bytes]) -> None:
        """`deliver`, as it is at the moment of the call."""
        self.deliver(payloads)

    def await_sign(self, resumes: Callable[[], None]) -> None:
        """The gap ends with the next payload: `resumes` is called before it."""
        self._resumes = resumes
        self.share()

    def whole(self) -> None:
        """The gap has ended."""
        self.gap_since = self.cut = self._resumes = None

    def _resume(self, payloads: Sequence[bytes]) -> None:
        resumes, self._resumes = self._resumes, None
        if resumes is not None:
            resumes()
        if self.deliver == self._resume:  # Else a route has kept this way in, which is open.
            self.share()
        self.deliver(payloads)

    def missing(self, since: float, cut: Cut) -> None:
        """Notes that something may be missing from `since` on; an earlier gap that was not told yet grows."""
        if self.gap_since is None:
            self.gap_since, self.cut = since, cut
            for consumer in self.consumers:
                consumer.lost(self.name)
