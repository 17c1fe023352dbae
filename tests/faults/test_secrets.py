"""One run through everything, with every logger at DEBUG: keys, signatures and listen keys show nowhere."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest
from attrs import define, field
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from binance_derivatives import AsyncUsdsFutures, Reconnected, RetryPolicy, UsdsFutures
from binance_derivatives.errors import BinanceError, ExecutionUnknown
from specwright.simulator import Drop, Reply, Simulator, malformed, unavailable

from ..connections.http_proxy import HttpProxy
from .trader import TRUSTING

if TYPE_CHECKING:
    from collections.abc import Iterator

API_KEY = "ApiKeyApiKeyApiKey0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"
API_SECRET = "ApiSecretApiSecret0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"
KEY_OF_ED25519 = "Ed25519KeyEd25519Key0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH"
OURS = "/binance_derivatives/"
ORDER: dict[str, Any] = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
ECHO = f"<html>refused: POST /fapi/v1/order?signature=0123456789abcdef&key={API_KEY}</html>"


def chain(error: BaseException) -> list[BaseException]:
    """An error and all that it came from."""
    before = error.__cause__ or error.__context__
    return [error, *(chain(before) if before is not None else [])]


@define
class Evidence:
    """What a run has left behind."""

    secrets: dict[str, str] = field(factory=dict)
    """Key material → what it is."""
    records: list[logging.LogRecord] = field(factory=list)
    shown: list[object] = field(factory=list)
    """Objects that a caller gets hold of."""
    errors: list[BaseException] = field(factory=list)
    """Of calls."""
    refused: list[BaseException] = field(factory=list)
    """Of clients that could not be made."""

    def note(self, error: BaseException) -> None:
        """Keeps an error with everything that it was caused by."""
        self.errors += chain(error)

    @contextlib.contextmanager
    def expected(self, kind: type[BinanceError]) -> Iterator[None]:
        with pytest.raises(kind) as raised:
            yield
        self.note(raised.value)

    def leaks(self, text: str) -> list[str]:
        """The secrets that a text gives away."""
        return sorted({what for secret, what in self.secrets.items() if secret in text})


class _Keeper(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__(logging.DEBUG)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)


@contextlib.contextmanager
def everything_logged(evidence: Evidence) -> Iterator[None]:
    """All loggers there are, at DEBUG, into the evidence."""
    keeper = _Keeper(evidence.records)
    names = [name for name, each in logging.Logger.manager.loggerDict.items() if isinstance(each, logging.Logger)]
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in names)]
    before = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(keeper)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(keeper)
        for each, level in zip(loggers, before, strict=True):
            each.setLevel(level)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    """What a run through REST, the WebSocket API and the user stream leaves behind."""
    found = Evidence()
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with Simulator(seed=7, api_key=API_KEY, api_secret=API_SECRET) as exchange, everything_logged(found):
        exchange.pause_market()
        exchange.limits.enabled = False
        exchange.open_account(KEY_OF_ED25519, public_key=public)
        options: dict[str, Any] = {
            **exchange.client_options,
            "verify": TRUSTING,
            "limits": "off",
            "retry": RetryPolicy(attempts=2, random=lambda: 0.0),
            "event_hooks": {"request": [found.shown.append], "response": [found.shown.append]},
            "on_drift": found.shown.append,
        }
        for theirs in (None, httpx.Client(verify=TRUSTING), httpx2.Client(verify=TRUSTING)):
            over_rest(found, exchange, {**options, "http_client": theirs})
            if theirs is not None:
                theirs.close()
        with HttpProxy() as proxy:
            over_rest(found, exchange, {**options, "proxy": proxy.url})
        asyncio.run(over_websockets(found, exchange, options))
        own = {**options, "api_key": KEY_OF_ED25519, "private_key": pem}
        del own["api_secret"]
        asyncio.run(over_websockets(found, exchange, own))
    found.secrets |= {API_KEY: "API key", KEY_OF_ED25519: "API key", API_SECRET: "API secret"}
    found.secrets |= {pem.decode().splitlines()[1]: "private key"}
    found.secrets |= {"0123456789abcdef&": "echoed signature"}
    for request in exchange.requests:
        if signature := request.parameters.get("signature"):
            found.secrets[str(signature)] = "signature"
    return found


def over_rest(found: Evidence, exchange: Simulator, options: dict[str, Any]) -> None:
    """Calls that go well and calls that fail in every way."""
    faults = exchange.faults
    with UsdsFutures(**options) as client:
        client.warm_up()
        order = client.trade.new_order.raw(**ORDER)
        listened = client.user_data_streams.start_user_data_stream()
        found.secrets[listened.listen_key] = "listen key"
        listening = client.user_data_streams.start_user_data_stream.raw()
        client.user_data_streams.keepalive_user_data_stream()
        balance = client.account.futures_account_balance_v3()
        found.shown += [client, client.trade, client.limits, client.exchange_clock, order, order.result, listened]
        found.shown += [listening, listening.result, balance, client._flow.account, client._flow.account.signer]
        faults.add(unavailable(executed=True), operation="new_order")
        with found.expected(ExecutionUnknown):
            client.trade.new_order(**ORDER)
        found.shown.append(client.trade.resolve(found.errors[-2]))  # type: ignore[arg-type]
        for fault in (Drop(), malformed(), Reply(502, ECHO), Reply(400, ECHO), Reply(200, ECHO)):
            faults.add(fault, operation="new_order")
            with found.expected(BinanceError):
                client.trade.new_order(**ORDER)
            faults.add(fault, operation="query_order", times=2)
            with found.expected(BinanceError):
                client.trade.query_order(symbol="BTCUSDT", orig_client_order_id="x")
            faults.clear()
        with found.expected(BinanceError):
            client.trade.query_order(symbol="BTCUSDT", order_id=1, recv_window=70_000)
        with found.expected(BinanceError):
            client.trade.query_order(symbol="BTCUSDT", order_id=987_654_321)
        faults.add(Reply(429, '{"code":-1003,"msg":"Too many."}', {"Retry-After": "0"}), operation="query_order")
        with found.expected(BinanceError):
            client.trade.query_order(symbol="BTCUSDT", order_id=987_654_321)
        faults.add(Reply(400, '{"code":-1021,"msg":"Behind."}'), operation="new_order")
        client.trade.new_order(**ORDER)
        faults.add(Reply(200, f'{{"listenKey":"{listened.listen_key}","novel":1}}'), operation="start_user_data_stream")
        found.shown.append(client.user_data_streams.start_user_data_stream())
        faults.add(Reply(200, f'{{"listenKey":"{listened.listen_key}","novel":1}}'), operation="start_user_data_stream")
        with found.expected(BinanceError):
            client.with_options(strict=True).user_data_streams.start_user_data_stream()
        found.shown.append(client.request("POST", "/fapi/v1/listenKey", security="USER_STREAM"))
        client.user_data_streams.close_user_data_stream()
    with found.expected(BinanceError):
        client.trade.new_order(**ORDER)
    with pytest.raises(BinanceError) as refused:
        UsdsFutures(**{**options, "api_secret": None, "private_key": API_SECRET})
    found.refused += chain(refused.value)


async def over_websockets(found: Evidence, exchange: Simulator, options: dict[str, Any]) -> None:
    """The same over the WebSocket API, and the account's own events."""
    faults = exchange.faults
    async with AsyncUsdsFutures(**options) as client:
        ordered = await client.ws_api.trade.new_order.raw(**ORDER)
        started = await client.ws_api.user_data_streams.start_user_data_stream()
        found.secrets[started.listen_key] = "listen key"
        found.shown += [client, client.ws_api, client.streams, ordered, ordered.result, started]
        faults.add(Drop(), operation="new_order", transport="ws_api")
        with found.expected(BinanceError):
            await client.ws_api.trade.new_order(**ORDER)
        faults.add(Reply(400, '{"code":-2019,"msg":"Margin is insufficient."}'), operation="new_order")
        with found.expected(BinanceError):
            await client.ws_api.trade.new_order(**ORDER)
        with found.expected(BinanceError):
            await client.ws_api.trade.query_order(symbol="BTCUSDT", order_id=987_654_321)
        async with client.user_data() as stream:
            items = aiter(stream)
            await client.trade.new_order(**ORDER)
            found.shown += [stream, await anext(items)]
            # The key is refused once when the stream reconnects.
            faults.refuse_handshakes(403, server="streams")
            faults.close_sockets("streams", None)
            while not isinstance(notice := await anext(items), Reconnected):
                found.shown.append(notice)
            found.shown.append(notice)
        found.shown.append(client._websockets)


