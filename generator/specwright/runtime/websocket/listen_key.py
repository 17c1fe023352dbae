"""The life of a listen key: made, renewed with margin, replaced when it is gone, shared by streams. No I/O."""

from __future__ import annotations

import random
import threading
import weakref
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from ..drift import parsed
from ..errors import ApiError
from .backoff import Attempts, ReconnectPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..clock import Clock
    from ..product import UserData

__all__ = ["EVENT_TYPE", "KeyRequest", "KeyUser", "KeysInUse", "ListenKeeper", "keys_in_use"]

KeyRequest: TypeAlias = Literal["start", "keepalive"]
"""What is to be asked of the exchange."""

EVENT_TYPE = "e"
"""Wire name of the field that says which event it is."""
_RENEW_AFTER = 1 / 12
"""Of the validity: 5 of 60 minutes. Nobody is told of a key that was closed or replaced elsewhere: a renewal shows it,
and until then events are missed. It costs weight 1, and there is time for many that fail."""
_ASK_AGAIN_AFTER = 1 / 60
"""Of the validity: a minute of 60 after a renewal that was refused, whose next answer may be the same."""


class ListenKeeper:
    """Says when to start or renew a key, and which key holds.

    One request is on its way at a time. What becomes known meanwhile may be newer than its answer: an answer with a key
    that has expired since the request was asked is not believed, and a doubt that came up since is looked into again.

    Args:
        procedure: Validity, and the codes that say that a key is gone.
        clock: Local time.
        policy: Waits between failed requests.
        jitter: A random number from [0, 1).
    """

    def __init__(
        self,
        procedure: UserData,
        clock: Clock,
        policy: ReconnectPolicy | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._procedure = procedure
        self._validity = procedure.validity_ms / 1000
        self._clock = clock
        self._policy = policy or ReconnectPolicy()
        self._attempts = Attempts(self._policy, jitter)
        self._asking: KeyRequest | None = None
        self._asked_at = self._due = self._valid_until = clock.monotonic()
        self._is_doubted = False
        """Whether there was reason to doubt the key since the last request was asked."""
        self._gone_meanwhile: set[str | None] = set()
        """Keys that came to their end since the last request was asked; None: one that was not named."""
        self._last: str | None = None
        """The key that held last."""
        self._is_last_expired = False
        self._expired_event = f'"{procedure.expired_event}"'.encode()
        self.key: str | None = None
        """The key that holds; None: there is none, or it is gone."""
        self.renewals = 0
        self.replacements = 0
        """Keys that replaced one that was gone."""
        self.failed_requests = 0

    # --- Requests -----------------------------------------------------------------------------------------------------

    def next_request(self) -> KeyRequest | None:
        """What to ask now; None: nothing, or the last request has not been answered."""
        now = self._clock.monotonic()
        if self._asking is not None or now < self._due:
            return None
        if now >= self._valid_until:
            self.key = None
        self._asking = "start" if self.key is None else "keepalive"
        self._asked_at = now
        self._is_doubted = False
        self._gone_meanwhile.clear()
        return self._asking

    def deadline(self) -> float | None:
        """Monotonic time of the next request; None: one is being answered."""
        return None if self._asking is not None else self._due

    def answered(self, key: str | None) -> bool:
        """The exchange answered the request; True: another connection is needed.

        Args:
            key: The key that the answer names; None: a renewal that names none.
        """
        asked, self._asking = self._asking, None
        self._attempts.answered()
        key = key or self.key
        if key is None or self._gone_meanwhile & {key, None}:
            self.key = None
            self._due = self._clock.monotonic()
            return False
        is_other = key != self._last or self._is_last_expired
        if asked == "keepalive":
            self.renewals += 1
        elif self._last is not None:
            self.replacements += 1
        self.key = self._last = key
        self._is_last_expired = False
        # The exchange counts from when it answered, which was not before it was asked.
        self._valid_until = self._asked_at + self._validity
        self._due = self._clock.monotonic() if self._is_doubted else self._asked_at + self._validity * _RENEW_AFTER
        return is_other

    def refused(self, error: BaseException) -> bool:
        """The request failed. True: the care goes on; False: no key can be had, the stream must end with this error."""
        asked, self._asking = self._asking, None
        self.failed_requests += 1
        now = self._clock.monotonic()
        if asked == "keepalive" and isinstance(error, ApiError) and error.code in self._procedure.lost:
            self._attempts.answered()
            self.key = None
            self._due = now
            return True
        pause = self._attempts.failed(error)
        if asked == "keepalive" and pause is None:
            # Whatever is said of its renewal, the key holds until its time is over. Only the request for another key,
            # when one is needed, shows that there is none to be had.
            self._attempts.answered()
            self._due = now if self.key is None else min(now + self._validity * _ASK_AGAIN_AFTER, self._valid_until)
            return True
        if pause is None or (self._last is None and self._attempts.failures >= self._policy.attempts_at_start):
            return False
        self._due = now + pause
        return True

    # --- What becomes known -------------------------------------------------------------------------------------------

    def doubt(self) -> None:
        """The connection was replaced: the key may be gone, and who takes any key in silence would not say so."""
        self._is_doubted = True
        self._hurry()

    def refuse(self) -> None:
        """A connection with the key was refused: most likely the exchange does not know it any more."""
        self._forget(self.key)

    def hear(self, payload: bytes) -> bool:
        """Looks at an event of the stream; True: it says that a key has expired."""
        if self._expired_event not in payload:
            return False
        # Read as the consumer's own events are: what it takes for an expiry is one here too.
        event, _ = parsed(payload)
        if not isinstance(event, dict) or event.get(EVENT_TYPE) != self._procedure.expired_event:
            return False
        named = event.get(self._procedure.listen_key_wire)
        key = named if isinstance(named, str) else None
        if key in (None, self._last):
            # Should the exchange revive it, the connection that it was used on may stay silent nevertheless.
            self._is_last_expired = True
        self._forget(key)
        return True

    def _forget(self, key: str | None) -> None:
        self._gone_meanwhile.add(key)
        if key in (None, self.key):
            self.key = None
            self._hurry()

    def _hurry(self) -> None:
        """A request is due at once, unless one is on its way, or has failed and waits as the exchange asked."""
        if self._asking is None and not self._attempts.failures:
            self._due = self._clock.monotonic()


class KeyUser(Protocol):
    """What uses a listen key until it leaves it, or is no more."""

    @property
    def is_over(self) -> bool:
        """Whether its event loop is closed, so that it will never leave."""
        ...


class KeysInUse:
    """Knows the streams of this process by key: an account has one key, and who closes it silences all of them."""

    def __init__(self) -> None:
        self._users: dict[str, weakref.WeakSet[KeyUser]] = {}
        self._lock = threading.Lock()

    def take(self, key: str, user: KeyUser) -> None:
        """A stream uses the key."""
        with self._lock:
            self._users.setdefault(key, weakref.WeakSet()).add(user)

    def leave(self, key: str, user: KeyUser) -> bool:
        """A stream does not use the key any more; True: nor does another one."""
        with self._lock:
            users = self._users.get(key, weakref.WeakSet())
            users.discard(user)
            if any(not other.is_over for other in users):
                return False
            self._users.pop(key, None)
            return True


keys_in_use = KeysInUse()
"""Those of this process, whichever client or event loop they belong to."""
