"""Shadows: what msgspec decodes in C, and the compiled step from there to models.

msgspec validates JSON while it decodes it, but cannot rename the fields of attrs classes and takes a number where a
decimal string should stand. So each model has a shadow `msgspec.Struct` with the wire names and the plain JSON types,
made when a decoder first needs it, and a function written for it that moves the values into the model. For an event of
thirty fields the two take about 1.2 times as long as a Struct with decimals alone.

The shadows are strict: unknown fields are refused too, which is how drift is noticed. What a decoder has been taught to
expect (`Spot`) is left undecoded in its shadow and read leniently, so that one drifted field costs only itself.
"""

from __future__ import annotations

import threading
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import UNSET, Raw, UnsetType

from .drift import Spot, load
from .model import Model, RejectedItem, UnknownVariant, remainder_of
from .shape import SCALARS, Guard, Namespace, Shape, list_of, map_of, separate
from .wire import ListOf, MapOf, ResultOrError, Scalar, Tagged, resolve, resolve_model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .lenient import LenientReader
    from .model import FieldLayout
    from .shape import Names
    from .wire import WireType

__all__ = ["Plan", "Shadows", "Unfitting"]


class Unfitting(ValueError):
    """A value passed msgspec, yet is not what the spec says."""


class Plan(NamedTuple):
    """How one wire type is decoded, and what beyond the spec that expects."""

    decode: Callable[[Any], Any]
    spots: frozenset[Spot] = frozenset()


class Shadows:
    """Makes plans for the models of one product.

    Args:
        namespace: The product's package.
        spots: What to expect beyond the spec.
        reader: Reads what is at the spots; needed where there are any.
        strict: Shadows without spots, which are used where there is no spot at or below a model.
    """

    def __init__(
        self,
        namespace: str,
        spots: frozenset[Spot] = frozenset(),
        reader: LenientReader | None = None,
        strict: Shadows | None = None,
    ) -> None:
        self._namespace = namespace
        self._spots = spots
        self._reader = reader
        self._strict = strict
        self._made: dict[tuple[type[Model], str, str], Shape] = {}
        self._lock = threading.RLock()

    def plan(self, wire_type: WireType) -> Plan:
        """How values of this type are decoded."""
        with self._lock:
            return Plan(separate(self._shape(wire_type, "$")), self._spots)

    def reader(
        self,
        wire_type: WireType,
        otherwise: Callable[[Any], Any],
        taught: Mapping[object, object],
        unfitting: tuple[type[Exception], ...],
    ) -> Callable[[Any], Any]:
        """Decoding as one function: what does not fit, and everything once something was taught, goes another way."""
        with self._lock:
            return separate(self._shape(wire_type, "$"), Guard(otherwise, taught, unfitting))

    # --- Shapes by wire type ------------------------------------------------------------------------------------------

    def _shape(self, wire_type: WireType, path: str) -> Shape:
        if Spot("value", path) in self._spots:
            return self._lenient(wire_type, path)
        match wire_type:
            case Scalar(name=name):
                return SCALARS[name]
            case ListOf(item=item):
                return list_of(self._shape(item, f"{path}[]"))
            case MapOf(value=inner):
                return map_of(self._shape(inner, f"{path}[]"))
            case ResultOrError(result=result):
                return self._result_or_error(result, path)
            case Tagged():
                return self._union(wire_type, path)
            case name:
                found = resolve(name, self._namespace)
                return self._union(found, path) if isinstance(found, Tagged) else self._model(found, path)

    def _lenient(self, wire_type: WireType, path: str) -> Shape:
        reader, spot = self._reader, Spot("value", path)
        assert reader is not None, "spots come with a reader"

        def read(raw: Raw) -> object:
            return reader.read(load(raw), wire_type, path, spot)

        return Shape(Raw, lambda value, names: f"{names(read)}({value})")

    def _result_or_error(self, result: WireType, path: str) -> Shape:
        expected = separate(self._shape(result, path))
        rejected = separate(self._model(RejectedItem, path))

        def read(raw: Raw) -> object:
            error_first = b'"code"' in bytes(raw)[:12]
            first, second = (rejected, expected) if error_first else (expected, rejected)
            try:
                return first(raw)
            except (msgspec.MsgspecError, ValueError, ArithmeticError):
                return second(raw)

        return Shape(Raw, lambda value, names: f"{names(read)}({value})")

    def _union(self, union: Tagged, path: str) -> Shape:
        if Spot("variant", path) in self._spots:
            return self._open_union(union, path)
        variants = {
            tag: self._model(resolve_model(name, self._namespace), path, (union.tag, tag))
            for tag, name in union.variants.items()
        }
        functions = {shape.type: shape.function for shape in variants.values()}
        members = reduce(or_, functions)
        return Shape(members, lambda value, names: f"{names(functions)}[{value}.__class__]({value})")

    def _open_union(self, union: Tagged, path: str) -> Shape:
        """A union that is known to have members that are not: each is looked at before it is decoded."""
        known = {tag: separate(self._shape(name, path)) for tag, name in union.variants.items()}
        shadow = msgspec.defstruct("Tag", [("tag", str)], rename={"tag": union.tag})
        peek: Callable[[Raw], Any] = msgspec.json.Decoder(shadow).decode

        def read(raw: Raw) -> object:
            tag: str = peek(raw).tag
            decode = known.get(tag)
            if decode is not None:
                return decode(raw)
            document = load(raw)
            if not isinstance(document, dict):
                raise Unfitting("a member of a union is an object")
            return UnknownVariant(tag, document)

        return Shape(Raw, lambda value, names: f"{names(read)}({value})")

    # --- Models -------------------------------------------------------------------------------------------------------

    def _model(self, cls: type[Model], path: str, tag: tuple[str, str] = ("", "")) -> Shape:
        """The shape of a model; as a member of a union with the union's tag and the model's value of it."""
        if self._strict is not None and not any(spot.path.startswith(path) for spot in self._spots):
            return self._strict._model(cls, path, tag)
        key = (cls, *tag)
        if self._strict is None and key in self._made:
            return self._made[key]
        shape = self._made[key] = self._make_model(cls, path, tag)
        return shape

    def _make_model(self, cls: type[Model], path: str, tag: tuple[str, str]) -> Shape:
        names = Namespace()
        lines = [f"target = {names(object.__new__)}({names(cls)})"]
        columns: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        rename = {}
        for field in cls.__wire__.fields:
            if field.wire == tag[0]:
                lines.append(f"target.{field.name} = {names(tag[1])}")
                continue
            column = f"c{len(columns)}"
            column_type, added = self._column(field, column, f"{path}.{field.wire}", names)
            columns.append((column, *column_type))
            rename[column] = field.wire
            lines += added
        # Members of a union share a path: what is unknown to one may be a field of another.
        taken = {tag[0], *rename.values()}
        for spot in sorted(self._spots):
            if spot.kind == "unknown" and spot.path == path and spot.name not in taken:
                column = f"c{len(columns)}"
                columns.append((column, Raw, UNSET))
                rename[column] = spot.name
                lines.append(f"if (value := source.{column}) is not {names(UNSET)}:")
                lines.append(f"    {names(_add_unknown)}(target, {names(spot.name)}, value)")
        if issubclass(cls, RejectedItem):
            lines.append(f"target._namespace = {names(self._namespace)}")
        lines.append("return target")
        shadow = msgspec.defstruct(
            cls.__name__,
            columns,
            rename=rename,
            tag_field=tag[0] or None,
            tag=tag[1] if tag[0] else None,
            array_like=cls.__wire__.array,
            forbid_unknown_fields=True,
            kw_only=not cls.__wire__.array,
            gc=False,
        )
        function = names.function("convert", "source", lines)
        return Shape(shadow, lambda value, outer: f"{outer(function)}({value})", function, (names, lines))

    def _column(
        self, field: FieldLayout, column: str, path: str, names: Names
    ) -> tuple[tuple[Any] | tuple[Any, Any], list[str]]:
        """Type (and default) of a field in the shadow, and the lines that move its value into the model."""
        source, target = f"source.{column}", f"target.{field.name}"
        if Spot("value", path) in self._spots:
            return (Raw, UNSET), [f"{names(self._assign(field, path))}(target, {source})"]
        shape = self._shape(field.type, path)
        if not (field.optional or field.nullable or field.blank):
            return (shape.type,), [f"{target} = {shape.write(source, names)}"]
        column_type, cases = _emptiness(field, shape.type, names)
        lines = [f"value = {source}"]
        for index, (condition, original) in enumerate(cases):
            lines += [f"{'elif' if index else 'if'} {condition}:", f"    {target} = None"]
            if original is not UNSET:
                lines.append(f"    {names(_keep)}(target, {names(field.name)}, {names(original)})")
        lines += ["else:", f"    {target} = {shape.write('value', names)}"]
        return column_type, lines

    def _assign(self, field: FieldLayout, path: str) -> Callable[[Model, Raw | UnsetType], None]:
        reader = self._reader
        assert reader is not None, "spots come with a reader"

        def assign(target: Model, raw: Raw | UnsetType) -> None:
            reader.assign(target, field, UNSET if isinstance(raw, UnsetType) else load(raw), path)

        return assign


