"""Whether a JSON value fits a type, and where it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeAlias

from attrs import define, field

from ..dialect.types import ListOf, MapOf, Named, ResultOrError, Scalar
from ..dialect.vocabulary import Enum, Input, Model, Union

if TYPE_CHECKING:
    from ..dialect.types import TypeExpression
    from ..dialect.values import JsonValue
    from ..dialect.vocabulary import Field
    from .scope import Scope

__all__ = ["Fitting", "Misfit", "Path", "is_of_kind", "shown_path"]

Path: TypeAlias = tuple[str | int, ...]


@define(frozen=True)
class Misfit:
    """One place where a value is not of its type."""

    path: Path
    """Names and indexes from the document's root."""
    message: str
    at_name: bool = False
    """The name of the last member is what is wrong, not its value."""
    wrong: str | None = None
    candidates: tuple[str, ...] = ()


@define
class Fitting:
    """Compares one JSON value with a type and collects what does not fit, the same mistake of a list's items once."""

    scope: Scope
    misfits: dict[tuple[object, ...], Misfit] = field(factory=dict)

    def fit(self, value: JsonValue, type_: TypeExpression, path: Path = ()) -> None:
        """Compares `value`, which stands at `path`."""
        match type_:
            case Scalar():
                self._fit_scalar(value, type_.kind, path)
            case Named():
                self._fit_named(value, type_.name, path)
            case ListOf():
                if isinstance(value, str) or not isinstance(value, Sequence):
                    self.note(path, f"a list is expected, not {_sort(value)}")
                    return
                for index, item in enumerate(value):
                    self.fit(item, type_.item, (*path, index))
            case MapOf():
                if not isinstance(value, Mapping):
                    self.note(path, f"an object is expected, not {_sort(value)}")
                    return
                for name, member in value.items():
                    self.fit(member, type_.value, (*path, name))
            case ResultOrError():
                if not _is_error(value):
                    self.fit(value, type_.result, path)

    def note(
        self,
        path: Path,
        message: str,
        *,
        at_name: bool = False,
        wrong: str | None = None,
        candidates: tuple[str, ...] = (),
    ) -> None:
        """Notes that what stands at `path` does not fit."""
        general = tuple(None if isinstance(step, int) else step for step in path)
        self.misfits.setdefault((*general, message), Misfit(path, message, at_name, wrong, candidates))

    def _fit_scalar(self, value: JsonValue, kind: str, path: Path) -> None:
        if not is_of_kind(value, kind):
            self.note(path, f"{_EXPECTED[kind]} is expected, not {_sort(value)}")

    def _fit_named(self, value: JsonValue, name: str, path: Path) -> None:
        named = self.scope.types.get(name)
        match named:
            case Enum():
                self._fit_enum(value, named, path)
            case Model() if named.shape == "array":
                self._fit_array(value, named, path)
            case Model():
                self._fit_object(value, named, path)
            case Union():
                self._fit_union(value, named, path)
            case Input() | None:
                pass  # Another finding says that the type is unknown or misplaced.

    def _fit_enum(self, value: JsonValue, enum: Enum, path: Path) -> None:
        if not is_of_kind(value, enum.kind):
            self.note(path, f"{_EXPECTED[enum.kind]} of the enum '{enum.name}' is expected, not {_sort(value)}")
        elif value not in [each.value for each in enum.values] and not self.scope.is_damaged(enum):
            words = tuple(str(each.value) for each in enum.values)
            message = f"'{value}' is not among the values of '{enum.name}'"
            self.note(path, message, wrong=str(value), candidates=words)

    def _fit_object(self, value: JsonValue, model: Model, path: Path) -> None:
        if not isinstance(value, Mapping):
            self.note(path, f"an object ('{model.name}') is expected, not {_sort(value)}")
            return
        if self.scope.is_damaged(model):
            return
        fields = {each.wire: each for each in model.fields}
        for name, member in value.items():
            each = fields.get(name)
            if each is None:
                message = f"'{model.name}' has no field '{name}'"
                free = tuple(wire for wire in fields if wire not in value)
                self.note((*path, name), message, at_name=True, wrong=name, candidates=free)
            else:
                self._fit_field(member, each, (*path, name))
        for each in model.fields:
            if not each.optional and each.wire not in value:
                self.note(path, f"the field '{each.wire}' of '{model.name}' is missing (or 'optional')")

    def _fit_array(self, value: JsonValue, model: Model, path: Path) -> None:
        if isinstance(value, str) or not isinstance(value, Sequence):
            self.note(path, f"a list ('{model.name}') is expected, not {_sort(value)}")
            return
        if self.scope.is_damaged(model):
            return
        necessary = max((index + 1 for index, each in enumerate(model.fields) if not each.optional), default=0)
        if not necessary <= len(value) <= len(model.fields):
            self.note(path, f"'{model.name}' has {len(model.fields)} elements, not {len(value)}")
            return
        for index, (item, each) in enumerate(zip(value, model.fields, strict=False)):
            self._fit_field(item, each, (*path, index))

    def _fit_field(self, value: JsonValue, each: Field, path: Path) -> None:
        if value is None:
            if not each.nullable and not (isinstance(each.type, Scalar) and each.type.kind == "json"):
                self.note(path, f"null is not allowed: '{each.wire}' is not 'nullable'")
        elif value == "" and each.blank:
            pass
        elif value == "" and not _takes_text(self.scope, each.type):
            self.note(path, f"an empty string is not allowed: '{each.wire}' is not 'blank'")
        else:
            self.fit(value, each.type, path)

    def _fit_union(self, value: JsonValue, union: Union, path: Path) -> None:
        if not isinstance(value, Mapping):
            self.note(path, f"an object ('{union.name}') is expected, not {_sort(value)}")
            return
        tag = value.get(union.tag)
        if union.tag not in value:
            self.note(path, f"the field '{union.tag}', which tells the variants of '{union.name}' apart, is missing")
        elif not isinstance(tag, str) or tag not in union.variants:
            if not self.scope.is_damaged(union):
                message = f"'{union.name}' has no variant '{tag}'"
                self.note((*path, union.tag), message, wrong=str(tag), candidates=tuple(union.variants))
        else:
            self._fit_named(value, union.variants[tag].name, path)


