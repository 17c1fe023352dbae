"""Takes items from streams and their iterators, and gives that up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable


async def first(count: int, items: AsyncIterable[Any]) -> list[Any]:
    """Takes so many items, and waits for them as long as they need."""
    taken: list[Any] = []
    async for item in items:
        taken.append(item)
        if len(taken) == count:
            break
    return taken


async def every(items: AsyncIterable[Any]) -> list[Any]:
    """Takes all items until they end."""
    return [item async for item in items]


async def cancel(consuming: Awaitable[Any], moment: Awaitable[Any]) -> None:
    """Cancels a consumer at a moment."""
    task = asyncio.ensure_future(consuming)
    await moment
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
