"""The short path of a WebSocket connection: whole text frames go straight to their receiver.

`websockets` parses a frame in a generator, queues it, and wakes a task that joins its parts: right for every frame, and
three times the work that a complete, unfragmented text frame needs. This subclass finds frame boundaries itself. It
hands whole text frames on and gives `websockets` everything else: the handshake, fragments, binary frames, pings,
pongs, closes, and whatever breaks the protocol. Nothing of the protocol is decided here. Text messages are sent as
whole frames of our own making while the connection is open and has no extension; else its Sans-I/O part frames them.
Both are written without a task.

Only what both sides document is used: `create_connection` of `connect`, the callbacks of `asyncio.Protocol`, `recv`
and `state` of the connection, and `extensions`, `send_text` and `data_to_send` of the Sans-I/O protocol that
it is made with.
"""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, Protocol, cast

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from .masking import text_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from websockets.client import ClientProtocol

__all__ = ["FastClientConnection", "Receiver"]

_WHOLE_TEXT = 0x81
_MOST_TOGETHER = 64
"""Messages; who makes the server wait gets at most so many that were on their way."""
_FINAL, _CONTROL = 0x80, 0x08
_MEDIUM_TEXT = 0x817E
"""The first two bytes of a whole text of 126 to 65,535 bytes, as nearly all are; the next two are its length."""
_two_numbers = struct.Struct(">HH").unpack_from
_NOTHING = (0, 0)


class Receiver(Protocol):
    """Where messages go, in order: those that one read of the socket brings go together, which costs a third less.

    `receive` may be replaced between two reads.
    """

    receive: Callable[[Sequence[bytes]], None]
    heard_at: float
    """Local time in seconds since 1970 when the last bytes came, be they a message or a pong."""
    more_follows: bool
    """While messages are received: behind them the same read brings what may be the end of the connection."""


