"""Shapes: the plain JSON type of a wire type, and the code that turns its values into final ones.

The code is text that is compiled into one function per model, because a call per value would cost more than decoding.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation, Rounded
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec
from msgspec import Raw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["SCALARS", "Names", "Namespace", "Shape", "exact_decimal", "list_of", "map_of", "separate"]

Names: TypeAlias = "Callable[[object], str]"
"""Gives an object a name in the code that is being written."""


class Shape(NamedTuple):
    """What msgspec decodes for a wire type, and the code that makes the final value of it."""

    type: Any
    code: Callable[[str, Names], str] | None = None
    """(code of the decoded value, names) → code of the final one; None: it is the final one."""
    function: Callable[[Any], object] | None = None
    """The same as a function, where it is one."""
    body: tuple[Namespace, list[str]] | None = None
    """Lines of that function, which take `source` and return: to be written where they are needed most."""

    def write(self, value: str, names: Names) -> str:
        return value if self.code is None else self.code(value, names)


exact_decimal = Context(MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[InvalidOperation, Rounded]).create_decimal
"""Decimal of a text, by a shorter way: every digit is kept, and what cannot be kept or is no number is refused. So are
blanks and underscores, which Decimal skips; the lenient reader takes those."""


def _decimal_of(raw: Raw) -> Decimal:
    # Text in quotes is no number for Decimal, nor are null and true: what is not a JSON number fails here.
    return Decimal(str(raw, "ascii"))


SCALARS: Mapping[str, Shape] = {
    "string": Shape(str),
    "int": Shape(int),
    "timestamp": Shape(int),
    "decimal": Shape(str, lambda value, names: f"{names(exact_decimal)}({value})"),
    "number": Shape(Raw, lambda value, names: f"{names(_decimal_of)}({value})"),
    "bool": Shape(bool),
    "json": Shape(Any),
}


def list_of(item: Shape) -> Shape:
    inner = item.code
    if inner is None:
        return Shape(list[item.type])  # type: ignore[name-defined]
    return Shape(list[item.type], lambda value, names: f"[{inner('each', names)} for each in {value}]")  # type: ignore[name-defined]


def map_of(inner_shape: Shape) -> Shape:
    inner = inner_shape.code
    if inner is None:
        return Shape(dict[str, inner_shape.type])  # type: ignore[name-defined]
    return Shape(
        dict[str, inner_shape.type],  # type: ignore[name-defined]
        lambda value, names: f"{{key: {inner('each', names)} for key, each in {value}.items()}}",
    )


class Guard(NamedTuple):
    """When a function that decodes leaves it to another one."""

    otherwise: Callable[[Any], Any]
    taught: Mapping[object, object]
    """As long as it is empty, the function tries itself."""
    unfitting: tuple[type[Exception], ...]
    """What it raises for a value that does not fit."""


def separate(shape: Shape, guard: Guard | None = None) -> Callable[[Any], Any]:
    """A function from JSON to the final value."""
    decode = msgspec.json.Decoder(shape.type, float_hook=Decimal).decode
    if shape.code is None and guard is None:
        return decode
    if shape.body is not None:
        names, lines = shape.body
        lines = [f"source = {names(decode)}(data)", *lines]
    else:
        names = Namespace()
        lines = [f"value = {names(decode)}(data)", f"return {shape.write('value', names)}"]
    return names.function("decode", "data", lines if guard is None else _guarded(lines, guard, names))


def _guarded(lines: list[str], guard: Guard, names: Names) -> list[str]:
    """The other way is gone outside of the error's context, so that what it raises does not show the reply."""
    return [
        f"if not {names(guard.taught)}:",
        "    try:",
        *(f"        {line}" for line in lines),
        f"    except {names(guard.unfitting)}:",
        "        pass",
        f"return {names(guard.otherwise)}(data)",
    ]


class Namespace:
    """Names for the objects that written code refers to, and the code's way into life."""

    def __init__(self) -> None:
        self._objects: dict[str, object] = {}
        self._names: dict[int, str] = {}
        self._numbers = count()

    def __call__(self, item: object) -> str:
        name = self._names.get(id(item))
        if name is None:
            name = self._names[id(item)] = f"_{next(self._numbers)}"
            self._objects[name] = item
        return name

    def function(self, name: str, parameter: str, lines: list[str]) -> Callable[[Any], Any]:
        """Compiles a function of one parameter."""
        source = "\n".join([f"def {name}({parameter}):", *(f"    {line}" for line in lines)])
        exec(compile(source, f"<{name} of a model>", "exec"), self._objects)
        function: Callable[[Any], Any] = self._objects[name]  # type: ignore[assignment]
        return function
