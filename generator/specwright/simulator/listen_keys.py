"""Listen keys: one an account, valid for an hour from the last time that somebody asked."""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING

from attrs import define

from .rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Callable

    from .accounts import Account
    from .clock import Clock, Timer

_CHARACTERS = string.ascii_letters + string.digits


@define(eq=False)
class ListenKey:
    """The name of an account's event stream."""

    text: str
    account: Account
    expires_ms: int
    timer: Timer | None = None


class ListenKeys:
    """Makes, extends, closes and expires listen keys.

    Args:
        clock: The exchange's time.
        validity_ms: How long a key lasts.
        seed: What the keys are drawn from.
        expired: Called when a key has run out.
    """

    def __init__(self, clock: Clock, validity_ms: int, seed: str, expired: Callable[[ListenKey], None]) -> None:
        self._clock = clock
        self._validity_ms = validity_ms
        self._draw = random.Random(f"keys:{seed}")
        self._expired = expired
        self._by_account: dict[str, ListenKey] = {}
        self._by_text: dict[str, ListenKey] = {}

    def start(self, account: Account) -> str:
        """The account's key, extended; a new one when it has none."""
        key = self._by_account.get(account.api_key)
        if key is None:
            key = ListenKey("".join(self._draw.choices(_CHARACTERS, k=64)), account, 0)
            self._by_account[account.api_key] = self._by_text[key.text] = key
        self._extend(key)
        return key.text

    def keep_alive(self, account: Account) -> str:
        """Extends the account's key.

        Raises:
            Rejection: -1125, it has none.
        """
        key = self._by_account.get(account.api_key)
        if key is None:
            raise Rejection(-1125)
        self._extend(key)
        return key.text

    def close(self, account: Account) -> None:
        """Ends the account's key without further notice; none is fine too."""
        key = self._by_account.get(account.api_key)
        if key is not None:
            self._remove(key)

    def expire(self, account: Account) -> None:
        """Lets the account's key run out at once."""
        key = self._by_account.get(account.api_key)
        if key is not None:
            self._run_out(key)

    def find(self, text: str) -> ListenKey | None:
        """The valid key of this name."""
        return self._by_text.get(text)

    def of(self, account: Account) -> ListenKey | None:
        """The account's valid key."""
        return self._by_account.get(account.api_key)

    def _extend(self, key: ListenKey) -> None:
        if key.timer is not None:
            key.timer.cancel()
        key.expires_ms = self._clock.now_ms() + self._validity_ms
        key.timer = self._clock.call_at(key.expires_ms, lambda: self._run_out(key))

    def _run_out(self, key: ListenKey) -> None:
        self._remove(key)
        self._expired(key)

    def _remove(self, key: ListenKey) -> None:
        if key.timer is not None:
            key.timer.cancel()
        del self._by_account[key.account.api_key], self._by_text[key.text]