class FastClientConnection(ClientConnection):
    """A client connection that delivers all messages to a receiver, in order.

    Whole text frames are delivered inside `data_received`; all others by `pump`, which must run for as long as the
    connection lives. While a message is on the long way, the ones behind it take the long way too: order is kept.

    Args:
        protocol: The Sans-I/O connection, from `connect`.
        receiver: Where messages go.
        time: Local time in seconds since 1970.
        max_size: Bytes of the largest message, as given to `connect`.
    """

    def __init__(
        self,
        protocol: ClientProtocol,
        *,
        receiver: Receiver,
        time: Callable[[], float],
        max_size: int,
        ping_interval: float | None = 20,
        ping_timeout: float | None = 20,
        close_timeout: float | None = 10,
        max_queue: int | tuple[int | None, int | None] | None = None,
        write_limit: int | tuple[int, int | None] = 2**15,
    ) -> None:
        super().__init__(
            protocol,
            ping_interval=ping_interval,
            ping_timeout=ping_timeout,
            close_timeout=close_timeout,
            max_queue=max_queue,
            write_limit=write_limit,
        )
        self._sans_io = protocol
        self._receiver = receiver
        self._time = time
        self._max_size = max_size
        self._close_timeout = close_timeout
        self._transport: asyncio.Transport | None = None
        self._splitting = False
        """Frame boundaries are found here, and messages may be sent: the connection is open. Before, and from the
        first sign of its end on, `websockets` finds them."""
        self._handshake_end = b""
        self._shaking_hands = True
        self._rest = b""
        """The start of a frame whose end has not come yet."""
        self._needed = 0
        """Bytes that `_rest` must have before it is worth a look."""
        self._long_way = 0
        """Messages that `websockets` has and `pump` has not delivered yet."""
        self._fragmented = False
        self._held = False
        self._fault: Exception | None = None
        """What the receiver raised."""
        self._cutting: asyncio.TimerHandle | None = None
        """Cuts a connection whose end has begun, and which the server leaves half open."""

    # --- asyncio.Protocol ---------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._receiver.heard_at = self._time()
        try:
            if self._splitting:
                self._split(data)
            elif self._shaking_hands:
                self._shake_hands(data)
            else:
                super().data_received(data)
        except Exception as fault:  # noqa: BLE001 - `pump` raises it.
            self._break(fault)

    def eof_received(self) -> None:
        self._stop_splitting(self._rest)
        super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._cutting is not None:
            self._cutting.cancel()
        super().connection_lost(exc)

    # --- Closing ------------------------------------------------------------------------------------------------------

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Closes; messages that still come go the long way."""
        self._stop_splitting(self._rest)
        await super().close(code, reason)

    # --- Sending ------------------------------------------------------------------------------------------------------

    def write(self, message: bytes) -> bool:
        """Writes one text message (UTF-8) at once, without waiting for anything; False: the connection is not open."""
        transport = self._transport
        if transport is None or not self._splitting or transport.is_closing():
            return False
        if not self._sans_io.extensions:
            transport.write(text_frame(message))
            return True
        self._sans_io.send_text(message)
        for data in self._sans_io.data_to_send():
            transport.write(data)
        return True

    def abort(self) -> None:
        """Ends the connection without a word to the server."""
        if self._transport is not None:
            self._transport.abort()

    # --- Flow control -------------------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Stops reading: the kernel's buffers fill, and then the server waits. What goes together still comes."""
        self._held = True
        if self._transport is not None:
            self._transport.pause_reading()

    def release(self) -> None:
        """Goes on reading, first with what had already come. It does so soon, not here: that may end in `hold`, and who
        releases several connections would then go on releasing what has just been held."""
        self._held = False
        asyncio.get_running_loop().call_soon(self._go_on)

    async def pump(self) -> None:
        """Delivers what came the long way until the connection ends.

        Raises:
            ConnectionClosed: The connection ended; the error says how.
            Exception: The receiver raised it, wherever the message came from; the connection has been cut.
        """
        while True:
            try:
                message = await self.recv(decode=False)
                if self._fault is None:
                    self._long_way -= 1
                    self._receiver.receive([message])
            except ConnectionClosed:
                if self._fault is None:
                    raise
            except Exception as fault:  # noqa: BLE001 - `pump` raises it.
                self._break(fault)
            if self._fault is not None:
                raise self._fault

    # --- Frames -------------------------------------------------------------------------------------------------------

    def _shake_hands(self, data: bytes) -> None:
        """Cuts the bytes behind the handshake off: frames may come in the same segment as the response."""
        seen = len(self._handshake_end)
        end = (self._handshake_end + data).find(b"\r\n\r\n")
        if end < 0:
            self._handshake_end = (self._handshake_end + data)[-3:]
            super().data_received(data)
            return
        cut = end + 4 - seen
        self._shaking_hands = False
        super().data_received(data[:cut])
        self._splitting = self.state is State.OPEN
        if len(data) > cut:
            rest = data[cut:]
            if self._splitting:
                self._split(rest)
            else:
                super().data_received(rest)

    def _go_on(self) -> None:
        if self._held:
            return
        if self._splitting and self._rest:
            self._needed = 0
            try:
                self._split(b"")
            except Exception as fault:  # noqa: BLE001 - `pump` raises it.
                self._break(fault)
        if not self._held and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _break(self, fault: Exception) -> None:
        """The receiver failed, which it never should: what it has missed cannot be told, so nothing more comes. The
        event loop would log the fault and cut the connection as if the network had, or leave it held for ever."""
        self._fault = self._fault or fault
        self.abort()

    def _split(self, data: bytes) -> None:
        """Goes through the frames in `data`; keeps the start of the last one when its end is missing."""
        if self._rest:
            data = self._rest + data
            self._rest = b""
        end = len(data)
        if end < self._needed:
            self._rest = data
            return None
        position = 0
        self._needed = 0
        most = self._max_size
        texts: list[bytes] = []
        straight = not self._long_way and not self._fragmented
        last = end - 4
        while position + 2 <= end:
            head, length = _two_numbers(data, position) if position <= last else _NOTHING
            if head == _MEDIUM_TEXT:
                start = position + 4
                is_text = straight
            else:
                is_text = straight and data[position] == _WHOLE_TEXT
                length = data[position + 1]
                start = position + 2
                if length == 126:
                    start += 2
                    if start > end:
                        break
                    length = data[position + 2] << 8 | data[position + 3]
                elif length == 127:
                    start += 8
                    if start > end:
                        break
                    length = int.from_bytes(data[position + 2 : start], "big")
                elif length > 127:  # Masked, which only a client's frames may be.
                    return self._stop_splitting(data[position:], texts)
            if length > most:
                return self._stop_splitting(data[position:], texts)
            stop = start + length
            if stop > end:
                self._needed = stop - position
                break
            if is_text:
                texts.append(data[start:stop])
                position = stop
                if len(texts) < _MOST_TOGETHER:
                    continue
            if texts:
                self._deliver_before_more(texts)
                texts = []
                if self._held:
                    break
            if not is_text:
                if not self._hand_over(data[position], data[position:stop]):
                    return self._stop_splitting(data[stop:])
                straight = not self._long_way and not self._fragmented
                position = stop
        self._rest = data[position:]
        if texts:
            self._receiver.receive(texts)
        return None

    def _deliver_before_more(self, texts: Sequence[bytes]) -> None:
        receiver = self._receiver
        receiver.more_follows = True
        try:
            receiver.receive(texts)
        finally:
            receiver.more_follows = False

    def _hand_over(self, head: int, frame: bytes) -> bool:
        """Gives one whole frame to `websockets`; False when the connection is closing because of it."""
        if not head & _CONTROL:
            self._fragmented = not head & _FINAL
            self._long_way += not self._fragmented
        super().data_received(frame)
        return self.state is State.OPEN

    def _stop_splitting(self, data: bytes, texts: Sequence[bytes] = ()) -> None:
        """The end has begun. From here on, behind these last messages, `websockets` gets the bytes as they come."""
        if texts:
            self._deliver_before_more(texts)
        self._splitting = False
        if self._cutting is None and self._close_timeout is not None:
            # `websockets` waits for the end of TCP until something is sent, and here nothing is any more.
            self._cutting = asyncio.get_running_loop().call_later(self._close_timeout, self.abort)
        self._shaking_hands = False
        self._rest = b""
        if data:
            super().data_received(data)
