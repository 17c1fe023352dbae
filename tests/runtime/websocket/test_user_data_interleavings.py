"""Whatever happens in whatever order, a consumer's picture of the account is right soon after the last trouble.

Each seed draws some hundred troubles, trades and delays, and so an order of all that travels between the client and the
exchange. `live` tells of a failure what happened, with its time.
"""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from specwright.runtime.websocket.connection import ConnectionSettings
from specwright.runtime.websocket.notices import Reconnected, Resynchronized
from specwright.runtime.websocket.user_data import UserDataStream
from specwright.runtime.websocket.user_data_feed import UserDataFeed

from .account_desk import read_state, reader
from .listen_key_care import RENEWAL
from .tiny import PRODUCT
from .unsteady_exchange import Mirror, UnsteadyExchange
from .virtual_time import VirtualClock, run

if TYPE_CHECKING:
    from collections.abc import Callable

assert PRODUCT.user_data is not None
assert PRODUCT.connections is not None
LIFETIME = 2 * 3600
"""Seconds after which a connection is replaced: as in a day, the key is renewed many times before."""
UNSTEADY = evolve(
    PRODUCT,
    user_data=evolve(PRODUCT.user_data, resync={"one": "first", "other": "second"}),
    connections=evolve(PRODUCT.connections, lifetime_ms=LIFETIME * 1000),
)
"""The state is fetched in two parts, between which something may happen."""
ROUNDS = 12
PATIENCE = 150.0
"""Seconds: a connection that ended unnoticed is noticed within 40, and pauses have grown to 30."""
MOST_CALLS = 40
"""While nothing goes wrong: two attempts at what is pending, and all that follows from each."""


def expires_while_cut(exchange: UnsteadyExchange) -> None:
    exchange.cut()
    exchange.expire()


def network_down(exchange: UnsteadyExchange) -> None:
    exchange.cut()
    exchange.down_until = exchange.now + exchange.chance.choice([1, 10, 60, 4000])


def requests_fail(exchange: UnsteadyExchange) -> None:
    exchange.failing_until = exchange.now + 20


def network_slow(exchange: UnsteadyExchange) -> None:
    exchange.slow_until = exchange.now + 20


def somebody_else_starts(exchange: UnsteadyExchange) -> None:
    exchange.start()


def expires_behind_an_answer(exchange: UnsteadyExchange) -> None:
    exchange.strike = exchange.expire


def cut_behind_an_answer(exchange: UnsteadyExchange) -> None:
    exchange.strike = exchange.cut


def expires_while_cut_behind_an_answer(exchange: UnsteadyExchange) -> None:
    exchange.strike = lambda: expires_while_cut(exchange)


TROUBLES: list[Callable[[UnsteadyExchange], None]] = [
    UnsteadyExchange.cut,
    UnsteadyExchange.cut,
    UnsteadyExchange.expire,
    UnsteadyExchange.expire,
    UnsteadyExchange.close_key,
    expires_while_cut,
    expires_behind_an_answer,
    cut_behind_an_answer,
    expires_while_cut_behind_an_answer,
    network_down,
    requests_fail,
    network_slow,
    somebody_else_starts,
]
PAUSES = [0.0, 0.0, 0.02, 0.02, 0.1, 0.1, 1.0, 5.0, RENEWAL, 1.2 * LIFETIME]
"""Seconds between troubles: within a request, within an outage, until a renewal is on its way, until a takeover."""


async def live(seed: int) -> None:
    """Some rounds of troubles, with a look at the consumer's picture after each."""
    chance = random.Random(seed)
    exchange = UnsteadyExchange(chance, VirtualClock())
    feed = UserDataFeed(
        UNSTEADY,
        "wss://exchange",
        call=exchange.call,
        fetch=exchange.call,
        settings=ConnectionSettings(proxy=None),
        clock=exchange.clock,
        exchange_ms=lambda: exchange.clock.time() * 1000,
        open=exchange.open,
    )
    stream: UserDataStream[Any] = UserDataStream(feed, reader(), {"buffer_size": 4}, read_state)
    mirror, items = Mirror(), list[Any]()

    async def consume() -> None:
        async for item in stream:
            exchange.note(f"taken {item}")
            mirror.take(item)
            items.append(item)
            await asyncio.sleep(chance.choice([0.0, 0.0, 0.0, 0.2]))

    def told(what: str) -> str:
        return f"seed {seed}: {what}\n" + "\n".join(exchange.log)

    async with stream:
        consumer = asyncio.create_task(consume())
        for number in range(ROUNDS):
            exchange.note(f"--- round {number}")
            troubles = chance.choices(TROUBLES, k=chance.randint(1, 5))
            for trouble in troubles:
                exchange.note(trouble.__name__)
                trouble(exchange)
                for _ in range(chance.randint(0, 3)):
                    exchange.trade()
                    await asyncio.sleep(chance.choice([0.0, 0.01, 0.1]))
                await asyncio.sleep(chance.choice(PAUSES))
            await asyncio.sleep(max(0.0, exchange.down_until - exchange.now))
            exchange.strike = None
            if UnsteadyExchange.close_key in troubles:
                # Nobody is told of it; the next renewal finds out.
                await asyncio.sleep(RENEWAL)
            asked = exchange.calls
            await asyncio.sleep(PATIENCE)
            exchange.trade()
            await asyncio.sleep(5.0)
            assert not consumer.done(), told(repr(consumer.exception()))
            assert mirror.orders == exchange.orders, told("the picture is wrong")
            assert exchange.calls - asked < MOST_CALLS, told("the exchange is asked again and again")
    await consumer
    before_states = {type(before) for before, item in pairwise(items) if isinstance(item, Resynchronized)}
    assert before_states <= {Reconnected}, told("no event comes between a gap and the state behind it")


@pytest.mark.parametrize("seed", range(60))
def test_the_picture_is_right_again_after_whatever_happened(seed: int) -> None:
    run(live(seed))