# --- The search -------------------------------------------------------------------------------------------------------


def test_the_run_has_seen_secrets_of_every_kind(evidence: Evidence) -> None:
    assert set(evidence.secrets.values()) == {
        "API key",
        "API secret",
        "private key",
        "signature",
        "echoed signature",
        "listen key",
    }
    assert len(evidence.errors) > 40
    assert len(evidence.shown) > 200
    assert {record.name.partition(".")[0] for record in evidence.records} >= {
        "binance_derivatives",
        "httpcore",
        "httpx",
        "httpx2",
    }


def test_no_log_record_holds_a_secret(evidence: Evidence) -> None:
    leaks = {
        (record.name, str(record.msg), leaked)
        for record in evidence.records
        # What the other side of the connection logs is not the client's.
        if not record.name.startswith("specwright.simulator")
        for leaked in evidence.leaks(f"{record.getMessage()} {vars(record)}")
    }
    assert leaks == set()


def test_no_text_of_an_object_holds_a_secret(evidence: Evidence) -> None:
    leaks = {(type(thing), leaked) for thing in evidence.shown for leaked in evidence.leaks(f"{thing!r} {thing}")}
    assert leaks == set()


def test_no_error_holds_a_secret(evidence: Evidence) -> None:
    """Neither those that are raised, in anything on them, nor those below them, in what they say."""
    leaks = {
        (repr(error), leaked)
        for error in [*evidence.errors, *evidence.refused]
        for leaked in evidence.leaks(f"{error!r} {error} {vars(error) if isinstance(error, BinanceError) else ''}")
    }
    assert leaks == set()


