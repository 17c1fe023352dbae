"""Runs the flow of a call against a list of replies, on a clock that only the flow's own effects move."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qs

from attrs import define, field

from manual_clock import ManualClock
from specwright.runtime.accounting import Accounting
from specwright.runtime.clock import ExchangeClock
from specwright.runtime.effects import HttpRequest, Reply, Sleep, WsRequest
from specwright.runtime.errors import BinanceError
from specwright.runtime.flow import CallFlow
from specwright.runtime.limits import LocalLedger
from specwright.runtime.preparation import Account, Preparer
from specwright.runtime.response import Results
from specwright.runtime.retry import RetryPolicy
from specwright.runtime.secret import Secret
from specwright.runtime.settings import CallSettings
from specwright.runtime.signing import HmacSigner
from specwright.runtime.sync_driver import drive_call

from .product import PRODUCT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specwright.runtime.call import Call
    from specwright.runtime.effects import Flow
    from specwright.runtime.limits import Ledger

T = TypeVar("T")

API_KEY = "the-api-key"
API_SECRET = "the-api-secret"


def reply(status: int = 200, body: object = None, **headers: object) -> Reply:
    """A reply with JSON (or, from bytes, with anything); headers by names with underscores."""
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    pairs = [(name.replace("_", "-").encode(), str(value).encode()) for name, value in headers.items()]
    return Reply(status, pairs, content)


def refusal(status: int, code: int | None, message: str, **headers: object) -> Reply:
    """An error of the exchange."""
    return reply(status, {"code": code, "msg": message}, **headers)


ORDER = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "1", "new_client_order_id": "mine"}
"""Arguments of an order."""
PLACED = reply(200, {"orderId": 7, "clientOrderId": "mine", "symbol": "BTCUSDT", "status": "NEW"})
BOOK = reply(200, {"lastUpdateId": 1, "bids": []})


def patient(**changes: object) -> CallSettings:
    """Settings whose random pauses are as long as they can be."""
    return CallSettings(**{"retry": RetryPolicy(random=lambda: 1.0), **changes})  # type: ignore[arg-type]


@define
class Rehearsal:
    """A flow's stage: what was asked of it, and what it will be answered."""

    script: list[Reply | BaseException]
    """Answers to requests in their order; questions for the time are answered by the stage."""
    settings: CallSettings = field(factory=patient)
    ahead_ms: int = 0
    """How far the exchange's clock is ahead."""
    latency: float = 0.0
    """Seconds from sending to the reply."""
    tells_time: bool = True
    clock: ManualClock = field(factory=ManualClock)
    ledger: Ledger = field(init=False)
    flow: CallFlow = field(init=False)
    effects: list[str] = field(factory=list)
    """`POST /v1/order`, `sleep 0.2` …"""
    requests: list[HttpRequest | WsRequest] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.ledger = LocalLedger(self.clock)
        account = Account(API_KEY, HmacSigner(Secret(API_SECRET)))
        preparer = Preparer(PRODUCT, account, host="corner.example", counters="test", user_agent="test")
        accounting = Accounting.of(PRODUCT, self.ledger, self.settings, self.clock)
        self.flow = CallFlow(PRODUCT, account, preparer, accounting, ExchangeClock(self.clock), self.settings)

    def made(self, operation: str, arguments: Mapping[str, object]) -> Call:
        """A call over REST that is not performed yet."""
        descriptor = self.flow.operation(operation)
        assert descriptor.rest is not None
        return self.flow.call(descriptor, descriptor.rest, arguments)

    def used(self, budget: str) -> int:
        """What is used of a budget."""
        states = self.ledger.state(self.flow.preparer.all_charges())
        return next(state.used for state in states if state.name == budget)

    def call(
        self,
        operation: str,
        arguments: Mapping[str, object] | None = None,
        *,
        recv_window: int | None = None,
        timeout: float | None = None,
    ) -> object:
        """Calls an operation over REST, and gives its typed result."""
        descriptor = self.flow.operation(operation)
        assert descriptor.rest is not None
        call = self.flow.call(descriptor, descriptor.rest, arguments or {}, recv_window=recv_window, timeout=timeout)
        return drive_call(self.flow, call, Results(PRODUCT, self.settings).result, self.answer, self.sleep)

    def play(self, flow: Flow[T]) -> T:
        """Runs any flow to its end."""
        try:
            effect = next(flow)
            while True:
                try:
                    answer = self.answer(effect) if isinstance(effect, HttpRequest | WsRequest) else None
                except BinanceError as error:
                    effect = flow.throw(error)
                    continue
                if isinstance(effect, Sleep):
                    self.sleep(effect.seconds)
                effect = flow.send(answer)
        except StopIteration as stop:
            result: T = stop.value
            return result
        finally:
            flow.close()

    def sleep(self, seconds: float) -> None:
        """Lets time pass, as a driver does."""
        self.effects.append(f"sleep {seconds:g}")
        self.clock.now += seconds

    def answer(self, request: HttpRequest | WsRequest) -> Reply:
        """The next reply of the script, as a sender gives it."""
        is_http = isinstance(request, HttpRequest)
        path = request.target.partition(b"?")[0].decode() if isinstance(request, HttpRequest) else ""
        self.effects.append(f"{request.method} {path}".strip())
        self.clock.now += self.latency
        if is_http and path == "/v1/time" and self.tells_time:
            return reply(200, {"serverTime": int(self.clock.time() * 1000) + self.ahead_ms})
        self.requests.append(request)
        answer = self.script.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def sent(self, index: int = -1) -> dict[str, str]:
        """Parameters of a request, from query and body."""
        request = self.requests[index]
        assert isinstance(request, HttpRequest)
        text = request.target.partition(b"?")[2].decode() + request.body.decode()
        return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
