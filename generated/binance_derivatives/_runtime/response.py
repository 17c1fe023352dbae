"""A reply with everything that came: status, headers, body, and the typed result when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar, cast

from .classification import redact
from .codec import decoder
from .drift import DriftReport, parsed
from .errors import DecodeError
from .headers import Headers
from .operation import ByPresence
from .secret import Unpicklable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .call import Answer
    from .product import Product
    from .settings import CallSettings
    from .wire import JsonValue, WireType

__all__ = ["RawResponse", "Results"]

T = TypeVar("T")
_UNDECODED = object()


_Reader: TypeAlias = "Callable[[bytes], object]"


class _Choice(NamedTuple):
    """Two types of result, told apart by whether a parameter was sent."""

    param: str
    present: _Reader
    absent: _Reader


class Results:
    """Gives the typed results of one client's calls, and keeps its account of drift."""

    __slots__ = ("_key_header", "_namespace", "_readers", "_report", "_strict")

    def __init__(self, product: Product, settings: CallSettings) -> None:
        self._namespace = product.module
        self._key_header = product.api_key_header.encode()
        self._strict = settings.strict
        self._report = DriftReport(settings.on_drift)
        self._readers: dict[int, _Reader | _Choice | None] = {}

    @property
    def report(self) -> DriftReport:
        """What has been seen of drift."""
        return self._report

    def result(self, answer: Answer) -> object:
        """The typed result.

        Raises:
            DecodeError: The reply is no JSON, or with `strict` not what the spec says.
            ExecutionUnknown: The reply to a call that must not be repeated is no JSON.
        """
        carrier = answer.call.prepared.carrier
        try:
            read = self._readers[id(carrier)]
        except KeyError:
            read = self._readers[id(carrier)] = self._prepare(answer)
        if read is None:
            return None
        if isinstance(read, _Choice):
            sent = answer.call.encoded.arguments.get(read.param) is not None
            read = read.present if sent else read.absent
        try:
            return read(answer.reply.body)
        except DecodeError as error:
            # The frames below hold the whole body, which tools that print tracebacks with variables would show.
            failure = error.with_traceback(None)
        failure.body = redact(failure.body, self._key_in(answer))
        if answer.call.prepared.operation.retry != "safe" and not _is_json(answer.reply.body):
            raise answer.call.unknown(str(failure)) from failure
        raise failure

    def _key_in(self, answer: Answer) -> bytes:
        """The API key that was sent, which some proxies echo."""
        return dict(answer.call.prepared.headers).get(self._key_header, b"")

    def _prepare(self, answer: Answer) -> _Reader | _Choice | None:
        returns = answer.call.prepared.carrier.returns()
        if isinstance(returns, ByPresence):
            return _Choice(returns.param, self._reader(returns.present), self._reader(returns.absent))
        return None if returns is None else self._reader(returns)

    def _reader(self, wire_type: WireType) -> _Reader:
        return decoder(wire_type, self._namespace).reader(self._report, strict=self._strict)


class RawResponse(Unpicklable, Generic[T]):
    """A successful reply as it came."""

    __slots__ = ("_answer", "_headers", "_result", "_results")

    def __init__(self, answer: Answer, results: Results | None) -> None:
        self._answer = answer
        self._results = results
        self._headers: Headers | None = None
        self._result: object = _UNDECODED

    @property
    def status(self) -> int:
        """HTTP status, or the status of the WebSocket API reply."""
        return self._answer.reply.status

    @property
    def headers(self) -> Headers:
        """Response headers, looked up in any case; empty over the WebSocket API."""
        if self._headers is None:
            self._headers = Headers(self._answer.reply.headers)
        return self._headers

    @property
    def body(self) -> bytes:
        """The body, decompressed; over the WebSocket API the JSON of `result`."""
        return self._answer.reply.body

    @property
    def request(self) -> str:
        """`GET /fapi/v1/depth`, or the WebSocket API method."""
        return self._answer.call.prepared.request

    @property
    def request_id(self) -> str | None:
        """Id of the WebSocket API request; None over REST."""
        return self._answer.reply.request_id

    @property
    def duration(self) -> float:
        """Seconds from sending to the whole reply."""
        return self._answer.call.received - self._answer.call.sent

    @property
    def used(self) -> Mapping[str, int]:
        """Budget → what this reply says has been used."""
        return {name: figure.used for name, figure in self._answer.call.observed.items()}

    @property
    def result(self) -> T:
        """The typed result, decoded when it is first asked for.

        Raises:
            DecodeError: The reply is no JSON, or with `strict` not what the spec says.
            ExecutionUnknown: The reply to a call that must not be repeated is no JSON.
        """
        if self._result is _UNDECODED:
            if self._results is None:
                self._result = self.json()
            else:
                self._result = self._results.result(self._answer)
        return cast("T", self._result)

    def json(self) -> JsonValue:
        """The body as plain lists, dicts, strings and numbers, whatever the spec says.

        Raises:
            DecodeError: It is no JSON.
        """
        document, problem = parsed(self.body)
        if problem is not None:
            raise DecodeError(f"the reply is no JSON: {problem}", body=redact(self.body))
        return document

    def __repr__(self) -> str:
        return f"<RawResponse {self.status} {self.request}, {len(self.body)} bytes>"


def _is_json(body: bytes) -> bool:
    return parsed(body)[1] is None
