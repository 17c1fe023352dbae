"""Whatever a host's addresses do, and whenever connecting is given up, the sockets that are not used are closed."""

from __future__ import annotations

import asyncio
import itertools
import socket
from typing import TYPE_CHECKING, Any

import pytest

from specwright.runtime import dialling

from ..cancelling import Finished, cancelled_at, no_socket_left, set_aside

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "exchange.test"


@pytest.fixture
def listening() -> Iterator[int]:
    """A port at which connections are made."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def hanging() -> Iterator[int]:
    """A port at which nobody is refused, and nobody is let in: its queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        with socket.create_connection(address):
            yield address[1]


@pytest.fixture
def refusing() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def resolves_to(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Gives the name its addresses, all on this machine; ports stand for addresses."""

    def resolve(*ports: int) -> None:
        def getaddrinfo(
            host: str, port: int, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
        ) -> list[Any]:
            if flags & socket.AI_NUMERICHOST or not ports:
                raise socket.gaierror("no address")
            return [(socket.AF_INET, type, 0, "", ("127.0.0.1", each)) for each in ports]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return resolve


async def connected_port() -> int:
    with await dialling.connect(HOST, 443) as connected:
        port: int = connected.getpeername()[1]
        return port


async def test_the_first_address_that_answers_is_taken(resolves_to: Any, refusing: int, listening: int) -> None:
    resolves_to(refusing, listening)
    with no_socket_left():
        assert await connected_port() == listening


async def test_an_address_that_says_nothing_is_not_waited_for(resolves_to: Any, hanging: int, listening: int) -> None:
    resolves_to(hanging, listening)
    with no_socket_left():
        async with asyncio.timeout(5):
            assert await connected_port() == listening


async def test_when_no_address_answers_the_error_says_why_of_each(resolves_to: Any, refusing: int) -> None:
    resolves_to(refusing, refusing)
    with no_socket_left(), pytest.raises(OSError, match=r"Connect call failed .*; .*Connect call failed"):
        await connected_port()


async def test_a_name_without_an_address_is_an_error(resolves_to: Any) -> None:
    resolves_to()
    with pytest.raises(socket.gaierror, match="no address"):
        await connected_port()


async def test_an_address_needs_no_look_up(listening: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def look_up(*_: object, **__: object) -> None:
        raise AssertionError("it is an address already")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    with no_socket_left(), await dialling.connect("127.0.0.1", listening) as connected:
        assert connected.getpeername() == ("127.0.0.1", listening)


def test_addresses_of_different_families_take_turns() -> None:
    def address(family: int, number: int) -> Any:
        return (family, socket.SOCK_STREAM, 0, "", (f"host-{number}", 443))

    six, four = [address(socket.AF_INET6, number) for number in range(3)], [address(socket.AF_INET, 3)]
    assert dialling._alternating([*six, *four]) == [six[0], four[0], six[1], six[2]]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("before", [[], ["refusing"], ["hanging"], ["refusing", "hanging"]])
async def test_a_cancellation_at_any_await_leaves_no_socket(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    resolves_to: Any,
    listening: int,
    before: list[str],
    late: bool,
) -> None:
    monkeypatch.setattr(dialling, "_NEXT_ADDRESS", 0.01)
    resolves_to(*(request.getfixturevalue(each) for each in before), listening)
    set_aside()
    for suspension in itertools.count():
        with no_socket_left():
            task = asyncio.create_task(cancelled_at(connected_port(), suspension, late=late))
            (outcome,) = await asyncio.gather(task, return_exceptions=True)
            # What was cancelled with it is over in a turn or two of the event loop.
            while others := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(others)
            del task
        if isinstance(outcome, Finished):
            break
        assert isinstance(outcome, asyncio.CancelledError)

    assert suspension >= 2, "the look-up and the connecting"
