"""What becomes of user data behind a gap: it waits until the account's state has been fetched. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .notices import Reconnected, Resynchronized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .notices import Notice

__all__ = ["Healing"]

_MOST_HELD_BACK = 10_000
"""Events; then nothing more is read from the connection."""


class Healing:
    """Keeps the order in which a consumer is told of a gap: the gap, the state behind it, the events received since.

    The events come behind the state although they may be older: what was received since the gap is all that happened
    since, so it ends in a right picture whichever moment the state is of. Events that stand between two gaps are the
    exception. Others behind them are lost, and a state that follows is newer than they are: they come before it.

    Args:
        deliver: Takes a payload.
        tell: Takes a notice.
        hold: Called when nothing more should be read from the connection.
        release: Called when it may be read again.
    """

    def __init__(
        self,
        *,
        deliver: Callable[[bytes], None],
        tell: Callable[[Notice], None],
        hold: Callable[[], None],
        release: Callable[[], None],
    ) -> None:
        self._deliver = deliver
        self._tell = tell
        self._hold = hold
        self._release = release
        self._gap: Reconnected | None = None
        """What is to be healed; None: nothing."""
        self._held_back: list[bytes] = []

    def begin(self, notice: Reconnected) -> Reconnected:
        """There was a gap, and events of after it follow; gives the whole gap, whose state is to be fetched now."""
        self._let_through()
        self._tell(notice)
        since = notice.since if self._gap is None else min(self._gap.since, notice.since)
        self._gap = Reconnected(notice.streams, since, notice.until, notice.reason)
        return self._gap

    def receive(self, payload: bytes) -> None:
        """Takes an event in its turn."""
        if self._gap is None:
            self._deliver(payload)
            return
        self._held_back.append(payload)
        if len(self._held_back) == _MOST_HELD_BACK:
            self._hold()

    def finish(self, gap: Reconnected, state: Mapping[str, object], asked_at: int) -> None:
        """The state is there.

        Args:
            gap: What it was fetched for; nothing happens when there has been another gap since.
            state: See `Resynchronized`.
            asked_at: See `Resynchronized`.
        """
        if gap is self._gap:
            self.heal(Resynchronized(gap.since, gap.until, gap.reason, state, asked_at))

    def heal(self, state: Resynchronized) -> None:
        """Tells the state, and then what waited for it."""
        self._gap = None
        self._tell(state)
        self._let_through()

    def give_up(self) -> None:
        """The state cannot be fetched: the events that wait for it are delivered without."""
        self._gap = None
        self._let_through()

    def _let_through(self) -> None:
        held_back, self._held_back = self._held_back, []
        for payload in held_back:
            self._deliver(payload)
        if len(held_back) >= _MOST_HELD_BACK:
            self._release()
