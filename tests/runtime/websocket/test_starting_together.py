"""Several tasks start one thing at once: each of them gets the outcome, whichever was first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from specwright.runtime.errors import ClientClosed, HandshakeRejected, RequestRejected

from ...conditions import until
from .market import Market

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from specwright.runtime.websocket.streams import Stream

    from .account_desk import Desk
    from .server import ExchangeServer
    from .tiny import TinyClient


async def outcomes(*attempts: Awaitable[Any]) -> list[object]:
    """What becomes of attempts that are begun at once: the kind of an error, or None."""
    async with asyncio.timeout(5):
        results = await asyncio.gather(*attempts, return_exceptions=True)
    return [type(result) if isinstance(result, BaseException) else None for result in results]


async def begun(*attempts: Awaitable[Any]) -> list[asyncio.Future[Any]]:
    """Attempts that all have got as far as they can at once."""
    tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(attempt) for attempt in attempts]
    await asyncio.sleep(0)
    return tasks


async def take_all(stream: Stream[Any]) -> None:
    async for _ in stream:
        raise AssertionError("the exchange tells nothing here")


# --- Streams ----------------------------------------------------------------------------------------------------------


async def test_a_stream_that_is_started_by_two_has_begun_for_both(server: ExchangeServer, client: TinyClient) -> None:
    stream = client.streams.trades("a")

    assert await outcomes(stream.start(), stream.start()) == [None, None]
    assert (stream.state, len(server.peers)) == ("running", 1)


async def test_a_stream_that_is_refused_is_refused_for_all_who_wait(server: ExchangeServer, client: TinyClient) -> None:
    server.reject = 401
    stream = client.streams.trades("a")

    told = await outcomes(stream.start(), stream.start(), take_all(stream), stream.run(print))

    assert told == [HandshakeRejected, HandshakeRejected, HandshakeRejected, RuntimeError]
    assert server.rejected == 1


async def test_a_subscription_that_is_refused_is_refused_for_all_who_wait(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.answer = lambda peer, message: {"id": message["id"], "error": {"code": 2, "msg": "Invalid request"}}
    async with client.streams.trades("a"):
        stream = client.streams.trades("bad")

        assert await outcomes(stream.start(), stream.start()) == [RequestRejected, RequestRejected]


async def test_of_two_loops_that_begin_at_once_the_second_is_refused_and_the_first_gets_the_outcome(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.reject = 401
    stream = client.streams.trades("a")

    assert await outcomes(take_all(stream), take_all(stream)) == [HandshakeRejected, RuntimeError]


async def test_a_stream_that_is_closed_before_it_has_begun_has_ended_for_all_who_wait(client: TinyClient) -> None:
    stream = client.streams.trades("a")
    starting = await begun(stream.start(), stream.start())
    await stream.close()

    assert await outcomes(*starting) == [ClientClosed, ClientClosed]


async def test_a_start_that_is_cancelled_has_ended_for_all_who_wait(server: ExchangeServer, client: TinyClient) -> None:
    stream = client.streams.trades("a")
    first, second = await begun(stream.start(), stream.start())
    first.cancel()

    assert await outcomes(first, second) == [asyncio.CancelledError, ClientClosed]
    await until(lambda: not server.open_peers)


async def test_one_who_does_not_wait_any_more_takes_the_outcome_from_nobody(
    server: ExchangeServer, client: TinyClient
) -> None:
    stream = client.streams.trades("a")
    first, second, third = await begun(stream.start(), stream.start(), stream.start())
    second.cancel()

    assert await outcomes(first, second, third) == [None, asyncio.CancelledError, None]
    assert stream.state == "running"


@pytest.mark.parametrize("error", [None, RequestRejected("No account.", code=-2015)], ids=["accepted", "refused"])
async def test_user_data_that_is_started_by_two_has_one_outcome_for_both(desk: Desk, error: Exception | None) -> None:
    desk.account.fails["start"] = [] if error is None else [error]
    stream = desk.open()

    outcome = None if error is None else type(error)
    assert await outcomes(stream.start(), stream.start()) == [outcome, outcome]
    assert desk.account.calls.count("start") == 1
    await stream.close()


# --- Local order books ------------------------------------------------------------------------------------------------


@pytest.fixture
def market(server: ExchangeServer, client: TinyClient) -> Market:
    return Market(server, client)


async def test_a_book_that_is_started_by_two_is_live_for_both(market: Market) -> None:
    book = market.book()

    assert await outcomes(book.start(), book.start()) == [None, None]
    assert (book.state, len(market.server.peers), len(market.snapshots)) == ("live", 1, 1)
    await book.close()


async def test_a_book_whose_stream_is_refused_is_refused_for_both(market: Market) -> None:
    market.server.reject = 401
    book = market.book()

    assert await outcomes(book.start(), book.start()) == [HandshakeRejected, HandshakeRejected]
    await book.close()


async def test_a_book_whose_snapshot_is_refused_is_refused_for_both(market: Market) -> None:
    market.fails = [RequestRejected("Invalid symbol.", code=-1121)]
    book = market.book()

    assert await outcomes(book.start(), book.start()) == [RequestRejected, RequestRejected]
    await book.close()


async def test_a_book_is_started_by_the_second_when_the_first_does_not_want_it_any_more(market: Market) -> None:
    book = market.book()
    first, second = await begun(book.start(), book.start())
    first.cancel()

    assert await outcomes(first, second) == [asyncio.CancelledError, None]
    assert book.state == "live"
    await book.close()


async def test_a_book_that_is_closed_before_it_is_live_has_ended_for_both(market: Market) -> None:
    book = market.book()
    starting = await begun(book.start(), book.start())
    await book.close()

    assert await outcomes(*starting) == [ClientClosed, ClientClosed]
