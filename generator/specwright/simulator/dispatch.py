"""What happens to a request, whatever carried it: limits, authentication, checks, the handler, the reply's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import Factory, define

from .costs import costs
from .handlers import Call, Session, handler
from .rejections import Rejection
from .signatures import is_signed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from specwright.spec.dialect.operations import Carrier, Operation

    from .accounts import Account
    from .arguments import Arguments
    from .exchange import Exchange
    from .request_log import ReceivedRequest

_AHEAD_MS = 1_000


@define(kw_only=True)
class Incoming:
    """A request as its carrier understood it."""

    operation: Operation
    carrier: Carrier
    address: str
    """Where it came from: limits of an address are counted by it."""
    api_key: str | None
    raw: Mapping[str, object]
    """Wire name → value as it was sent."""
    repeated: str | None = None
    """A parameter that was sent twice."""
    payload: Callable[[], bytes]
    """The bytes that the signature was made of."""
    received: ReceivedRequest
    session: Session | None = None


@define(kw_only=True)
class Outcome:
    """What is answered."""

    status: int = 200
    result: object = None
    rejection: Rejection | None = None
    account: Account | None = None
    budgets: list[str] = Factory(list)
    """Budgets that the request drew on."""


class Dispatcher:
    """Answers requests of one product.

    Args:
        exchange: Its state.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def answer(self, request: Incoming) -> Outcome:
        """Carries a request out, or refuses it."""
        outcome = Outcome(budgets=[self._exchange.product.weight_budget])
        try:
            outcome.result = self._run(request, outcome)
            request.received.executed = True
        except Rejection as rejection:
            outcome.rejection, outcome.status = rejection, rejection.status
            request.received.code = rejection.code
        request.received.status = outcome.status
        return outcome

    def _run(self, request: Incoming, outcome: Outcome) -> object:
        exchange, operation, carrier = self._exchange, request.operation, request.carrier
        exchange.limits.refuse_banned(request.address)
        spent = costs(operation, carrier, request.raw, exchange.product.weight_budget)
        outcome.budgets = [name for name in spent if name in exchange.limits.budgets]
        self._spend(spent, "ip", request.address, request.address)
        outcome.account = account = self._authenticate(request)
        if account is not None:
            self._spend(spent, "account", account.api_key, request.address)
        if request.repeated is not None:
            raise Rejection(-1101, request.repeated)
        arguments = exchange.checker.operation(operation, carrier, request.raw, exchange.modes(account))
        return self._handle(request, account, arguments)

    def _handle(self, request: Incoming, account: Account | None, arguments: Arguments) -> object:
        exchange, operation, carrier = self._exchange, request.operation, request.carrier
        response = operation.response_on(carrier)
        example = exchange.examples.documented(operation, carrier, arguments.values)
        answer = handler(operation.id)
        if answer is None:
            self._check_symbol(arguments, request)
            now_ms = exchange.clock.now_ms()
            return exchange.examples.reply(response, example, arguments.values, now_ms)
        call = Call(exchange, operation, arguments, account, request.session)
        return exchange.shaper.response(response, answer(call), arguments.values, example)

    def _check_symbol(self, arguments: Arguments, request: Incoming) -> None:
        """Operations without state know the contracts, and whatever else their example names (indices, say)."""
        symbol = arguments.optional_text("symbol")
        examples = "".join(example.text for example in request.operation.examples)
        if symbol is not None and symbol not in self._exchange.markets and f'"{symbol}"' not in examples:
            raise Rejection(-1121)

    def _spend(self, spent: Mapping[str, int], scope: str, owner: str, address: str) -> None:
        limits = self._exchange.limits
        names = [name for name in spent if name in limits.budgets and limits.budgets[name].scope == scope]
        for name in names:
            limits.spend(name, owner, spent[name])
        for name in names:
            limits.refuse_excess(name, owner, address)

    def _authenticate(self, request: Incoming) -> Account | None:
        security = self._exchange.product.security[request.operation.security]
        session = request.session
        logged_on = session is not None and session.api_key is not None and request.api_key is None
        if not security.api_key:
            return None
        account = self._exchange.authenticate(session.api_key if session and logged_on else request.api_key)
        if security.signed:
            self._check_time(request.raw)
            if not logged_on or "signature" in request.raw:
                self._check_signature(request, account)
        return account

    def _check_time(self, raw: Mapping[str, object]) -> None:
        timestamp, product = str(raw.get("timestamp", "")), self._exchange.product
        if not timestamp.isdigit():
            raise Rejection(-1102, "timestamp")
        window = str(raw.get("recvWindow", product.recv_window_ms))
        if not window.isdigit():
            raise Rejection(-1100, "recvWindow", "^[0-9]{1,20}$")
        now_ms, sent_ms = self._exchange.clock.now_ms(), int(timestamp)
        if sent_ms >= now_ms + _AHEAD_MS:
            raise Rejection(-1021, message="Timestamp for this request was 1000ms ahead of the server's time.")
        if now_ms - sent_ms > min(int(window), product.max_recv_window_ms):
            raise Rejection(-1021)

    def _check_signature(self, request: Incoming, account: Account) -> None:
        signature = request.raw.get("signature")
        if not isinstance(signature, str) or not signature:
            raise Rejection(-1102, "signature")
        if not is_signed(request.payload(), signature, account.secret, account.public_key):
            raise Rejection(-1022)
