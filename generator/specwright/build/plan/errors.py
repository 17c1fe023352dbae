"""The `errors` module of a product: one class a documented error, and the tables that lead to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import Factory, define

from ...runtime import errors as hierarchy
from ...spec.names import class_name
from ..imports import Imports, sorted_exports
from ..layout import Node, call, list_of, literal, mapping, statement, string_literal, tuple_of
from ..prose import display_width, docstring, sentence, wrap
from .views import ErrorClassView, ErrorsView, PlannedFile, ReexportView

if TYPE_CHECKING:
    from ...spec.model import ErrorCode, ErrorKind, HttpError, Product, Text

__all__ = ["BASE_ERRORS", "ErrorNames", "plan_base_errors", "plan_errors"]

BASE_ERRORS = tuple(name for name in hierarchy.__all__ if isinstance(getattr(hierarchy, name), type))
"""The classes that every product shares."""

_DOCSTRING_ROOM = 120 - 4 - 6


@define
class ErrorNames:
    """Gives every documented error its class; the same name and kind is the same class."""

    taken: dict[str, ErrorKind] = Factory(dict)

    def name(self, documented: str, kind: ErrorKind, number: int) -> str:
        """`BAD_SYMBOL` → `BadSymbol`; a name that the hierarchy has gets `Error`, one of another kind its number."""
        name = class_name(documented)
        if name in BASE_ERRORS:
            name += "Error"
        if self.taken.setdefault(name, kind) != kind:
            name += str(abs(number))
            self.taken[name] = kind
        return name


def plan_base_errors() -> PlannedFile:
    """Plans the package's `errors` module: the hierarchy that all products share."""
    imports = Imports(("errors",))
    for name in BASE_ERRORS:
        imports.local(("_runtime", "errors"), name)
    view = ReexportView(
        source="exchange.yaml",
        docstring=docstring(
            ["The errors that all products share; a product's `errors` has one more for each code."], indent=0
        ),
        imports=imports.block(),
        exported=statement("__all__ = ", list_of(map(string_literal, sorted_exports(BASE_ERRORS)), open_always=True)),
    )
    return PlannedFile("errors.py", "reexport.py.jinja", view)


def plan_errors(product: Product) -> PlannedFile:
    """Plans a product's errors."""
    imports = Imports((product.name, "errors"))
    names = ErrorNames()
    classes: dict[str, list[tuple[str, str]]] = {}
    kinds: dict[str, ErrorKind] = {}

    def place(error: ErrorCode | HttpError, number: int, said: tuple[str, str]) -> str:
        name = names.name(error.name, error.kind, number)
        classes.setdefault(name, []).append(said)
        kinds[name] = error.kind
        return string_literal(name)

    codes = [
        (
            str(error.code),
            _code(error, place(error, error.code, _said(str(error.code), error.name, error.summary)), imports),
        )
        for error in product.errors
    ]
    http = [
        _http(error, place(error, error.status, _said(f"HTTP {error.status}", error.name, error.summary)), imports)
        for error in product.http_errors
    ]
    for name in BASE_ERRORS:
        imports.local(("_runtime", "errors"), name)
    for name in ("ErrorCode", "HttpError"):
        imports.local_type(("_runtime", "product"), name)
    exported = sorted_exports([*BASE_ERRORS, *classes, "ERRORS", "HTTP_ERRORS"])
    types = imports.standard_type("collections.abc", "Mapping")
    view = ErrorsView(
        source=f"{product.name}/errors.yaml",
        docstring=docstring([f"The errors of {product.title}: one class for each documented code."], indent=0),
        exported=statement("__all__ = ", list_of(map(string_literal, exported), open_always=True)),
        classes=[
            ErrorClassView(
                name=name,
                base=hierarchy.KINDS[kinds[name]].__name__,
                docstring=docstring(_paragraphs(said), indent=4),
            )
            for name, said in classes.items()
        ],
        codes=statement(f"ERRORS: {types}[int, ErrorCode] = ", mapping(codes, open_always=True)),
        http=statement("HTTP_ERRORS: tuple[HttpError, ...] = ", tuple_of(http)),
        imports=imports.block(),
    )
    return PlannedFile(f"{product.name}/errors.py", "errors.py.jinja", view)


def _code(error: ErrorCode, name: str, imports: Imports) -> Node:
    facts = [string_literal(error.name), name, string_literal(error.kind), string_literal(error.execution)]
    return call(imports.local(("_runtime", "product"), "ErrorCode"), str(error.code), *facts)


def _http(error: HttpError, name: str, imports: Imports) -> Node:
    facts = [string_literal(error.name), name, string_literal(error.kind), string_literal(error.execution)]
    status, message = str(error.status), literal(error.message)
    return call(imports.local(("_runtime", "product"), "HttpError"), status, message, *facts)


def _said(number: str, name: str, summary: Text) -> tuple[str, str]:
    return f"{number} `{name}`: {sentence(summary.en)}", sentence(summary.zh)


def _paragraphs(said: list[tuple[str, str]]) -> list[str]:
    """One line where that is all and fits, else the Chinese below the English."""
    line = " ".join(said[0])
    if len(said) == 1 and display_width(line) <= _DOCSTRING_ROOM:
        return [line]
    lines: list[str] = []
    for english, chinese in said:
        lines += [*([""] if lines else []), *wrap(english, _DOCSTRING_ROOM), "", *wrap(chinese, _DOCSTRING_ROOM)]
    return lines
