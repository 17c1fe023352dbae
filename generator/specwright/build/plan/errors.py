"""The `errors` module of a product: one class a documented error, and the tables that lead to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...runtime import errors as hierarchy
from ...spec.names import class_name
from ..imports import Imports, sorted_exports
from ..layout import Node, call, list_of, literal, mapping, statement, string_literal, tuple_of
from ..prose import display_width, docstring, sentence, wrap
from .views import ErrorClassView, ErrorsView, PlannedFile, ReexportView

if TYPE_CHECKING:
    from ...spec.dialect.errors import ErrorCode, HttpError
    from ...spec.dialect.product import Product

__all__ = ["BASE_ERRORS", "plan_base_errors", "plan_errors"]

BASE_ERRORS = tuple(name for name in hierarchy.__all__ if isinstance(getattr(hierarchy, name), type))
"""The classes that every product shares."""

_DOCSTRING_ROOM = 120 - 4 - 6


def plan_base_errors() -> PlannedFile:
    """Plans the package's `errors` module: the hierarchy that all products share."""
    return PlannedFile.of("errors.py", "reexport.py.jinja", _base_errors)


def _base_errors() -> ReexportView:
    imports = Imports(("errors",))
    for name in BASE_ERRORS:
        imports.local(("_runtime", "errors"), name)
    return ReexportView(
        source="exchange.yaml",
        docstring=docstring(
            ["The errors that all products share; a product's `errors` has one more for each code."], indent=0
        ),
        imports=imports.block(),
        exported=statement("__all__ = ", list_of(map(string_literal, sorted_exports(BASE_ERRORS)), open_always=True)),
    )


def plan_errors(product: Product) -> PlannedFile:
    """Plans a product's errors."""
    return PlannedFile.of(f"{product.name}/errors.py", "errors.py.jinja", _errors, product)


def _errors(product: Product) -> ErrorsView:
    imports = Imports((product.name, "errors"))
    codes = [(str(error.code), _code(error, imports)) for error in product.errors]
    http = [_http(error, imports) for error in product.http_errors]
    classes = [_class(error, str(error.code)) for error in product.errors]
    classes += [_class(error, f"HTTP {error.status}") for error in product.http_errors]
    aliases = {class_name(error.alias): class_name(error.name) for error in product.errors if error.alias}
    for name in BASE_ERRORS:
        imports.local(("_runtime", "errors"), name)
    for name in ("ErrorCode", "HttpError"):
        imports.local_type(("_runtime", "product"), name)
    names = [*BASE_ERRORS, *(error.name for error in classes), *aliases]
    exported = sorted_exports([*names, "ERRORS", "HTTP_ERRORS"])
    types = imports.standard_type("collections.abc", "Mapping")
    return ErrorsView(
        source=f"{product.name}/errors.yaml",
        docstring=docstring([f"The errors of {product.title}: one class for each documented code."], indent=0),
        exported=statement("__all__ = ", list_of(map(string_literal, exported), open_always=True)),
        classes=classes,
        aliases=[f"{alias} = {name}" for alias, name in aliases.items()],
        codes=statement(f"ERRORS: {types}[int, ErrorCode] = ", mapping(codes, open_always=True)),
        http=statement("HTTP_ERRORS: tuple[HttpError, ...] = ", tuple_of(http)),
        imports=imports.block(),
    )


def _class(error: ErrorCode | HttpError, number: str) -> ErrorClassView:
    """Its documentation is one line where that fits, else the Chinese stands below the English."""
    english = f"{number} `{error.name}`: {sentence(error.summary.en)}"
    chinese = sentence(error.summary.zh)
    lines = [f"{english} {chinese}"]
    if display_width(lines[0]) > _DOCSTRING_ROOM:
        lines = [*wrap(english, _DOCSTRING_ROOM), "", *wrap(chinese, _DOCSTRING_ROOM)]
    return ErrorClassView(
        name=class_name(error.name),
        base=hierarchy.KINDS[error.kind].__name__,
        docstring=docstring(lines, indent=4),
    )


def _code(error: ErrorCode, imports: Imports) -> Node:
    return call(imports.local(("_runtime", "product"), "ErrorCode"), str(error.code), *_facts(error))


def _http(error: HttpError, imports: Imports) -> Node:
    status, message = str(error.status), literal(error.message)
    return call(imports.local(("_runtime", "product"), "HttpError"), status, message, *_facts(error))


def _facts(error: ErrorCode | HttpError) -> list[str]:
    return [string_literal(fact) for fact in (error.name, class_name(error.name), error.kind, error.execution)]
