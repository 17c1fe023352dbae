"""Models: attrs classes with slots whose fields know how they stand on the wire.

    @model
    class OrderBook(Model):
        last_update_id: int = wire("lastUpdateId", INT)
        event_time: int = wire("E", TIMESTAMP)
        bids: list[PriceLevel] = wire("bids", ListOf("PriceLevel"))

A product has hundreds of models, and attrs needs between a half and one millisecond to write a class, most of it for
methods and metadata that are the same everywhere or that nobody asks for. So a model gets its slots here, shares its
methods with all models, and is described to attrs (`attrs.fields`, `asdict`, `evolve` …) when attrs first asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar, cast, dataclass_transform, overload

import attrs
import msgspec

from .wire import INT, JSON, STRING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .errors import ApiError
    from .wire import JsonValue, WireType

__all__ = [
    "FieldLayout",
    "Layout",
    "Model",
    "RejectedItem",
    "Remainder",
    "UnknownVariant",
    "model",
    "remainder_of",
    "wire",
]

M = TypeVar("M", bound="Model")


class FieldLayout(msgspec.Struct):
    """How one field stands on the wire."""

    name: str
    """The Python name, known once the class exists."""
    wire: str
    """The JSON key; in a positional array only the element's name."""
    type: WireType
    optional: bool
    nullable: bool
    blank: bool
    secret: bool


class Layout(msgspec.Struct, frozen=True):
    """How a model stands on the wire: an object, or an array whose elements are the fields in their order."""

    fields: tuple[FieldLayout, ...]
    array: bool


class Remainder(msgspec.Struct):
    """What a reply said beyond its model, so that it can be given back as it came.

    Most objects have none: it is made when a field is unknown, of another type than stated, or empty in a way that
    `None` alone does not tell (absent, null and "" are three things).
    """

    unknown: dict[str, JsonValue]
    """Fields that the model does not have."""
    kept: dict[str, tuple[object, JsonValue | msgspec.UnsetType]]
    """Python name → the value as it was read and as it stood on the wire; UNSET: the key was absent."""
    whole: tuple[JsonValue] | None = None
    """The whole value, where it was no object (array) at all or is better kept in one piece."""


class _AttrsFields:
    """Describes a model to attrs at the first look: attrs finds a class's fields in this attribute."""

    def __get__(self, instance: Model | None, owner: type[Model]) -> tuple[attrs.Attribute[Any], ...]:
        annotations = owner.__annotations__
        twin = attrs.make_class(
            owner.__name__,
            {
                field.name: attrs.field(
                    default=None if field.optional else attrs.NOTHING,
                    type=annotations.get(field.name),
                    metadata={"wire": field},
                )
                for field in owner.__wire__.fields
            },
            init=False,
            repr=False,
            eq=False,
        )
        fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(twin)
        owner.__attrs_attrs__ = fields
        return fields


class Model:
    """The base of all models.

    Two objects of one class are equal when their fields are. Fields can be set; a copy with changes is made by
    `attrs.evolve` (or `copy.replace`). `to_wire` gives an object back as the exchange sent it, unknown fields included;
    a copy with changes has none.
    """

    __slots__ = ("_remainder",)
    __match_args__: ClassVar[tuple[str, ...]] = ()
    __wire__: ClassVar[Layout] = Layout((), array=False)
    __attrs_attrs__: ClassVar[Any] = _AttrsFields()

    _remainder: Remainder

    def __init__(self, *values: object, **named: object) -> None:
        fields = self.__wire__.fields
        if len(values) > len(fields):
            raise TypeError(f"{type(self).__name__} has {len(fields)} fields, {len(values)} values were given")
        for field, value in zip(fields, values, strict=False):
            setattr(self, field.name, value)
        missing = []
        for field in fields[len(values) :]:
            if field.name not in named and not field.optional:
                missing.append(field.name)
            setattr(self, field.name, named.pop(field.name, None))
        if missing:
            raise TypeError(f"{type(self).__name__} needs {', '.join(missing)}")
        if named:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(named)}, or has its value already")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, field.name) == getattr(other, field.name) for field in self.__wire__.fields)

    __hash__ = None  # type: ignore[assignment]  # As of every class whose objects can change.

    def __repr__(self) -> str:
        shown = (
            f"{field.name}={'…' if field.secret else repr(getattr(self, field.name))}" for field in self.__wire__.fields
        )
        return f"{type(self).__name__}({', '.join(shown)})"

    def __replace__(self, **changes: object) -> Self:
        """A copy with changes, for `copy.replace` of Python 3.13."""
        kept = {field.name: getattr(self, field.name) for field in self.__wire__.fields}
        return type(self)(**(kept | changes))

    def __reduce__(self) -> tuple[Callable[..., Model], tuple[object, ...]]:
        if any(field.secret for field in self.__wire__.fields):
            raise TypeError(f"a {type(self).__name__} is not pickled, for it holds a secret: read the value you need")
        values = tuple(getattr(self, field.name) for field in self.__wire__.fields)
        return _restore, (type(self), values, getattr(self, "_remainder", None))