def _emptiness(
    field: FieldLayout, value_type: Any, names: Names
) -> tuple[tuple[Any] | tuple[Any, Any], list[tuple[str, str | UnsetType | None]]]:
    """Type (and default) of a field that may be absent, null or "", and the conditions under which its value is None.

    Each condition comes with what has to be kept for `to_wire`, because None alone would be taken for something else
    (absent before null before ""); UNSET: nothing.
    """
    raw, anything = value_type is Raw, value_type is Any
    cases: list[tuple[str, str | UnsetType | None]] = []
    default: tuple[Any, ...] = ()
    if field.optional:
        # With a default of None, which a strict shadow does not take for a value, absence costs nothing to tell.
        plain = not (raw or anything or field.nullable)
        default = (None,) if plain else (UNSET,)
        cases.append(("value is None" if plain else f"value is {names(UNSET)}", UNSET))
    if field.nullable or (anything and field.optional):
        condition = f"{names(bytes)}(value) == b'null'" if raw else "value is None"
        cases.append((condition, None if field.optional else UNSET))
    if field.blank:
        condition = f"{names(bytes)}(value) == b'\"\"'" if raw else "value == ''"
        cases.append((condition, "" if field.optional or field.nullable else UNSET))
    if not raw and not anything:
        if field.blank and value_type is not str:
            value_type = value_type | str
            cases.append((f"value.__class__ is {names(str)} and {names(_refuse)}()", UNSET))
        if field.nullable:
            value_type = value_type | None
    return (value_type, *default), cases


def _keep(target: Model, name: str, original: str | None) -> None:
    remainder_of(target).kept[name] = (None, original)


def _add_unknown(target: Model, name: str, raw: Raw) -> None:
    remainder_of(target).unknown[name] = load(raw)


def _refuse() -> bool:
    raise Unfitting("text where only a number or an empty string may stand")
