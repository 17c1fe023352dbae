"""Joins two connections' frames of one stream: each frame once, in order, while the newer takes over from the older."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Splice"]

_Side: TypeAlias = Literal["old", "new"]


class Splice:
    """One stream's handover from an old connection to a new one.

    Both carry the same frames, byte for byte, from some frame on; each may be ahead of the other. The first frame of
    the new connection is the seam. Until both have brought it, the old one's frames are delivered, and the new one's
    wait. From then on a frame is delivered when the first of them brings it, and left out when the other one does. So
    either may end, and the one that remains repeats nothing.

    Args:
        deliver: Takes frames, each once.
        delivered: Frames that were delivered, and that both connections may still bring.
    """

    __slots__ = ("_alone", "_behind", "_history", "_repeats", "_waiting", "deliver", "is_done")

    def __init__(self, deliver: Callable[[Sequence[bytes]], None], delivered: Iterable[bytes] = ()) -> None:
        self.deliver = deliver
        self._history = list(delivered)
        self._waiting: list[bytes] = []
        self._repeats: deque[bytes] | None = None
        """What the connection that is behind will bring although it was delivered; None: there is no seam yet."""
        self._behind: _Side = "new"
        self._alone: _Side | None = None
        """The connection that remains; None: both do."""
        self.is_done = False
        """Whether one connection is the only source now, and has nothing to repeat."""

    def old(self, frames: Sequence[bytes]) -> None:
        """Frames from the old connection."""
        for frame in frames:
            if self._repeats is not None:
                self._bring("old", frame, self._repeats)
                continue
            self._history.append(frame)
            self.deliver([frame])
            if self._waiting and self._waiting[0] == frame:
                self._join(behind="old", ahead=self._waiting[1:])

    def new(self, frames: Sequence[bytes]) -> None:
        """Frames from the new connection."""
        for frame in frames:
            if self._repeats is not None:
                self._bring("new", frame, self._repeats)
            elif not self._waiting and frame in self._history:
                seam = len(self._history) - 1 - self._history[::-1].index(frame)
                self._join(behind="new", ahead=self._history[seam + 1 :])
            elif self._alone is not None:
                self._join(behind="old", ahead=[frame])
            else:
                self._waiting.append(frame)

    @property
    def has_seam(self) -> bool:
        """Whether it is known how the frames of the two connections belong together."""
        return self._repeats is not None

    @property
    def delivered(self) -> Sequence[bytes]:
        """What the connection that is behind may bring although it was delivered."""
        return tuple(self._history if self._repeats is None else self._repeats)

    def finish(self) -> None:
        """The old connection brings nothing more: what waits is delivered, without what was delivered already."""
        self._alone = "new"
        if self.has_seam:
            self._settle()
        elif self._waiting:
            delivered = set(self._history)
            self._join(behind="old", ahead=[frame for frame in self._waiting if frame not in delivered])

    def abandon(self) -> None:
        """The new connection brings nothing more: what waits will come over the old one."""
        self._alone = "old"
        if self.has_seam:
            self._settle()
        else:
            self._join(behind="new", ahead=[])

    def _join(self, *, behind: _Side, ahead: list[bytes]) -> None:
        """The seam is found. The other connection is ahead by so many frames; those of the new one have waited."""
        self._repeats, self._behind = deque(ahead), behind
        self._history, self._waiting = [], []
        if behind == "old" and ahead:
            self.deliver(ahead)
        self._settle()

    def _bring(self, side: _Side, frame: bytes, repeats: deque[bytes]) -> None:
        if repeats and side == self._behind:
            if frame in repeats:
                while repeats.popleft() != frame:
                    pass
                self.is_done = self._alone is not None and not repeats
                return
            # The other connection had missed it.
        elif self._alone is None:
            self._behind = "old" if side == "new" else "new"
            repeats.append(frame)
        self.deliver([frame])

    def _settle(self) -> None:
        """Where one connection is alone, nobody repeats what it was ahead with."""
        if self._repeats is None or self._alone is None:
            return
        if self._alone != self._behind:
            self._repeats.clear()
        self.is_done = not self._repeats
