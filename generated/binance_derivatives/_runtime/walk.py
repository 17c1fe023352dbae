"""The walk over all pages of an operation, without any I/O: says what to ask next, takes replies, gives items.

By time, the walk goes from window to window, oldest first. The border of two pages is asked for twice, because several
items may have the same millisecond, and what was there already is dropped. Where a full page holds the latest items of
its window instead of the earliest (seen by asking once for what lies before it), the window is completed backwards.
By id, the last item's id is asked for again, whether the exchange then repeats the item or not. Where both are
possible, time finds the first item and ids do the rest, because they need no windows.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar, cast

import msgspec

from .border import Border
from .errors import ConfigurationError
from .page_requests import PageRequests, PagingError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from .operation import Carrier, Operation

__all__ = ["PagingError", "Position", "Walk"]

T = TypeVar("T")

_FEWEST = 2
"""Items per page: a page of one may hold nothing but the repeated item."""


class Position(msgspec.Struct, frozen=True):
    """How far a walk has come. It can be stored as JSON and handed to `Pages.resume` in another process."""

    time: int | None
    """Time of the last item in ms; None for walks by id alone."""
    id: int | None
    """Id of the last item; None where items have none."""
    seen: int
    """How many items of this very millisecond have been given; 0 without a time."""


class _Fetch(NamedTuple):
    """Ask for a page with these arguments, and send its items in."""

    arguments: dict[str, object]


class _Found(NamedTuple):
    """These items are next."""

    items: list[Any]


_Steps: TypeAlias = "Generator[_Fetch | _Found, list[Any], None]"
_Part: TypeAlias = "Generator[_Fetch | _Found, list[Any], list[Any]]"


class Walk(Generic[T]):
    """One walk.

    Args:
        operation: What to walk.
        carrier: How it is called.
        arguments: By Python names, without the options of the call; None stands for absent.
        now: The exchange's time in ms.
        position: Where another walk with the same arguments ended.

    Raises:
        InvalidParameter: An id or a time to walk by is no int.
    """

    def __init__(
        self,
        operation: Operation,
        carrier: Carrier,
        arguments: Mapping[str, object],
        *,
        now: Callable[[], int],
        position: Position | None = None,
    ) -> None:
        if operation.pages is None:
            raise ConfigurationError(f"{operation.id} has no pages")
        self._operation = operation
        self._paging = operation.pages
        self._now = now
        self._requests = PageRequests(operation, operation.pages, carrier, arguments)
        self._keeps: Literal["earliest", "latest"] | None = "latest" if self._paging.order == "descending" else None
        """Which items of a window a full page holds; None: not known yet."""
        self.position = position
        self._ready: deque[T] = deque()
        self._pending: _Fetch | None = None
        self._steps = self._walk(position)
        self._run(None)

    @property
    def ready(self) -> bool:
        """Whether there is an item to take."""
        return bool(self._ready)

    @property
    def request(self) -> dict[str, object] | None:
        """The arguments of the call that is due; None: there is none, all items have been given."""
        return None if self._pending is None else self._pending.arguments

    def feed(self, reply: object) -> None:
        """Takes the typed result of the call that was due."""
        items: Any = reply if self._paging.items is None else getattr(reply, self._paging.items)
        self._run(list(items or ()))

    def take(self) -> T:
        """The next item, which the position then counts as given."""
        item = self._ready.popleft()
        time = None if self._paging.time_field is None else self._time(item)
        last = self.position
        seen = 0 if time is None else last.seen + 1 if last is not None and last.time == time else 1
        self.position = Position(time, None if self._paging.id_field is None else self._id(item), seen)
        return item

    def _run(self, page: list[Any] | None) -> None:
        self._pending = None
        try:
            step = next(self._steps) if page is None else self._steps.send(page)
            while isinstance(step, _Found):
                self._ready.extend(step.items)
                step = next(self._steps)
        except StopIteration:
            return
        self._pending = step

    # --- The way ------------------------------------------------------------------------------------------------------

    def _walk(self, position: Position | None) -> _Steps:
        paging = self._paging
        requests = self._requests
        end = requests.given(paging.end_param)
        first_id = requests.given(paging.id_param)
        by_id = paging.start_param is None or first_id is not None
        if position is not None and position.id is not None and (by_id or requests.can_go_by_id()):
            yield from self._by_id(position.id, {position.id}, end, with_times=by_id)
        elif by_id:
            yield from self._by_id(first_id or 0, set(), end, with_times=True)
        elif position is not None and position.time is not None:
            yield from self._by_time(position.time, end, Border(position.time, [], position.seen))
        else:
            start = requests.start(self._now())
            yield from self._by_time(start, end, Border(start, []))

    def _by_id(self, cursor: int, seen: set[int], end: int | None, *, with_times: bool) -> _Steps:
        requests = self._requests
        requests.want_at_least(_FEWEST)
        while True:
            page = yield _Fetch(requests.arguments({self._paging.id_param: cursor}, with_times=with_times))
            page.sort(key=self._id)
            fresh = [item for item in page if self._id(item) not in seen]
            wanted = [item for item in fresh if end is None or self._time(item) <= end]
            if wanted:
                yield _Found(wanted)
            # Without a limit, only a page without anything new tells the end.
            if len(wanted) < len(fresh) or not fresh or not (requests.limit is None or requests.is_full(page)):
                return
            cursor, seen = self._id(page[-1]), {self._id(item) for item in page}

    def _by_time(self, start: int, end: int | None, border: Border) -> _Steps:
        window = self._paging.window_ms
        # How far the window of a full page before went (None: to now): what lies there and is new, the page left out.
        covered: int | None = -1
        while True:
            until = None if window is None else start + window
            is_last = until is None or until >= (self._now() if end is None else end)
            if is_last:
                until = end
            page = yield from self._range(start, until)
            is_full = self._requests.is_full(page)
            if is_full and self._time(page[0]) == self._time(page[-1]):
                self._requests.widen(self._time(page[0]))
                continue
            if is_full and self._keeps is None:
                yield from self._look_before(start, page)
            if is_full and self._keeps == "latest":
                if window is None:
                    # Completing all of it backwards would hold it in memory at once.
                    window = self._fitting_window(window, page)
                    continue
                page, is_full = (yield from self._complete(start, page)), False
            if self._keeps == "latest" and self._paging.window_ms is None:
                window = self._fitting_window(window, page)
            fresh = self._new(page, border)
            if fresh:
                yield _Found(fresh)
                if self._keeps is None and (covered is None or self._time(fresh[0]) <= covered):
                    self._keeps = "earliest"
            if is_last and not is_full:
                return
            if page and (self._keeps == "earliest" or not is_full) and self._requests.can_go_by_id():
                yield from self._by_id(self._id(page[-1]), {self._id(item) for item in page}, end, with_times=False)
                return
            covered = until if is_full else -1
            # After a full page, others at its last item's time may be missing.
            reached = self._time(page[-1]) if is_full else cast("int", until)
            border = border.moved(reached, [item for item in fresh if self._time(item) == reached])
            start = reached

    def _fitting_window(self, window: int | None, page: list[Any]) -> int | None:
        """A window for about one page, where the exchange states none and its pages hold a window's latest items."""
        size = self._requests.limit or 1
        if window is None:
            return max(1, self._time(page[-1]) - self._time(page[0])) if page else None
        if len(page) > size:
            return max(1, window // 2)
        return window * 2 if len(page) < size // 2 + 1 else window

    def _look_before(self, start: int, page: list[Any]) -> _Steps:
        """Asks for what lies before a full page: if there is anything, pages hold the latest items of a window."""
        first = self._time(page[0])
        before = yield from self._range(start, first)
        there = sum(self._time(item) == first for item in page)
        if any(self._time(item) < first for item in before) or len(before) > there:
            self._keeps = "latest"

    def _complete(self, start: int, page: list[Any]) -> _Part:
        """All items of a window whose full page held its latest ones."""
        found, is_full = page, True
        while is_full:
            first = self._time(found[0])
            page = yield from self._range(start, first)
            is_full = self._requests.is_full(page)
            at_first = [item for item in found if self._time(item) == first]
            older = Border(first, at_first).without(page, self._time, self._key, from_end=True)
            if is_full and not older:
                self._requests.widen(first)
            found = older + found
        return found

    # --- Requests -----------------------------------------------------------------------------------------------------

    def _range(self, start: int, until: int | None) -> _Part:
        """The items from `start` to `until` (None: to now) that one page holds, oldest first."""
        times = {self._paging.start_param: start, self._paging.end_param: until}
        page = yield _Fetch(self._requests.arguments(times))
        if self._paging.order == "descending":
            page.reverse()
        page.sort(key=self._time)
        return page

    # --- Items --------------------------------------------------------------------------------------------------------

    def _time(self, item: Any) -> int:
        return self._number(item, self._paging.time_field)

    def _id(self, item: Any) -> int:
        return self._number(item, self._paging.id_field)

    def _number(self, item: Any, field: str | None) -> int:
        value = getattr(item, field or "", None)
        if not isinstance(value, int):
            raise PagingError(f"{self._operation.id}: an item has no {field}, which pages are walked by")
        return value

    def _key(self, item: Any) -> object:
        return item if self._paging.id_field is None else self._id(item)

    def _new(self, page: list[Any], border: Border) -> list[Any]:
        """The items of a page that have not been given."""
        return border.without(page, self._time, self._key, from_end=False)
