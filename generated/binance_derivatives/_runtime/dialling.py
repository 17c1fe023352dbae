"""Connects to whichever of a host's addresses answers first, as RFC 8305 says, and leaves no socket behind.

asyncio does the same with `happy_eyeballs_delay`, but forgets a connected socket when it is cancelled at that moment.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["connect"]

_NEXT_ADDRESS = 0.25
"""Seconds after which the next address is tried beside the ones before."""

_Address: TypeAlias = "tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]"
"""Family, type and protocol of a socket, a name that is not asked for, and where it is to lead."""


async def connect(host: str, port: int) -> socket.socket:
    """A connected socket.

    Args:
        host: A name or an address.
        port: Where it listens.

    Raises:
        OSError: The name has no address, or none of its addresses can be reached.
    """
    addresses = deque(_alternating(await _addresses(host, port)))
    attempts: set[asyncio.Task[socket.socket]] = set()
    errors: list[BaseException] = []
    try:
        while addresses or attempts:
            if addresses:
                attempts.add(asyncio.create_task(_attempt(addresses.popleft())))
            patience = _NEXT_ADDRESS if addresses else None
            done, _ = await asyncio.wait(attempts, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            for attempt in done:
                attempts.remove(attempt)
                error = attempt.exception()
                if error is None:
                    return attempt.result()
                errors.append(error)
    finally:
        for attempt in attempts:
            attempt.cancel()
            attempt.add_done_callback(_discard)
    raise errors[0] if len(errors) == 1 else OSError("; ".join(str(error) for error in errors))


async def _addresses(host: str, port: int) -> Sequence[_Address]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        # A name; asking for its addresses may take long.
        return await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)


def _alternating(addresses: Sequence[_Address]) -> Sequence[_Address]:
    """One of each family in turn: where one of them leads nowhere, the second attempt is of another."""
    by_family: dict[int, list[_Address]] = {}
    for address in addresses:
        by_family.setdefault(address[0], []).append(address)
    return [each for each in chain.from_iterable(zip_longest(*by_family.values())) if each is not None]


async def _attempt(address: _Address) -> socket.socket:
    family, kind, protocol, _, target = address
    tried = socket.socket(family, kind, protocol)
    try:
        tried.setblocking(False)
        await asyncio.get_running_loop().sock_connect(tried, target)
    except BaseException:
        tried.close()
        raise
    return tried


def _discard(attempt: asyncio.Task[socket.socket]) -> None:
    """What came of an attempt that nobody waits for any more."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()
