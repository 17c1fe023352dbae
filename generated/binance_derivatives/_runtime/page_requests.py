"""What the requests of a walk over pages ask for: the caller's arguments, a cursor, and a number of items."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from .errors import BinanceError, InvalidParameter
from .rules import compile_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .operation import Carrier, Operation, Paging

__all__ = ["PageRequests", "PagingError"]

logger = logging.getLogger(__name__)

_MARGIN_MS = 60_000
"""How much later than the documented reach a walk starts: the exchange's edge moves on while the request travels."""


class PagingError(BinanceError):
    """The pages of this operation cannot be walked without a gap."""


class PageRequests:
    """The requests of one walk.

    Args:
        operation: What is walked.
        paging: How it pages.
        carrier: How it is called.
        arguments: What the caller asks, by Python names; None stands for absent.

    Raises:
        InvalidParameter: An id or a time to walk by is no int. Everything else is checked by the calls.
    """

    def __init__(self, operation: Operation, paging: Paging, carrier: Carrier, arguments: Mapping[str, object]) -> None:
        self._operation = operation
        self._paging = paging
        self._carrier = carrier
        self._given = {name: value for name, value in arguments.items() if value is not None}
        for name in (paging.id_param, paging.start_param, paging.end_param):
            self.given(name)
        self.limit, self._most = self._page_sizes()

    def given(self, name: str | None) -> int | None:
        """The caller's value of an id or a time."""
        value = None if name is None else self._given.get(name)
        if name is None or value is None:
            return None
        if type(value) is not int:
            raise InvalidParameter(self._operation.id, name, "must be an int")
        return value

    def start(self, now: int) -> int:
        """Where a walk by time begins: where the caller says, but not before what the exchange keeps."""
        asked = self.given(self._paging.start_param)
        if self._paging.reach_ms is None:
            return asked or 0
        earliest = now - self._paging.reach_ms
        if asked is not None and asked < earliest:
            logger.warning("%s: the exchange keeps nothing from before %d", self._operation.id, earliest)
        return max(asked or 0, earliest + _MARGIN_MS)

    def can_go_by_id(self) -> bool:
        """Whether a walk that began by time may go on by id: no rule forbids the id with the other arguments."""
        paging = self._paging
        if paging.id_param is None:
            return False
        times = (paging.start_param, paging.end_param)
        arguments = {name: value for name, value in self._given.items() if name not in times} | {paging.id_param: 0}
        checks = compile_rules(self._operation.rules, self._carrier.params)
        return all(check(arguments) is None for check in checks)

    def arguments(self, cursor: Mapping[str | None, int | None], *, with_times: bool = False) -> dict[str, object]:
        """The arguments of one request.

        Args:
            cursor: Where the page begins and ends; None where it does not say.
            with_times: Keep the caller's own times beside an id.
        """
        paging = self._paging
        dropped = {paging.id_param} if with_times else {paging.id_param, paging.start_param, paging.end_param}
        asked = {name: value for name, value in self._given.items() if name not in dropped}
        asked |= {name: value for name, value in cursor.items() if name is not None and value is not None}
        if paging.limit is not None and self.limit is not None:
            asked[paging.limit] = self.limit
        return asked

    # --- Items per page -----------------------------------------------------------------------------------------------

    def is_full(self, page: list[Any]) -> bool:
        """Whether there may be more than the page holds; without a limit, a page holds all that was asked for."""
        return self.limit is not None and len(page) >= self.limit

    def want_at_least(self, items: int) -> None:
        """Makes pages as large as the walk needs them."""
        if self.limit is not None:
            self.limit = max(self.limit, items)

    def widen(self, time: int) -> None:
        """A full page was all of one millisecond: more items per page are the only way on.

        Raises:
            PagingError: There cannot be more.
        """
        if self.limit is None or self._most is None or self.limit >= self._most:
            raise PagingError(
                f"{self._operation.id}: at {time} there are {self.limit} items or more, "
                "and the exchange gives no way to ask for those beyond"
            )
        self.limit = min(self._most, 2 * self.limit)

    def _page_sizes(self) -> tuple[int | None, int | None]:
        """Items per page: as the caller says (else as many as the exchange allows), and the most that it allows."""
        param = next((each for each in self._carrier.params if each.python == self._paging.limit), None)
        if param is None:
            return None, None
        choices = [value for value in param.one_of or () if isinstance(value, int)]
        most = max(choices) if choices else None if param.maximum is None else int(param.maximum)
        default = param.default if isinstance(param.default, int) else None
        given = self._given.get(param.python)
        return (given if isinstance(given, int) else most or default), most