def _restore(cls: type[Model], values: tuple[object, ...], remainder: Remainder | None) -> Model:
    restored = cls(*values)
    if remainder is not None:
        restored._remainder = remainder
    return restored


def remainder_of(target: Model) -> Remainder:
    """The object's remainder, which it has from now on."""
    remainder: Remainder | None = getattr(target, "_remainder", None)
    if remainder is None:
        remainder = target._remainder = Remainder({}, {})
    return remainder


@overload
def wire(name: str, type: WireType, *, nullable: bool = ..., blank: bool = ..., secret: bool = ...) -> Any: ...
@overload
def wire(
    name: str, type: WireType, *, default: None, nullable: bool = ..., blank: bool = ..., secret: bool = ...
) -> Any: ...
def wire(
    name: str,
    type: WireType,
    *,
    default: Literal["required"] | None = "required",
    nullable: bool = False,
    blank: bool = False,
    secret: bool = False,
) -> Any:
    """Declares a field of a model.

    Args:
        name: The JSON key; in a positional array the element's name.
        type: What the value looks like.
        default: None says that the key may be absent.
        nullable: The value may be null.
        blank: The value may be an empty string, which means that there is none.
        secret: The value opens something (a listen key): `repr` does not show it, and the model is not pickled.
    """
    return FieldLayout("", name, type, default is None, nullable, blank, secret)


@overload
def model(cls: type[M], /) -> type[M]: ...
@overload
def model(*, array: bool) -> Callable[[type[M]], type[M]]: ...
@dataclass_transform(field_specifiers=(wire,))
def model(cls: type[M] | None = None, /, *, array: bool = False) -> type[M] | Callable[[type[M]], type[M]]:
    """Turns a class with `wire` fields into a model; `array` says that it is a positional array on the wire."""

    def build(cls: type[M]) -> type[M]:
        fields = []
        namespace: dict[str, object] = {}
        for name, value in vars(cls).items():
            if isinstance(value, FieldLayout):
                value.name = name
                fields.append(value)
            elif name not in ("__dict__", "__weakref__"):
                namespace[name] = value
        names = tuple(field.name for field in fields)
        namespace |= {"__slots__": names, "__match_args__": names, "__wire__": Layout(tuple(fields), array)}
        # Slots can only be given to a class when it is made, so it is made anew, as attrs does.
        return cast("type[M]", type(cls.__name__, cls.__bases__, namespace))

    return build if cls is None else build(cls)


@model
class UnknownVariant(Model):
    """A member of a tagged union, or an event, that is newer than this package."""

    tag: str = wire("tag", STRING)
    """What the exchange calls it."""
    fields: dict[str, JsonValue] = wire("fields", JSON)
    """The object as it came, wire names and all."""


class _ProductModel(Model):
    """A model of the runtime's own that must know which product sent it."""

    __slots__ = ("_namespace",)

    _namespace: str

    def __reduce__(self) -> tuple[Callable[..., Model], tuple[object, ...]]:
        restore, values = super().__reduce__()
        return _restore_of_product, (getattr(self, "_namespace", None), restore, *values)


def _restore_of_product(namespace: str | None, restore: Callable[..., _ProductModel], *values: object) -> _ProductModel:
    restored = restore(*values)
    if namespace is not None:
        restored._namespace = namespace
    return restored


@model
class RejectedItem(_ProductModel):
    """One item of a batch that the exchange refused."""

    code: int = wire("code", INT)
    """The error code, as in `ApiError`."""
    msg: str = wire("msg", STRING)
    """The exchange's message."""

    @property
    def error(self) -> ApiError:
        """The exception that a single call would have raised, to raise it or to compare its class."""
        namespace = getattr(self, "_namespace", None)
        if namespace is None:
            from .errors import ApiError

            return ApiError(self.msg, code=self.code)
        from .classification import item_error

        return item_error(namespace, self.code, self.msg)
