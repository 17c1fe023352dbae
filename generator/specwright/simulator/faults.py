"""What a test can make go wrong: requests that fail in chosen ways, and connections that misbehave."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import Factory, define, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .request_log import Transport

ServerName: TypeAlias = Literal["ws_api", "streams"]


@define(frozen=True)
class Reply:
    """Answers with this status and body instead of the exchange's own.

    Over the WebSocket API the body's `code` and `msg` become the reply's `error`.
    """

    status: int
    body: bytes | str
    headers: Mapping[str, str] = Factory(dict)
    executed: bool = False
    """The request is carried out first, and only its reply is lost."""


@define(frozen=True)
class Drop:
    """Cuts the connection instead of answering."""

    executed: bool = False


@define(frozen=True)
class Stall:
    """Never answers; the connection stays open."""

    executed: bool = False


@define(frozen=True)
class Delay:
    """Answers after this much of the exchange's time; the request is carried out only then."""

    delay_ms: int
    executed: bool = field(default=True, init=False)


@define(frozen=True)
class Truncate:
    """Carries the request out, sends this many bytes of the reply's body, and cuts the connection."""

    sent: int
    executed: bool = field(default=True, init=False)


Fault: TypeAlias = "Reply | Drop | Stall | Delay | Truncate"

UNKNOWN_EXECUTION = '{"msg":"Unknown error, please check your request or try again later."}'
SERVICE_UNAVAILABLE = '{"msg":"Service Unavailable."}'
INTERNAL_ERROR = '{"msg":"Internal error; unable to process your request. Please try again."}'
THROTTLED = (
    '{"code":-1008,"msg":"Request throttled by system-level protection. '
    'Reduce-only/close-position orders are exempt. Please try again."}'
)


def unavailable(body: str = UNKNOWN_EXECUTION, *, executed: bool = False) -> Reply:
    """A 503 with one of the four documented bodies."""
    return Reply(503, body, executed=executed)


def malformed(body: str = '{"orderId": 1, "symbol": "BTCUS', *, executed: bool = True) -> Reply:
    """A 200 whose body is no JSON; the request is carried out."""
    return Reply(200, body, executed=executed)


@define
class _Planned:
    fault: Fault
    operation: str | None
    transport: Transport | None
    times: int
    skip: int


@define
class _FrameRule:
    pattern: str
    action: Literal["drop", "duplicate", "hold"]
    times: int | None
    held: list[bytes] = Factory(list)


class Faults:
    """The faults of one exchange. Everything here may be called from any thread.

    Args:
        run: Runs a function in the exchange's thread and waits for its end.
    """

    def __init__(self, run: Callable[[Callable[[], None]], None]) -> None:
        self._run = run
        self._planned: list[_Planned] = []
        self._frames: list[_FrameRule] = []
        self._refusals: dict[ServerName, list[tuple[int, str, Mapping[str, str]]]] = {"ws_api": [], "streams": []}
        self.close_connections: Callable[[ServerName | None, int | None], None] = lambda server, code: None
        """Set by the servers: closes connections with a code, or cuts them when it is None."""
        self.mute_connections: Callable[[ServerName | None], None] = lambda server: None
        self.send_raw: Callable[[ServerName | None, str], None] = lambda server, text: None
        self.expire_key: Callable[[str | None], None] = lambda api_key: None

    # --- Requests ------------------------------------------------------------------------------------------------

    def add(
        self,
        fault: Fault,
        *,
        operation: str | None = None,
        transport: Transport | None = None,
        times: int = 1,
        skip: int = 0,
    ) -> None:
        """Lets the next requests fail.

        Args:
            fault: What happens to them.
            operation: Only requests of this operation id.
            transport: Only over this transport.
            times: How many requests.
            skip: How many matching requests go well before.
        """
        self._run(lambda: self._planned.append(_Planned(fault, operation, transport, times, skip)))

    def take(self, operation: str, transport: Transport) -> Fault | None:
        """The fault that a request meets now; it counts as used."""
        for planned in self._planned:
            if planned.operation in (None, operation) and planned.transport in (None, transport):
                if planned.skip > 0:
                    planned.skip -= 1
                    return None
                planned.times -= 1
                if planned.times <= 0:
                    self._planned.remove(planned)
                return planned.fault
        return None

    # --- Connections ---------------------------------------------------------------------------------------------

    def refuse_handshakes(
        self,
        status: int = 403,
        *,
        server: ServerName = "streams",
        times: int = 1,
        body: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answers the next WebSocket handshakes with an HTTP status."""
        self._run(lambda: self._refusals[server].extend([(status, body, headers or {})] * times))

    def take_refusal(self, server: ServerName) -> tuple[int, str, Mapping[str, str]] | None:
        """Status, body and headers that a handshake is refused with now; it counts as used."""
        return self._refusals[server].pop(0) if self._refusals[server] else None

    def close_sockets(self, server: ServerName | None = None, code: int | None = 1001) -> None:
        """Closes every WebSocket connection, of one server or both.

        Args:
            server: Which.
            code: Close code; None cuts the connections without a closing handshake.
        """
        self._run(lambda: self.close_connections(server, code))

    def stop_answering(self, server: ServerName | None = None) -> None:
        """Open connections read nothing any more: no ping and no message is answered; what they push goes on."""
        self._run(lambda: self.mute_connections(server))

    def send(self, text: str, server: ServerName | None = "streams") -> None:
        """Sends a frame of any text on every open connection."""
        self._run(lambda: self.send_raw(server, text))

    def expire_listen_key(self, api_key: str | None = None) -> None:
        """Lets listen keys run out now: that of one account, or all."""
        self._run(lambda: self.expire_key(api_key))

    # --- Frames of streams ---------------------------------------------------------------------------------------

    def silence(self, stream: str = "*") -> None:
        """Pushes nothing of the streams that match a pattern (`btcusdt@*`) until `clear`."""
        self._rule(stream, "drop", None)

    def drop_frames(self, stream: str, times: int = 1) -> None:
        """Loses the next frames of a stream."""
        self._rule(stream, "drop", times)

    def duplicate_frames(self, stream: str, times: int = 1) -> None:
        """Sends the next frames of a stream twice."""
        self._rule(stream, "duplicate", times)

    def swap_frames(self, stream: str, times: int = 1) -> None:
        """Sends the next frame of a stream after the one that follows it."""
        self._rule(stream, "hold", times)

    def clear(self) -> None:
        """Nothing goes wrong any more, except what has already happened."""

        def empty() -> None:
            self._planned.clear()
            self._frames.clear()
            for refusals in self._refusals.values():
                refusals.clear()

        self._run(empty)

    def frames(self, stream: str, frame: bytes) -> list[bytes]:
        """What is sent in place of one frame."""
        for rule in self._frames:
            if rule.held and fnmatchcase(stream, rule.pattern):
                held = rule.held[:]
                rule.held.clear()
                self._use(rule)
                return [frame, *held]
            if rule.times != 0 and fnmatchcase(stream, rule.pattern):
                return self._applied(rule, frame)
        return [frame]

    def _applied(self, rule: _FrameRule, frame: bytes) -> list[bytes]:
        if rule.action == "hold":
            rule.held.append(frame)
            return []
        self._use(rule)
        return [] if rule.action == "drop" else [frame, frame]

    def _use(self, rule: _FrameRule) -> None:
        if rule.times is not None:
            rule.times -= 1
            if rule.times <= 0:
                self._frames.remove(rule)

    def _rule(self, stream: str, action: Literal["drop", "duplicate", "hold"], times: int | None) -> None:
        self._run(lambda: self._frames.append(_FrameRule(stream, action, times)))
