"""Joins two connections' frames of one stream: each frame once, in order, while the newer takes over from the older."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Splice"]


class Splice:
    """One stream's handover from an old connection to a new one.

    Both carry the same frames, byte for byte, from some frame on; each may be ahead of the other. The first frame of
    the new connection is the seam: what the old one brings before it is delivered, what comes behind it is taken from
    the new one.

    - The old connection had already brought the seam: the new one repeats what was delivered since; that is left out.
    - It had not: the new one's frames wait until it does.

    Args:
        deliver: Takes frames, each once.
    """

    __slots__ = ("_history", "_old_is_over", "_repeats", "_waiting", "deliver", "is_done")

    def __init__(self, deliver: Callable[[Sequence[bytes]], None]) -> None:
        self.deliver = deliver
        self._history: list[bytes] = []
        self._waiting: list[bytes] = []
        self._repeats: deque[bytes] | None = None
        """What the new connection will bring although it was delivered; None: the seam has not been found."""
        self._old_is_over = False
        self.is_done = False
        """Whether the new connection is the only source now."""

    def old(self, frames: Sequence[bytes]) -> None:
        """Frames from the old connection."""
        for frame in frames:
            self._old(frame)

    def new(self, frames: Sequence[bytes]) -> None:
        """Frames from the new connection."""
        for frame in frames:
            self._new(frame)

    def _old(self, frame: bytes) -> None:
        if self._repeats is not None or self.is_done or self._old_is_over:
            return
        self._history.append(frame)
        self.deliver([frame])
        if self._waiting and self._waiting[0] == frame:
            self._waiting.pop(0)
            self._take_over()

    def _new(self, frame: bytes) -> None:
        if self.is_done:
            self.deliver([frame])
        elif self._repeats is not None:
            self._skip(self._repeats, frame)
        elif not self._waiting and frame in self._history:
            seam = len(self._history) - 1 - self._history[::-1].index(frame)
            self._repeats = deque(self._history[seam + 1 :])
            self.is_done = not self._repeats
        elif self._old_is_over:
            self.is_done = True
            self.deliver([frame])
        else:
            self._waiting.append(frame)

    @property
    def has_seam(self) -> bool:
        """Whether it is known where the new connection goes on; from there the old one is not listened to."""
        return self.is_done or self._repeats is not None

    def finish(self) -> None:
        """The old connection brings nothing more: what waits is delivered, without what was delivered already."""
        if self._old_is_over:
            return
        self._old_is_over = True
        if self._waiting:
            delivered = set(self._history)
            self._waiting = [frame for frame in self._waiting if frame not in delivered]
            self._take_over()

    def _skip(self, repeats: deque[bytes], frame: bytes) -> None:
        if frame not in repeats:
            # The old connection had missed it.
            self.deliver([frame])
            return
        while repeats.popleft() != frame:
            pass
        self.is_done = not repeats

    def _take_over(self) -> None:
        self.is_done = True
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.deliver(waiting)
