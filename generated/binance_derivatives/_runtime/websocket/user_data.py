"""The account's own events, as a consumer takes them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal, TypeVar

from ..errors import ConfigurationError
from .source import Source
from .streams import Stream, StreamOptions, check_names
from .user_data_feed import SOURCE, UserDataFeed

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from .intake import Feed
    from .listen_key import ListenKeeper
    from .playback import ReadState

__all__ = ["UserDataOptions", "UserDataStream", "check_choices"]

E = TypeVar("E")


class UserDataOptions(StreamOptions, total=False):
    """What a consumer of user data may choose; `on_full` is "wait" unless said otherwise."""

    via: Literal["rest", "ws_api"]
    """How the listen key is made and renewed; default "rest"."""
    events: Sequence[str]
    """Wire names of the events to receive; default: all."""
    close_key: bool
    """Whether leaving closes the listen key, unless another stream of this process uses it; default False."""


class UserDataStream(Stream[E]):
    """Typed events of the account, in the order of arrival; see `Stream` for how to take them.

    After a gap come, in this order: `Reconnected`, then `Resynchronized` with the account's state fetched anew, then
    the events that were received since. Where another gap follows before the state is there, the events between the two
    come before the second `Reconnected`, and one `Resynchronized` heals both. A state that cannot be fetched is asked
    for until it can; one that the exchange refuses for good ends the stream with its error.

    The exchange guarantees that events of one type come in the order of `event_time`; across types, compare it. What is
    dropped for a consumer that chose so (`on_full`) is told by `Dropped` alone: no state follows.

    An account has one listen key, which its streams share, those of other processes too. So leaving a stream does not
    close it: it expires by itself, within the hour. With `close_key=True`, leaving the last stream of this process that
    uses it closes it, and silences the streams that other processes have of the account: they notice when their
    connection ends, or else when they next renew the key, which they do every 5 minutes where it is valid for an hour,
    and heal.
    """

    def __init__(
        self, feed: UserDataFeed, decode: Callable[[bytes], object], options: UserDataOptions, read_state: ReadState
    ) -> None:
        check_names(options, UserDataOptions)
        plain: StreamOptions = {"on_full": options.get("on_full", "wait")}
        if "buffer_size" in options:
            plain["buffer_size"] = options["buffer_size"]
        super().__init__(feed, [Source(SOURCE, "", decode)], plain)
        self._user_data = feed
        self._read_state = read_state

    def _playback(self, path: str | os.PathLike[str], pace: float | None) -> Feed:
        from .playback import Playback

        return Playback(path, pace, self._read_state)

    @property
    def keeper(self) -> ListenKeeper:
        """Counters of the listen key: renewals, replacements, failed requests."""
        return self._user_data.keeper


def check_choices(options: UserDataOptions, known: Collection[str]) -> None:
    """Refuses choices that no user data can follow.

    Args:
        options: What a consumer has chosen.
        known: Wire names of the events that there are.

    Raises:
        ConfigurationError: It says what the option takes.
    """
    events: object = options.get("events", ())
    if isinstance(events, (str, bytes)) or not isinstance(events, Collection):
        name = events if isinstance(events, str) and events in known else next(iter(known))
        raise ConfigurationError(f"events is a list of names, as in events=[{name!r}], not {events!r}")
    for name in events:
        if name not in known:
            raise ConfigurationError(f"{name!r} is no user data event; there are {', '.join(known)}")
    via = options.get("via", "rest")
    if via not in ("rest", "ws_api"):
        raise ConfigurationError(f'via is "rest" or "ws_api", not {via!r}')
    close_key = options.get("close_key", False)
    if not isinstance(close_key, bool):
        raise ConfigurationError(f"close_key is True or False, not {close_key!r}")
