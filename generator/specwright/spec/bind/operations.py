"""Operations and their carriers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import define

from ..dialect.operations import Carrier, Operation, Paging, Resolution
from .params import PARAMS
from .rules import RULES
from .scalars import BOOLEAN, DURATION, INTEGER, PYTHON_NAME, WORD, Choice
from .shape import Entry, Key, ListOf, MapOf, keys
from .text import DEPRECATED, DOCUMENTATION, EXAMPLE_KEYS, SUPPRESS, TEXT, renamed_from
from .types import RESPONSE
from .weights import WEIGHT

if TYPE_CHECKING:
    from ..dialect.operations import Retry
    from ..position import Position

__all__ = ["HTTP_METHODS", "OPERATIONS"]

HTTP_METHODS: Final = ("GET", "POST", "PUT", "DELETE")

_SHARED_CARRIER_KEYS: Final = (
    Key("weight", WEIGHT, required=True, says="What a call draws on the product's weight budget."),
    Key("weight_assumed", BOOLEAN, says="No source states the weight."),
    Key(
        "costs",
        MapOf("a mapping of budgets to weights", WEIGHT),
        says="What a call draws on other budgets, by their names.",
    ),
    Key("params", PARAMS, says="Parameters that this carrier has of its own, or that differ on it."),
    Key(
        "without",
        ListOf("a list of parameters", WORD, lone_item=True),
        says="Shared parameters that this carrier does not have.",
    ),
    Key("response", RESPONSE, says="The type of this carrier's reply, where it differs."),
    *EXAMPLE_KEYS,
    Key("documentation", WORD, says="The page of this carrier, relative to the product's documentation address."),
)

REST: Final = Entry(
    noun="a REST carrier",
    build=Carrier,
    keys=keys(
        Key("method", Choice(HTTP_METHODS), required=True, says="The HTTP method."),
        Key("path", WORD, required=True, says="The path on the REST host."),
        *_SHARED_CARRIER_KEYS,
    ),
)

WS: Final = Entry(
    noun="a WebSocket API carrier",
    build=Carrier,
    keys=keys(
        Key("method", WORD, required=True, says="The name of the WebSocket API method."),
        *_SHARED_CARRIER_KEYS,
    ),
)


@define
class _ById:
    param: str
    field: str


@define
class _ByTime:
    field: str
    start: str | None = None
    end: str | None = None
    window_ms: int | None = None
    reach_ms: int | None = None


def _paging(
    *,
    position: Position,
    limit: str | None = None,
    id: _ById | None = None,
    time: _ByTime | None = None,
    items: str | None = None,
    order: str = "ascending",
) -> Paging:
    return Paging(
        limit=limit,
        id_param=id.param if id else None,
        id_field=id.field if id else None,
        start_param=time.start if time else None,
        end_param=time.end if time else None,
        time_field=time.field if time else None,
        window_ms=time.window_ms if time else None,
        reach_ms=time.reach_ms if time else None,
        items=items,
        order=order,  # type: ignore[arg-type]  # The key takes these words only.
        position=position,
    )


PAGING: Final = Entry(
    noun="a description of paging",
    build=_paging,
    keys=keys(
        Key("limit", WORD, says="Wire name of the parameter that bounds a page."),
        Key(
            "id",
            Entry(
                noun="paging by id",
                build=_ById,
                placed=False,
                keys=keys(
                    Key("param", WORD, required=True, says="Wire name of the parameter that a page starts from."),
                    Key("field", WORD, required=True, says="Wire name of the item's field that goes into it."),
                ),
            ),
            says="How a walk by ids goes.",
        ),
        Key(
            "time",
            Entry(
                noun="paging by time",
                build=_ByTime,
                placed=False,
                keys=keys(
                    Key("start", WORD, says="Wire name of the parameter of the first time."),
                    Key("end", WORD, says="Wire name of the parameter of the last time."),
                    Key("field", WORD, required=True, says="Wire name of the item's time."),
                    Key("window", DURATION, attribute="window_ms", says="The longest distance of start and end."),
                    Key("reach", DURATION, attribute="reach_ms", says="How far back data goes."),
                ),
            ),
            says="How a walk by times goes.",
        ),
        Key("items", WORD, says="Wire name of the response's field that holds the list."),
        Key("order", Choice(("ascending", "descending")), says="How the items of a page are sorted."),
    ),
)

RESOLUTION: Final = Entry(
    noun="a resolution",
    build=Resolution,
    keys=keys(
        Key("operation", WORD, required=True, says="The operation that is asked."),
        Key(
            "params",
            MapOf("a mapping of parameters", WORD),
            required=True,
            says="Parameter of the asking operation → parameter of the lost call.",
        ),
        Key(
            "absent",
            ListOf("a list of error codes", INTEGER, lone_item=True),
            required=True,
            says="Error codes that say that the exchange never had it.",
        ),
        Key("status", WORD, says="Wire name of the reply's field that tells how far it went."),
        Key(
            "filled",
            ListOf("a list of values", WORD, lone_item=True),
            says="Values of that field that mean: executed in full.",
        ),
    ),
)


def _operation(*, rest: Carrier | None = None, retry: Retry | None = None, **values: Any) -> Operation:
    if retry is None:
        retry = "safe" if rest is not None and rest.method == "GET" else "never"
    return Operation(rest=rest, retry=retry, **values)


OPERATION: Final = Entry(
    noun="an operation",
    build=_operation,
    name_attribute="id",
    group_attribute="group",
    keys=keys(
        Key("summary", TEXT, required=True, says="One plain sentence."),
        Key("description", TEXT, says="What a caller should know beyond the summary: limits, reach, side effects."),
        DOCUMENTATION,
        Key("security", WORD, required=True, says="One of the product's security types."),
        Key(
            "retry",
            Choice(("safe", "never")),
            says="Whether a failed call may be repeated; GET may by default, all else not.",
        ),
        Key("rest", REST, says="How it travels over REST."),
        Key("ws", WS, says="How it travels over the WebSocket API."),
        Key("params", PARAMS, says="Wire name → parameter."),
        Key("rules", RULES, says="What holds between the parameters."),
        Key("pages", PAGING, says="How a walk over all pages goes."),
        Key("resolve", RESOLUTION, says="How to find out what became of a call whose reply was lost."),
        Key("response", RESPONSE, says="The type of the reply; without it an empty object."),
        *EXAMPLE_KEYS,
        Key("since", WORD, says="Since which day it exists."),
        DEPRECATED,
        renamed_from("Its former ids, which keep working."),
        SUPPRESS,
    ),
)

OPERATIONS: Final = MapOf("a mapping of operations", OPERATION, name=PYTHON_NAME)
