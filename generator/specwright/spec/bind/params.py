"""Parameters of operations, streams and inputs."""

from __future__ import annotations

from typing import Final

from ..dialect.params import Param
from .scalars import ANY_SCALAR, BOOLEAN, DECIMAL, INTEGER, PYTHON_NAME, REGULAR_EXPRESSION, WORD, Choice
from .shape import Entry, Key, ListOf, MapOf, ValuesOf, keys
from .text import DEPRECATED, SUPPRESS, TEXT, renamed_from
from .types import TYPE

__all__ = ["PARAM", "PARAMS"]


PARAM: Final = Entry(
    noun="a parameter",
    build=Param,
    name_attribute="wire",
    short="type",
    keys=keys(
        Key("name", PYTHON_NAME, says="The Python name, where the one derived from the wire name says nothing."),
        Key("type", TYPE, required=True, says="The type of the value."),
        Key("required", BOOLEAN, says="It must be sent."),
        Key("default", ANY_SCALAR, says="What the exchange assumes when it is left out; it is not sent."),
        Key("one_of", ListOf("a list of values", ANY_SCALAR), says="The allowed values, where the type allows more."),
        Key("min", DECIMAL, attribute="minimum", says="The smallest value."),
        Key("max", DECIMAL, attribute="maximum", says="The largest value."),
        Key("min_length", INTEGER, says="The fewest characters."),
        Key("max_length", INTEGER, says="The most characters."),
        Key("min_items", INTEGER, says="The fewest items of a list."),
        Key("max_items", INTEGER, says="The most items of a list."),
        Key("pattern", REGULAR_EXPRESSION, says="A regular expression that the whole value must match."),
        Key("case", Choice(("lower", "upper")), says="The value is converted to this case before it is sent."),
        Key("generated", Choice(("client_order_id",)), says="The client makes a value when the caller gives none."),
        Key("unit", WORD, says="What it is counted in."),
        Key("summary", TEXT, says="What it asks for."),
        Key("since", WORD, says="Since which day it exists."),
        DEPRECATED,
        renamed_from("Its former Python names, which keep working."),
        SUPPRESS,
    ),
)

PARAMS: Final = ValuesOf(MapOf("a mapping of parameters", PARAM))
