"""Where streams are found and how their frames are addressed: many in an envelope, or one alone on its connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias
from urllib.parse import quote

import msgspec
from attrs import define, field, frozen

from ..lenient_json import read_or_none
from .control import shutdown_notice

__all__ = ["Address", "CombinedStreams", "Deliver", "SingleStream"]

Deliver: TypeAlias = Callable[[Sequence[bytes]], None]
"""Takes payloads of one stream that came together, in order."""

# Proxies and servers refuse request lines of 8 KiB; the rest is subscribed to when the connection stands.
_LONGEST_URL = 4000
_BRACE = ord("{")


class Address(Protocol):
    """How to reach streams."""

    @property
    def can_subscribe(self) -> bool:
        """Whether streams are asked for with SUBSCRIBE messages; else the URL decides once and for all."""
        ...

    def url(self, names: Iterable[str]) -> tuple[str, list[str]]:
        """The URL to dial, and those of the names that it asks for."""
        ...

    def key(self, name: str) -> bytes:
        """What a stream's route is found by."""
        ...

    def receiver(self, routes: Mapping[bytes, Deliver], other: Callable[[bytes], None]) -> Deliver:
        """What a connection's messages go to.

        Args:
            routes: Key of a stream → where its payloads go; looked up for each run of messages of one stream.
            other: Takes a message that is no payload of a known stream, as it came, and may change the routes.
        """
        ...


@frozen
class CombinedStreams:
    """`{base}/stream?streams=a/b`: each frame is `{"stream":"a","data":…}` and so says whose it is.

    Args:
        base: Host and route, `wss://host/market`.
    """

    base: str
    can_subscribe: bool = field(default=True, init=False)

    def url(self, names: Iterable[str]) -> tuple[str, list[str]]:
        """As many of the names as fit into a request line; beyond ASCII percent-encoded."""
        url = f"{self.base}/stream"
        taken: list[str] = []
        for name in names:
            longer = f"{url}{'/' if taken else '?streams='}{quote(name, safe='@!_-')}"
            if len(longer) > _LONGEST_URL:
                break
            url = longer
            taken.append(name)
        return url, taken

    def key(self, name: str) -> bytes:
        """All that stands before the payload where the envelope is the usual one: one look-up says whose it is."""
        return b'{"stream":"%s","data":' % name.encode()

    def receiver(self, routes: Mapping[bytes, Deliver], other: Callable[[bytes], None]) -> Deliver:
        """Takes the envelope off: without parsing where it is certain what it looks like, else as any JSON object."""
        # The key of the message before, and its closing braces: mostly the next one is of the same stream.
        known, closing = b"\0", b"}"

        def receive(messages: Sequence[bytes]) -> None:
            nonlocal known, closing
            run: list[bytes] = []
            for message in messages:
                # The same object comes back where the key does not fit.
                rest = message.removeprefix(known)
                if rest is not message and rest.partition(b"}")[2] == closing and rest[0] == _BRACE:
                    run.append(rest[:-1])
                    continue
                if run:
                    hand_on(known, run)
                    run = []
                # The name begins behind `{"stream":"`, and the payload nine characters behind the name.
                key = message[: message.find(b'"', 11) + 9]
                braces = _closing(message.removeprefix(key)) if key in routes else None
                if braces is not None:
                    known, closing = key, braces
                    run.append(message[len(key) : -1])
                else:
                    take_apart(message, key)
            if run:
                hand_on(known, run)

        def hand_on(key: bytes, run: list[bytes]) -> None:
            deliver = routes.get(key)
            if deliver is not None:
                deliver(run)
                return
            for payload in run:
                other(b"%b%b}" % (key, payload))

        def take_apart(message: bytes, key: bytes) -> None:
            envelope = read_or_none(_decode_envelope, message)
            if envelope is not None:
                deliver, payload = routes.get(self.key(envelope.stream)), bytes(envelope.data)
            else:
                # What is no JSON although it begins as a payload does, be it cut off or garbled: its consumer is told
                # that it is malformed.
                deliver, payload = routes.get(key), message[len(key) :].removesuffix(b"}")
            if deliver is None:
                other(message)
            else:
                deliver([payload])

        return receive


class _Envelope(msgspec.Struct):
    """What a frame of combined streams holds, whatever else stands in it."""

    stream: str
    data: msgspec.Raw


_decode_envelope = msgspec.json.Decoder(_Envelope).decode


def _closing(rest: bytes) -> bytes | None:
    """What follows the first closing brace behind a key, where it is certain that only the last one is the envelope's.

    So it is where the payload begins with a brace, and from the first closing brace on there are no other characters:
    the payload's own is one of them, and what is closed next is the envelope. None: that is not known.
    """
    braces = rest.partition(b"}")[2]
    return braces if braces and not braces.strip(b"}") and rest[0] == _BRACE else None


@define
class SingleStream:
    """One stream that its URL names, with bare payloads.

    Args:
        address: The whole URL; it may be replaced, and holds from the next connection on.
        name: What the stream is called in notices.
        shutdown_event: The event by which the server says that it is about to go.
    """

    address: str = field(repr=False)
    name: str
    shutdown_event: str | None = None
    can_subscribe: bool = field(default=False, init=False)

    def url(self, names: Iterable[str]) -> tuple[str, list[str]]:
        """The URL, and all names: there is only one."""
        return self.address, list(names)

    def key(self, name: str) -> bytes:
        """The name: there is only one."""
        return name.encode()

    def receiver(self, routes: Mapping[bytes, Deliver], other: Callable[[bytes], None]) -> Deliver:
        """Everything is a payload, but for what the server says of itself."""
        key = self.key(self.name)
        announces_shutdown = shutdown_notice(self.shutdown_event)

        def receive(messages: Sequence[bytes]) -> None:
            for message in messages:
                deliver = routes.get(key)
                if deliver is None or announces_shutdown(message):
                    other(message)
                else:
                    deliver([message])

        return receive