def test_no_pickle_holds_a_secret(evidence: Evidence) -> None:
    leaks: set[tuple[type, str]] = set()
    for thing in [*evidence.shown, *(error for error in evidence.errors if isinstance(error, BinanceError))]:
        try:
            pickled = pickle.dumps(thing)
        except (TypeError, AttributeError, pickle.PicklingError) as refused:
            assert evidence.leaks(str(refused)) == []
            continue
        leaks |= {(type(thing), leaked) for leaked in evidence.leaks(pickled.decode("latin-1"))}
    assert leaks == set()


def variables(error: BaseException) -> Iterator[tuple[str, str, str]]:
    """Function, name and value of every local variable in our frames of an error's traceback."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    for frame in told.stack:
        if OURS in frame.filename:
            for name, value in (frame.locals or {}).items():
                if not value.startswith("<Request("):
                    yield frame.name, name, value


def test_no_local_variable_of_a_failed_call_holds_a_secret(evidence: Evidence) -> None:
    """As tools show them that print tracebacks with variables.

    A client that could not be made is left out, for its caller's own variables hold what it was given; and so are the
    HTTP libraries' own requests, which tell their addresses.
    """
    leaks = {
        (function, name, leaked)
        for error in evidence.errors
        for function, name, value in variables(error)
        for leaked in evidence.leaks(value)
    }
    assert leaks == set()
