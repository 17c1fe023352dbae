"""Operations: what the exchange does when asked, how they travel, how they page, how a lost one is found again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import Factory, define, field

from .text import Suppressing

if TYPE_CHECKING:
    from ..position import Position
    from .params import Param
    from .rules import Rule
    from .text import Deprecation, Example, Text
    from .types import Response
    from .weights import Weight

__all__ = ["Carrier", "Operation", "Paging", "Resolution", "Retry"]


@define(kw_only=True)
class Carrier:
    """How an operation travels. What differs between REST and the WebSocket API stands here, all else is shared."""

    method: str
    """HTTP method, or the WebSocket API method's name."""
    path: str | None = None
    """Only REST."""
    weight: Weight
    """Cost on the product's weight budget."""
    weight_assumed: bool = False
    """No source states the weight; the note to it stands in the spec as a comment."""
    costs: dict[str, Weight] = Factory(dict)
    """Cost on other budgets, by their names."""
    params: list[Param] = Factory(list)
    """Parameters that differ on this carrier: they replace those of the same wire name, or are added."""
    without: list[str] = Factory(list)
    """Wire names of shared parameters that this carrier does not have."""
    response: Response | None = None
    """Where this carrier's reply has another type."""
    examples: list[Example] = Factory(list)
    """WebSocket API: documented whole replies (`id`, `status`, `result`, `rateLimits`); REST: use the operation's."""
    documentation: str | None = None
    position: Position = field(eq=False)


@define(kw_only=True)
class Paging:
    """How an operation pages; `iter` of the generated method walks it.

    pages:
      limit: limit
      id: {param: fromId, field: id}
      time: {start: startTime, end: endTime, field: time, window: 7d, reach: 90d}
    """

    limit: str | None = None
    id_param: str | None = None
    id_field: str | None = None
    """Wire name of the item's field that goes into `id_param`; the item itself comes again (the walk drops it)."""
    start_param: str | None = None
    end_param: str | None = None
    time_field: str | None = None
    """Wire name of the item's time that windows are measured by."""
    window_ms: int | None = None
    """The longest distance between start and end."""
    reach_ms: int | None = None
    """How far back data goes."""
    items: str | None = None
    """Wire name of the response's field that holds the list, where the response is an object."""
    order: Literal["ascending", "descending"] = "ascending"
    position: Position = field(eq=False)


@define(kw_only=True)
class Resolution:
    """How to find out what became of a call whose reply was lost.

    resolve:
      operation: query_order
      params: {symbol: symbol, origClientOrderId: newClientOrderId}
      absent: [-2013]
    """

    operation: str
    params: dict[str, str]
    """Parameter of the asking operation → parameter of the lost call."""
    absent: list[int]
    """Error codes that say: the exchange never had it."""
    status: str | None = None
    """Wire name of the reply's field that says how far it went."""
    filled: list[str] = Factory(list)
    """Values of that field that mean: executed in full."""
    position: Position = field(eq=False)


Retry: TypeAlias = Literal["safe", "never"]


@define(kw_only=True)
class Operation(Suppressing):
    """One thing that the exchange does when asked, whatever carries the request."""

    id: str
    group: str
    """The stem of the file that it stands in: a documentation group, a module, an attribute of the client."""
    summary: Text
    description: Text | None = None
    """What a caller should know beyond the summary: limits, reach, side effects."""
    documentation: str | None = None
    """The page, relative to the product's documentation address."""
    security: str
    rest: Carrier | None = None
    ws: Carrier | None = None
    retry: Retry
    """Default: `safe` for GET, else `never`. A WebSocket-only operation must say it."""
    params: list[Param] = Factory(list)
    rules: list[Rule] = Factory(list)
    pages: Paging | None = None
    resolve: Resolution | None = None
    response: Response | None = None
    """None: an empty object."""
    examples: list[Example] = Factory(list)
    since: str | None = None
    deprecated: Deprecation | None = None
    renamed_from: list[str] = Factory(list)
    """Former ids; they keep working, with a warning."""
    position: Position = field(eq=False)

    @property
    def carriers(self) -> list[Carrier]:
        """What carries the request: REST, the WebSocket API, or either."""
        return [carrier for carrier in (self.rest, self.ws) if carrier is not None]

    def params_on(self, carrier: Carrier) -> list[Param]:
        """The parameters on a carrier: shared ones or what replaces them in its place, then added ones."""
        own = {param.wire: param for param in carrier.params}
        shared = [own.pop(param.wire, param) for param in self.params if param.wire not in carrier.without]
        return [*shared, *own.values()]

    def response_on(self, carrier: Carrier) -> Response | None:
        """The type of the reply on a carrier."""
        return self.response if carrier.response is None else carrier.response

    def documentation_on(self, carrier: Carrier) -> str | None:
        """The page that describes the operation on a carrier."""
        return carrier.documentation or self.documentation
