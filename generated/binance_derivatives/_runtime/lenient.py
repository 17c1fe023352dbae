"""The lenient reader: any JSON value becomes the type that was asked for, and each difference is noted on the way.

Every value is read in its best sense (a number for a decimal string, text for a number …), else it is passed on as it
is; a missing field is None; an unknown field is kept aside. `to_wire` gives back what came.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Protocol

from msgspec import UNSET, UnsetType

from .drift import Drift, Spot, json_type, normalized
from .encoding import is_same, wire_value
from .model import FieldLayout, Model, RejectedItem, UnknownVariant, remainder_of
from .wire import JSON, ListOf, MapOf, ResultOrError, Scalar, Tagged, describe, resolve, resolve_model

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from .drift import Kind
    from .wire import JsonValue, WireType

__all__ = ["LenientReader", "Notes"]

_LARGEST_EXPONENT = 40
"""An integer in exponent notation beyond this is no id, count or time; writing it out could fill the memory."""


class Notes(Protocol):
    """Where differences go."""

    def add(self, drift: Drift, spot: Spot, decoder: Hashable) -> None: ...


class LenientReader:
    """Reads the replies of one decoder.

    Args:
        decoder: Whose replies these are, for `notes`.
        root: The type that is decoded, as its reader would write it.
        namespace: The product's package.
        notes: Where differences go.
    """

    def __init__(self, decoder: Hashable, root: str, namespace: str, notes: Notes) -> None:
        self._decoder = decoder
        self._root = root
        self._namespace = namespace
        self._notes = notes
        self._noted = 0

    def read(self, value: JsonValue, wire_type: WireType, path: str, spot: Spot) -> object:
        """Reads one value.

        Args:
            value: As JSON without a type.
            wire_type: What it should be.
            path: Its JSON path.
            spot: The innermost place around it where a decoder can be taught.
        """
        match wire_type:
            case Scalar():
                return self._scalar(value, wire_type, path, spot)
            case ListOf(item=item):
                if not isinstance(value, list):
                    self._note("type", path, wire_type, value, spot)
                    # Never an empty list for something: no open orders is an answer of its own.
                    value = [] if value is None else [value]
                return [self.read(each, item, f"{path}[{index}]", spot) for index, each in enumerate(value)]
            case MapOf(value=inner):
                if not isinstance(value, dict):
                    self._note("type", path, wire_type, value, spot)
                    value = _as_map(value)
                return {key: self.read(each, inner, f"{path}[{key}]", spot) for key, each in value.items()}
            case ResultOrError(result=result):
                return self._result_or_error(value, result, path, spot)
            case Tagged():
                return self._variant(value, wire_type, path, spot)
            case name:
                found = resolve(name, self._namespace)
                if isinstance(found, Tagged):
                    return self._variant(value, found, path, spot)
                return self._model(value, found, path, spot)

    def assign(self, target: Model, field: FieldLayout, original: JsonValue | UnsetType, path: str) -> None:
        """Reads one field of an object (UNSET: its key is absent) and keeps aside what the reading does not say."""
        spot = Spot("value", normalized(path))
        noted = self._noted
        reading: object = None
        if original is UNSET:
            kept = not field.optional
            if kept:
                self._note("missing", path, field.type, original, spot)
        elif original is None:
            kept = field.optional or not field.nullable
            if not field.nullable and field.type is not JSON:
                self._note("null", path, field.type, original, spot)
        elif original == "" and field.blank:
            kept = field.optional or field.nullable
        else:
            reading = self.read(original, field.type, path, spot)
            kept = self._noted > noted and not is_same(wire_value(reading, field.type), original)
        setattr(target, field.name, reading)
        if kept:
            remainder_of(target).kept[field.name] = (reading, original)

    def _note(self, kind: Kind, path: str, expected: WireType | str, found: object, spot: Spot) -> None:
        self._noted += 1
        drift = Drift(self._root, path, kind, describe(expected), json_type(found))
        self._notes.add(drift, spot, self._decoder)

    def _scalar(self, value: JsonValue, kind: Scalar, path: str, spot: Spot) -> object:
        if kind is JSON:
            return value
        if value is None:
            self._note("null", path, kind, value, spot)
            return None
        reading, as_stated = _READINGS[kind.name](value)
        if not as_stated:
            self._note("type", path, kind, value, spot)
        return reading

    def _model(self, value: JsonValue, cls: type[Model], path: str, spot: Spot) -> Model:
        target = cls.__new__(cls)
        if isinstance(target, RejectedItem):
            target._namespace = self._namespace
        if cls.__wire__.array:
            self._elements(value, target, path)
        elif isinstance(value, dict):
            self._fields(value, target, path)
        else:
            self._note("type", path, cls.__name__, value, spot)
            if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
                self._fields(value[0], target, f"{path}[0]")
            else:
                for field in cls.__wire__.fields:
                    setattr(target, field.name, None)
            remainder_of(target).whole = (value,)
        return target

    def _fields(self, value: dict[str, JsonValue], target: Model, path: str) -> None:
        unknown = dict(value)
        for field in target.__wire__.fields:
            self.assign(target, field, unknown.pop(field.wire, UNSET), f"{path}.{field.wire}")
        for key, each in unknown.items():
            spot = Spot("unknown", normalized(path), key)
            self._note("unknown_field", f"{path}.{key}", "no such field", each, spot)
            remainder_of(target).unknown[key] = each

    def _elements(self, value: JsonValue, target: Model, path: str) -> None:
        """The fields of a positional array, which can only be taught as a whole."""
        spot = Spot("value", normalized(path))
        fields = target.__wire__.fields
        if not isinstance(value, list):
            self._note("type", path, type(target).__name__, value, spot)
            for field in fields:
                setattr(target, field.name, None)
            remainder_of(target).whole = (value,)
            return
        inner = _Within(self._notes, spot)
        reader = LenientReader(self._decoder, self._root, self._namespace, inner)
        for index, field in enumerate(fields):
            reader.assign(target, field, value[index] if index < len(value) else UNSET, f"{path}[{index}]")
        for index in range(len(fields), len(value)):
            reader._note("unknown_field", f"{path}[{index}]", "no such element", value[index], spot)
            remainder_of(target).unknown[str(index)] = value[index]
        self._noted += reader._noted

    def _result_or_error(self, value: JsonValue, result: WireType, path: str, spot: Spot) -> object:
        if isinstance(value, dict) and "code" in value and "msg" in value and not self._has_code(result):
            return self._model(value, RejectedItem, path, spot)
        return self.read(value, result, path, spot)

    def _has_code(self, result: WireType) -> bool:
        found = resolve(result, self._namespace) if isinstance(result, str) else result
        return isinstance(found, type) and any(field.wire == "code" for field in found.__wire__.fields)

    def _variant(self, value: JsonValue, union: Tagged, path: str, spot: Spot) -> Model:
        tag = value.get(union.tag) if isinstance(value, dict) else None
        if isinstance(value, dict) and isinstance(tag, str):
            name = union.variants.get(tag)
            if name is not None:
                return self._model(value, resolve_model(name, self._namespace), path, spot)
            self._note("unknown_variant", path, union, value, Spot("variant", normalized(path)))
            return UnknownVariant(tag, value)
        self._note("type", path, union, value, spot)
        if isinstance(value, dict):
            return UnknownVariant("", value)
        unknown = UnknownVariant("", {})
        remainder_of(unknown).whole = (value,)
        return unknown


class _Within:
    """Notes from inside of a positional array, which all teach the array's own spot."""

    def __init__(self, notes: Notes, spot: Spot) -> None:
        self._notes = notes
        self._spot = spot

    def add(self, drift: Drift, spot: Spot, decoder: Hashable) -> None:
        self._notes.add(drift, self._spot, decoder)


