"""Puts the parts of a spec together: products from their files, the spec from its products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from .bind.files import (
    EnumsFile,
    ErrorsFile,
    ExchangeFile,
    ModelsFile,
    OperationsFile,
    ProductFile,
    StreamsFile,
)
from .bind.product import ProductTitle, RecvWindow
from .dialect.exchange import Credentials, Spec
from .dialect.product import Product
from .dialect.text import Text
from .findings import Code, Findings
from .names import class_name
from .position import Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .folder import ProductParts, SpecParts

__all__ = ["assemble"]


class _Placed(Protocol):
    @property
    def position(self) -> Position: ...


T = TypeVar("T", bound=_Placed)

_NO_TEXT = Text(en="", zh="")


def assemble(parts: SpecParts, findings: Findings) -> Spec:
    """The whole spec. Where a file lacks something necessary, empty stand-ins let the rest be checked nevertheless."""
    exchange = parts.exchange.content if parts.exchange is not None else None
    products = {product.name: _product(product, findings) for product in parts.products}
    position = Position(f"{parts.path}/exchange.yaml", 1, 1)
    if not isinstance(exchange, ExchangeFile):
        exchange = ExchangeFile(
            package="", summary=_NO_TEXT, credentials=Credentials(api_key="", api_secret=""), position=position
        )
    return Spec(
        package=exchange.package,
        summary=exchange.summary,
        credentials=exchange.credentials,
        budgets=exchange.budgets,
        products=products,
        digest=parts.digest,
        position=position,
    )


def _product(parts: ProductParts, findings: Findings) -> Product:
    contents = [part.content for part in parts.parts()]
    models = [content for content in contents if isinstance(content, ModelsFile)]
    streams = [content for content in contents if isinstance(content, StreamsFile)]
    operations = [content for content in contents if isinstance(content, OperationsFile)]
    errors = [content for content in contents if isinstance(content, ErrorsFile)]
    file = next((content for content in contents if isinstance(content, ProductFile)), None) or _stand_in(parts)
    duplicate = Code.DUPLICATE_NAME
    return Product(
        name=parts.name,
        title=file.product.title,
        client=file.product.client,
        documentation=file.product.documentation,
        summary=file.product.summary,
        environments=file.environments,
        routes=file.routes,
        security=file.security,
        api_key_header=file.api_key_header,
        recv_window_ms=file.recv_window.default_ms,
        max_recv_window_ms=file.recv_window.maximum_ms,
        weight_budget=file.weight_budget,
        budgets=file.budgets,
        groups=file.groups,
        clock=file.clock,
        user_data=file.user_data,
        order_book=file.order_book,
        ws_session=file.ws_session,
        connections=file.connections,
        glossary=file.glossary,
        suppress=file.suppress,
        enums=next((content.enums for content in contents if isinstance(content, EnumsFile)), {}),
        models=_merged("the model", [content.models for content in models], duplicate, findings),
        inputs=_merged("the input", [content.inputs for content in models], duplicate, findings),
        operations=_merged(
            "the operation", [content.operations for content in operations], Code.DUPLICATE_OPERATION, findings
        ),
        streams=_merged("the stream", [content.streams for content in streams], duplicate, findings),
        events=_merged("the event", [content.events for content in streams], duplicate, findings),
        errors=[error for content in errors for error in content.errors],
        http_errors=[error for content in errors for error in content.http_errors],
        position=file.position,
    )


def _merged(noun: str, sections: Iterable[Mapping[str, T]], code: Code, findings: Findings) -> dict[str, T]:
    merged: dict[str, T] = {}
    for section in sections:
        for name, thing in section.items():
            first = merged.setdefault(name, thing)
            if first is not thing:
                findings.add(thing.position, code, f"{noun} '{name}' is described in {first.position} already")
    return merged


def _stand_in(parts: ProductParts) -> ProductFile:
    position = Position(f"{parts.path}/product.yaml", 1, 1)
    title = ProductTitle(title=parts.name, client=class_name(parts.name), documentation="", summary=_NO_TEXT)
    return ProductFile(
        product=title,
        environments={},
        security={},
        api_key_header="",
        recv_window=RecvWindow(default_ms=0, maximum_ms=0, position=position),
        weight_budget="",
        budgets=[],
        groups={},
        position=position,
    )
