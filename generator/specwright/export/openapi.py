"""OpenAPI 3.1: the operations of a product over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..spec.bind.errors import ERROR, HTTP_ERROR
from ..spec.bind.operations import REST
from ..spec.dialect.types import ByPresence, ListOf, MapOf, Named
from ..spec.written import written, written_value
from ..spec.written_files import written_files, written_product
from .said import Json, call_of, extensions, page_of, reference, summary_of, tags_of, texts_of
from .schemas import ERROR_REPLY, Schemas, param_texts

if TYPE_CHECKING:
    from ..spec.dialect.exchange import Spec
    from ..spec.dialect.operations import Carrier, Operation
    from ..spec.dialect.params import Param
    from ..spec.dialect.product import Product
    from ..spec.dialect.text import Example
    from ..spec.written import YamlData

__all__ = ["openapi_document"]

_OPERATION_KEYS: Final = ("retry", "rules", "resolve", "since", "deprecated", "renamed_from", "suppress")
_REST_KEYS: Final = ("params", "without", "response", "documentation")
_AUTHENTICATION: Final[Json] = {
    "timestamp": {
        "name": "timestamp",
        "in": "query",
        "required": True,
        "description": "When the request was made, in milliseconds.",
        "schema": {"type": "integer", "format": "int64"},
    },
    "recvWindow": {
        "name": "recvWindow",
        "in": "query",
        "description": "How long the request stays valid, in milliseconds.",
        "schema": {"type": "integer", "format": "int64"},
    },
    "signature": {
        "name": "signature",
        "in": "query",
        "required": True,
        "description": "Signs all that is sent before it.",
        "schema": {"type": "string"},
    },
}
"""What a signed request carries beside the parameters of its operation."""


def openapi_document(spec: Spec, product: Product) -> Json:
    """The whole document. What OpenAPI has no words for stands in `x-` fields, so that nothing of the spec is lost."""
    schemas = Schemas(product)
    paths: dict[str, Json] = {}
    for operation in product.operations.values():
        if operation.rest is not None and operation.rest.path is not None:
            item = paths.setdefault(operation.rest.path, {})
            item[operation.rest.method.lower()] = _operation(product, operation, operation.rest, schemas)
    elsewhere: Json = {
        "x-operations": {
            name: _with_group(written(operation), operation.group)
            for name, operation in product.operations.items()
            if operation.rest is None
        },
        "x-streams": {name: _with_group(written(stream), stream.group) for name, stream in product.streams.items()},
        "x-events": {name: _with_group(written(event), event.group) for name, event in product.events.items()},
    }
    signed = any(security.signed for security in product.security.values())
    return {
        "openapi": "3.1.0",
        "info": {"title": product.title, "version": spec.digest[:12], **summary_of(product.summary)},
        "externalDocs": {"url": product.documentation},
        "servers": [{"url": each.rest, "x-name": name} for name, each in product.environments.items()],
        "tags": tags_of(product),
        "paths": paths,
        "components": {
            "schemas": schemas.components(all_of_them=True),
            **({"parameters": _AUTHENTICATION} if signed else {}),
            "securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": product.api_key_header}},
        },
        "x-product": _product(product),
        "x-exchange": written_files(spec)["exchange.yaml"],
        **{name: entries for name, entries in elsewhere.items() if entries},
    }


def _product(product: Product) -> Json:
    """Everything of product.yaml and errors.yaml."""
    said: Json = {"name": product.name, **written_product(product)}
    for name, entry, things in (("errors", ERROR, product.errors), ("http_errors", HTTP_ERROR, product.http_errors)):
        if things:
            said[name] = [written_value(entry, each) for each in things]
    return said


def _with_group(entry: YamlData, group: str) -> Json:
    assert isinstance(entry, dict)
    return {**entry, "x-group": group}


def _operation(product: Product, operation: Operation, rest: Carrier, schemas: Schemas) -> Json:
    security = product.security[operation.security]
    parameters = [_parameter(param, schemas) for param in operation.params_on(rest)]
    if security.signed:
        parameters += [reference("parameters", name) for name in _AUTHENTICATION]
    return {
        "operationId": operation.id,
        "tags": [operation.group],
        **texts_of(operation),
        **page_of(product, operation.documentation_on(rest)),
        **({} if operation.deprecated is None else {"deprecated": True}),
        "security": [{"ApiKey": []}] if security.api_key else [],
        **({"parameters": parameters} if parameters else {}),
        "responses": _responses(operation, rest, schemas),
        **({"x-response": written(operation.response)} if isinstance(operation.response, ByPresence) else {}),
        "x-security": operation.security,
        **call_of(operation, rest, _OPERATION_KEYS),
        **_own(rest),
        **({} if operation.ws is None else {"x-ws": _ws(operation)}),
    }


def _own(rest: Carrier) -> Json:
    """What this carrier says otherwise than the operation."""
    said = extensions(REST, rest, _REST_KEYS)
    return {"x-rest": {name.removeprefix("x-"): value for name, value in said.items()}} if said else {}


def _ws(operation: Operation) -> YamlData:
    """The carrier over the WebSocket API, as the spec writes it."""
    entry = written(operation)
    assert isinstance(entry, dict)
    ws: YamlData = entry["ws"]
    return ws


def _parameter(param: Param, schemas: Schemas) -> Json:
    schema = schemas.of_param(param)
    # Lists and objects are sent as the text of their JSON.
    is_json = isinstance(param.type, ListOf | MapOf) or (
        isinstance(param.type, Named) and param.type.name in schemas.product.inputs
    )
    return {
        "name": param.wire,
        "in": "query",
        **({"required": True} if param.required else {}),
        **({"content": {"application/json": {"schema": schema}}} if is_json else {"schema": schema}),
        **param_texts(param),
    }


def _responses(operation: Operation, rest: Carrier, schemas: Schemas) -> Json:
    schema = schemas.of_reply(operation.response_on(rest))
    good: Json = {"schema": schema, **_examples(rest.examples or operation.examples)}
    return {
        "200": {"description": operation.summary.en, "content": {"application/json": good}},
        "default": {
            "description": "The request was refused, or its fate is not known.",
            "content": {"application/json": {"schema": reference("schemas", ERROR_REPLY)}},
        },
    }


def _examples(examples: list[Example]) -> Json:
    if not examples:
        return {}
    if len(examples) == 1 and examples[0].title is None and examples[0].present is None:
        return {"example": examples[0].value}
    listed: Json = {}
    for index, example in enumerate(examples):
        said = {"summary": example.title, "x-title": example.title, "x-present": example.present}
        told = {name: value for name, value in said.items() if value is not None}
        listed[f"example_{index + 1}"] = {"value": example.value, **told}
    return {"examples": listed}
