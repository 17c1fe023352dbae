"""Tells a reply from JSON that is something else: a lenient reader makes a reply of either.

Fields may be unknown, missing or of another type, as long as lists are lists, objects are objects, and an object has at
least one of the fields that it should have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..drift import json_type
from ..errors import DecodeError
from ..wire import ListOf, MapOf, ResultOrError, Scalar, Tagged, describe, resolve

if TYPE_CHECKING:
    from ..model import Model
    from ..wire import JsonValue, WireType

__all__ = ["check_shape"]


def check_shape(document: JsonValue, wire_type: WireType, namespace: str, path: str = "$") -> None:
    """Refuses what is no such reply.

    Args:
        document: JSON without a type.
        wire_type: What it should be.
        namespace: Import name of the product's package.
        path: JSON path of the document.

    Raises:
        DecodeError: It is of another shape; says where.
    """
    match wire_type:
        case Scalar():
            return
        case ListOf(item=item):
            if not isinstance(document, list):
                raise _another_shape(document, wire_type, path)
            for index, each in enumerate(document):
                check_shape(each, item, namespace, f"{path}[{index}]")
        case MapOf(value=inner):
            if not isinstance(document, dict):
                raise _another_shape(document, wire_type, path)
            for key, each in document.items():
                check_shape(each, inner, namespace, f"{path}[{key}]")
        case ResultOrError(result=result):
            if not (isinstance(document, dict) and "code" in document and "msg" in document):
                check_shape(document, result, namespace, path)
        case Tagged():
            if not isinstance(document, dict):
                raise _another_shape(document, wire_type, path)
        case name:
            found = resolve(name, namespace)
            if isinstance(found, Tagged):
                check_shape(document, found, namespace, path)
            else:
                _check_model(document, found, path)


def _check_model(document: JsonValue, model: type[Model], path: str) -> None:
    layout = model.__wire__
    if not isinstance(document, list if layout.array else dict):
        raise _another_shape(document, model.__name__, path)
    if isinstance(document, dict):
        has_one = any(field.wire in document for field in layout.fields)
        if not has_one and not all(field.optional for field in layout.fields):
            raise DecodeError(f"expected {model.__name__}, found an object with none of its fields", path=path)


def _another_shape(document: JsonValue, expected: WireType, path: str) -> DecodeError:
    return DecodeError(f"expected {describe(expected)}, found {json_type(document)}", path=path)
