"""Takes items from streams and their iterators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterable


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
