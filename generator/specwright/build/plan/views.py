"""What templates are given: plain values, every decision already made."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVarTuple, Unpack

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..imports import ImportBlock

__all__ = [
    "ConstantView",
    "DescriptorsView",
    "EnumsView",
    "ErrorClassView",
    "ErrorsView",
    "FieldView",
    "GroupAttributeView",
    "LazyPackageView",
    "MethodView",
    "MethodsView",
    "ModelView",
    "ModelsView",
    "ModuleView",
    "ParamsView",
    "PlannedFile",
    "StreamMethodView",
    "StreamsView",
    "TypedDictView",
    "UserDataView",
]


@frozen(kw_only=True)
class ModuleView:
    """What every generated module has."""

    source: str
    """The spec file that it comes from, relative to the spec folder."""
    docstring: str
    imports: ImportBlock


Given = TypeVarTuple("Given")


@frozen(eq=False, slots=False)
class PlannedFile:
    """A file before it is rendered: its path below the package, its template, and what the template is given.

    What the template is given is decided when it is first asked for.
    """

    path: str
    template: str
    given: tuple[object, ...]
    """What the view is made from: all of it, but that products and `Types` are looked up in on the way."""
    _make: Callable[[], ModuleView]

    @classmethod
    def of(cls, path: str, template: str, make: Callable[[Unpack[Given]], ModuleView], *given: *Given) -> PlannedFile:
        """A file whose view is `make(*given)`; `make` is a function of its arguments alone."""
        return cls(path, template, given, lambda: make(*given))

    @cached_property
    def view(self) -> ModuleView:
        """What the template is given, every decision made."""
        return self._make()


@frozen(kw_only=True)
class ConstantView:
    """An assignment at module level, laid out, with what is said of it below."""

    name: str
    statement: str
    docstring: str | None = None


@frozen(kw_only=True)
class EnumsView(ModuleView):
    enums: list[ConstantView]
    former: list[str]
    """Assignments of former names, which only type checkers see."""
    hooks: str | None
    """The assignment of `__getattr__` and `__dir__`, where there are former names."""


@frozen(kw_only=True)
class FieldView:
    declaration: str
    docstring: str | None


@frozen(kw_only=True)
class FormerView:
    """A former name of an attribute: a property that warns and gives the attribute."""

    name: str
    annotation: str
    now: str


@frozen(kw_only=True)
class ModelView:
    name: str
    decorator: str
    docstring: str
    fields: list[FieldView]
    former: list[FormerView]


@frozen(kw_only=True)
class ModelsView(ModuleView):
    models: list[ModelView]
    unions: list[ConstantView]


@frozen(kw_only=True)
class TypedDictView:
    name: str
    docstring: str
    fields: list[FieldView]


@frozen(kw_only=True)
class ParamsView(ModuleView):
    aliases: list[ConstantView]
    dictionaries: list[TypedDictView]


@frozen(kw_only=True)
class DescriptorsView(ModuleView):
    constants: list[ConstantView]


@frozen(kw_only=True)
class MethodView:
    """One operation on one carrier: a class whose instances are called."""

    class_name: str
    base: str
    docstring: str
    operation: str
    overloads: list[str]
    signature: str
    call_docstring: str
    call: str
    raw_signature: str
    raw_call: str
    iter_signature: str | None


@frozen(kw_only=True)
class GroupAttributeView:
    name: str
    class_name: str
    docstring: str


@frozen(kw_only=True)
class MethodsView(ModuleView):
    methods: list[MethodView]
    group_class: str
    group_base: str
    group_docstring: str
    caller: str
    attributes: list[GroupAttributeView]
    former: list[FormerView]


@frozen(kw_only=True)
class StreamMethodView:
    signature: str
    docstring: str
    call: str


@frozen(kw_only=True)
class StreamsView(ModuleView):
    constants: list[ConstantView]
    class_name: str
    class_bases: str
    class_docstring: str
    listed: str | None
    """The statement that names the streams of the class; None: it has those of its only base."""
    methods: list[StreamMethodView]


@frozen(kw_only=True)
class UserDataView(ModuleView):
    alias: str
    events: str


@frozen(kw_only=True)
class ErrorClassView:
    name: str
    base: str
    docstring: str


@frozen(kw_only=True)
class ErrorsView(ModuleView):
    exported: str
    classes: list[ErrorClassView]
    aliases: list[str]
    """Assignments of second names to classes."""
    codes: str
    http: str


@frozen(kw_only=True)
class LazyPackageView(ModuleView):
    """A package whose names are imported when they are first used."""

    exported: str
    hooks: str
    """The assignment of `__getattr__` and `__dir__`."""
    extra: list[ConstantView]
    former: list[str]
    """Assignments of former names, which only type checkers see."""


@frozen(kw_only=True)
class ReexportView(ModuleView):
    """A module that only gives other modules' names."""

    exported: str


@frozen(kw_only=True)
class ProductView(ModuleView):
    product: ConstantView


@frozen(kw_only=True)
class LazyAttributeView:
    """A group of the client: imported and made when it is first used."""

    name: str
    class_name: str
    module: str
    argument: str
    docstring: str


@frozen(kw_only=True)
class WsApiView(ModuleView):
    base: str
    groups: list[LazyAttributeView]


@frozen(kw_only=True)
class ClientView(ModuleView):
    name: str
    async_name: str
    docstring_of_sync: str
    docstring_of_async: str
    environments: str
    default_environment: str
    sync_groups: list[LazyAttributeView]
    async_groups: list[LazyAttributeView]
    services: list[LazyAttributeView]
    has_user_data: bool
    has_order_book: bool
