"""What replies and payloads consist of, for references to their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialect.types import ByPresence, ListOf, MapOf, Named, ResultOrError
from ..dialect.vocabulary import Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..dialect.types import Response
    from ..dialect.vocabulary import Field
    from ..findings import Code
    from .scope import Scope

__all__ = ["field_of", "item_model", "names_in", "object_model"]


def object_model(scope: Scope, response: Response | None) -> Model | None:
    """The model of a reply that is one object (or one positional array); None where it is something else or unknown."""
    if isinstance(response, Named):
        named = scope.types.get(response.name)
        return named if isinstance(named, Model) else None
    return None


def item_model(scope: Scope, response: Response | None) -> Model | None:
    """The model of the items of a reply that is a list; of one that is an object, its own."""
    if isinstance(response, ByPresence):
        return item_model(scope, response.absent) or item_model(scope, response.present)
    if isinstance(response, ListOf):
        return item_model(scope, response.item)
    if isinstance(response, ResultOrError):
        return item_model(scope, response.result)
    return object_model(scope, response)


def field_of(scope: Scope, model: Model, wire: str, thing: object, path: tuple[str, ...], code: Code) -> Field | None:
    """The field of a model that `thing` refers to at `path`; a finding is noted where there is none."""
    found = next((field for field in model.fields if field.wire == wire), None)
    if found is None and not scope.is_damaged(model):
        names = [field.wire for field in model.fields]
        message = f"'{model.name}' has no field '{wire}'"
        scope.findings.add(scope.at(thing, *path), code, message, wrong=wire, candidates=names)
    return found


def names_in(type_: Response | None) -> Iterator[Named]:
    """All names that a type refers to."""
    match type_:
        case Named():
            yield type_
        case ListOf():
            yield from names_in(type_.item)
        case MapOf():
            yield from names_in(type_.value)
        case ResultOrError():
            yield from names_in(type_.result)
        case ByPresence():
            yield from names_in(type_.present)
            yield from names_in(type_.absent)
