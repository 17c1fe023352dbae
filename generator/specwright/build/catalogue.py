"""The catalogue: everything that a spec describes, one row for each way to reach it, for people and for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

from ..spec.dialect.types import ByPresence, Response, TypeExpression
from ..spec.dialect.weights import FixedWeight, Weight, WeightByPresence, WeightByValue
from ..spec.flow import flow
from ..spec.names import python_name
from ..spec.written import written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..spec.dialect.exchange import Spec
    from ..spec.dialect.operations import Carrier, Operation
    from ..spec.dialect.params import Param
    from ..spec.dialect.product import Product
    from ..spec.dialect.streams import Event, Stream

__all__ = ["Row", "RowParam", "Transport", "catalogue"]

Transport: TypeAlias = Literal["rest", "ws_api", "stream", "event"]
WeightData: TypeAlias = "int | dict[str, str | int | dict[str, int]] | None"
ResponseData: TypeAlias = "str | dict[str, dict[str, str]] | None"


class RowParam(TypedDict):
    wire: str
    python: str
    type: str
    """As the spec writes it: `decimal`, `OrderSide`, `[NewOrderItem]`."""
    required: bool


class Row(TypedDict):
    """One way to reach one operation, one stream, or one event."""

    product: str
    id: str
    group: str
    transport: Transport
    method: str | None
    """HTTP method."""
    path: str | None
    wire: str | None
    """WebSocket API method, stream pattern or event name."""
    security: str | None
    weight: WeightData
    python: str
    """The dotted attribute on the client."""
    params: list[RowParam]
    response: ResponseData


def catalogue(spec: Spec) -> list[Row]:
    """The rows of all products, in the spec's order: operations, streams, events."""
    rows: list[Row] = []
    for product in spec.products.values():
        for operation in product.operations.values():
            rows += _operation(product, operation)
        rows += [_stream(product, stream) for stream in product.streams.values()]
        rows += [_event(product, event) for event in product.events.values()]
    return rows


def _operation(product: Product, operation: Operation) -> Iterable[Row]:
    attribute = f"{operation.group}.{operation.id}"
    if operation.rest is not None:
        yield _carried(product, operation, operation.rest, "rest", attribute)
    if operation.ws is not None:
        yield _carried(product, operation, operation.ws, "ws_api", f"ws_api.{attribute}")


def _carried(product: Product, operation: Operation, carrier: Carrier, transport: Transport, attribute: str) -> Row:
    return Row(
        product=product.name,
        id=operation.id,
        group=operation.group,
        transport=transport,
        method=carrier.method if transport == "rest" else None,
        path=carrier.path,
        wire=carrier.method if transport == "ws_api" else None,
        security=operation.security,
        weight=_weight(carrier.weight),
        python=attribute,
        params=[_param(param) for param in operation.params_on(carrier)],
        response=_response(operation.response_on(carrier)),
    )


def _stream(product: Product, stream: Stream) -> Row:
    return Row(
        product=product.name,
        id=stream.id,
        group=stream.group,
        transport="stream",
        method=None,
        path=None,
        wire=stream.pattern,
        security=None,
        weight=None,
        python=f"streams.{stream.id}",
        params=[_param(param) for param in stream.params],
        response=_type(stream.payload),
    )


def _event(product: Product, event: Event) -> Row:
    return Row(
        product=product.name,
        id=event.wire,
        group=event.group,
        transport="event",
        method=None,
        path=None,
        wire=event.wire,
        security=None,
        weight=None,
        python="user_data",
        params=[],
        response=_type(event.payload),
    )


def _param(param: Param) -> RowParam:
    return RowParam(wire=param.wire, python=python_name(param), type=_type(param.type), required=param.required)


def _type(expression: TypeExpression) -> str:
    """As the spec writes it."""
    return flow(written(expression))


def _response(response: Response | None) -> ResponseData:
    if response is None:
        return None
    if isinstance(response, ByPresence):
        return {
            "with": {response.param: _type(response.present)},
            "without": {response.param: _type(response.absent)},
        }
    return _type(response)


def _weight(weight: Weight) -> WeightData:
    match weight:
        case FixedWeight():
            return weight.weight
        case WeightByValue():
            rule: dict[str, str | int | dict[str, int]] = {"by": weight.param}
            if weight.up_to:
                rule["up_to"] = {str(bound): cost for bound, cost in weight.up_to.items()}
            if weight.values:
                rule["values"] = dict(weight.values)
            if weight.above is not None:
                rule["above"] = weight.above
            if weight.otherwise is not None:
                rule["otherwise"] = weight.otherwise
            return rule
        case WeightByPresence():
            return {"with": dict(weight.present), "without": weight.absent}
        case _:
            return {"per_item": weight.param, "each": weight.each}
