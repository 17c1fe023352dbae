"""What a loop takes a stream's items from, one by one, also after a wait for the next one was given up."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from typing import Self

__all__ = ["StreamIterator"]

E = TypeVar("E", covariant=True)


class Generate(Protocol[E]):
    """Makes a generator of the items."""

    def __call__(self, renew: Callable[[], None], *, is_renewed: bool) -> AsyncGenerator[E]:
        """A generator of the items that are left.

        Args:
            renew: To be called when it is cancelled, before it ends.
            is_renewed: It follows one that was cancelled. Its first item is none; it lets go of the stream when it is
                closed there.
        """
        ...


class _AsyncNext:
    # A slot holds the generator's own method, so a loop calls that, and no function in between, for each item. It has a
    # class of its own because type checkers look for the method among a class's functions, not in its slots.
    __slots__ = ("__anext__",)


class StreamIterator(_AsyncNext, Generic[E]):
    """The items of a stream.

        items = aiter(stream)
        try:
            item = await asyncio.wait_for(anext(items), timeout=5)
        except TimeoutError:
            ...                      # nothing came; the next `anext` goes on waiting

    It lets go of its stream when it has ended, is closed, or is dropped after it was asked for an item: a loop drops it
    however it is left.

    Args:
        generate: Makes a generator of the items. One that is cancelled while it waits, as by a timeout, has ended for
            good, so another one takes its place.
        leave: Lets go of the stream, unless somebody else takes from it: a generator that was never asked for an item
            does nothing when it is closed.
    """

    __slots__ = ("__weakref__", "_generate", "_generator", "_leave")

    if TYPE_CHECKING:

        def __anext__(self) -> Awaitable[E]: ...

    def __init__(self, generate: Generate[E], leave: Callable[[], Awaitable[None]]) -> None:
        self._generate = generate
        self._leave = leave
        self._begin(is_renewed=False)

    def __aiter__(self) -> Self:
        return self

    async def aclose(self) -> None:
        """Ends it, and lets go of the stream."""
        await self._generator.aclose()
        await self._leave()

    def _begin(self, *, is_renewed: bool) -> None:
        # Referred to weakly: a cancelled generator is kept by its error's traceback, and must not keep this iterator.
        self._generator = self._generate(partial(_renew, ref(self)), is_renewed=is_renewed)
        self.__anext__ = self._generator.__anext__  # type: ignore[method-assign]  # It is a slot.


def _renew(referred: ref[StreamIterator[object]]) -> None:
    """Puts another generator in the place of one that is cancelled, unless nobody can ask it for an item."""
    iterator = referred()
    if iterator is not None:
        iterator._begin(is_renewed=True)
        # Up to where it says that it is ready: only a generator that has begun is closed when it is dropped.
        with suppress(StopIteration):
            iterator._generator.__anext__().send(None)