def shown_path(path: Path) -> str:
    """A JSON path as it is printed: `$.bids[0][1]`."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


_EXPECTED = {
    "string": "a string",
    "int": "a whole number",
    "decimal": "a decimal string",
    "number": "a number",
    "bool": "true or false",
    "timestamp": "a timestamp (a whole number of milliseconds)",
    "json": "any value",
}


def is_of_kind(value: JsonValue, kind: str) -> bool:
    """Whether a value of a JSON document can be one of a scalar of the dialect; any name that is none takes all."""
    match kind:
        case "string":
            return isinstance(value, str)
        case "int" | "timestamp":
            return isinstance(value, int) and not isinstance(value, bool)
        case "decimal":
            return isinstance(value, str) and _is_decimal(value)
        case "number":
            return isinstance(value, int | Decimal) and not isinstance(value, bool)
        case "bool":
            return isinstance(value, bool)
        case _:
            return True


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _takes_text(scope: Scope, type_: TypeExpression) -> bool:
    """Whether an empty string is told apart from "no value" by the type itself."""
    if isinstance(type_, Scalar):
        return type_.kind in ("string", "json")
    return isinstance(type_, Named) and type_.name not in scope.types


def _is_error(value: JsonValue) -> bool:
    return isinstance(value, Mapping) and value.keys() == {"code", "msg"}


def _sort(value: JsonValue) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the string {value!r}" if len(value) <= 40 else "a string"
    if isinstance(value, int | Decimal):
        return f"the number {value}"
    return "an object" if isinstance(value, Mapping) else "a list"