def _as_map(value: JsonValue) -> dict[str, JsonValue]:
    if isinstance(value, list):
        return {str(index): each for index, each in enumerate(value)}
    return {} if value is None else {"": value}


# --- Scalars: the best reading, and whether the value was as the spec states ------------------------------------------


def _string(value: JsonValue) -> tuple[object, bool]:
    if isinstance(value, str):
        return value, True
    if isinstance(value, bool):
        return ("true" if value else "false"), False
    return (str(value) if isinstance(value, int | Decimal) else value), False


def _int(value: JsonValue) -> tuple[object, bool]:
    if isinstance(value, int) and not isinstance(value, bool):
        return value, True
    if isinstance(value, str):
        number = _parsed(value)
        value = value if number is None else number
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() <= _LARGEST_EXPONENT:
        whole = int(value)
        return (whole if whole == value else value), False
    return value, False


def _decimal(value: JsonValue) -> tuple[object, bool]:
    if isinstance(value, str):
        number = _parsed(value)
        return (value, False) if number is None else (number, True)
    return _plain_number(value), False


def _number(value: JsonValue) -> tuple[object, bool]:
    if isinstance(value, str):
        number = _parsed(value)
        return (value if number is None else number), False
    reading = _plain_number(value)
    return reading, isinstance(reading, Decimal)


def _bool(value: JsonValue) -> tuple[object, bool]:
    if isinstance(value, bool):
        return value, True
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), value), False
    return (bool(value) if isinstance(value, int) and value in (0, 1) else value), False


def _plain_number(value: JsonValue) -> JsonValue:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _parsed(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


_READINGS: dict[str, Callable[[JsonValue], tuple[object, bool]]] = {
    "string": _string,
    "int": _int,
    "timestamp": _int,
    "decimal": _decimal,
    "number": _number,
    "bool": _bool,
}
