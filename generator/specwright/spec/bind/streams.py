"""Market streams and user data events."""

from __future__ import annotations

from typing import Final

from ..dialect.streams import Event, Stream
from .params import PARAMS
from .scalars import DURATION, PYTHON_NAME, WORD
from .shape import Entry, Key, MapOf, keys
from .text import DEPRECATED, DOCUMENTATION, EXAMPLE_KEYS, SUPPRESS, TEXT, renamed_from
from .types import TYPE
from .vocabulary import REFERENCE

__all__ = ["EVENTS", "STREAMS"]

STREAM: Final = Entry(
    noun="a stream",
    build=Stream,
    name_attribute="id",
    group_attribute="group",
    keys=keys(
        Key("summary", TEXT, required=True, says="One plain sentence."),
        Key("description", TEXT, says="What a consumer should know beyond the summary."),
        DOCUMENTATION,
        Key(
            "pattern",
            WORD,
            required=True,
            says="The stream's name: <parameters> in angles, [optional parts] in brackets.",
        ),
        Key("route", WORD, required=True, says="One of the product's stream routes."),
        Key("params", PARAMS, says="Name in the pattern → parameter."),
        Key("payload", TYPE, required=True, says="The type of a frame."),
        Key("update_speed", WORD, says="How often it sends, as documented."),
        Key(
            "silence",
            DURATION,
            attribute="silence_ms",
            says="A silence longer than this is a stall; without it, silence is normal.",
        ),
        Key("latest_key", WORD, says="Wire name of the field that says what a frame is about."),
        *EXAMPLE_KEYS,
        Key("since", WORD, says="Since which day it exists."),
        DEPRECATED,
        renamed_from("Its former ids, which keep working."),
        SUPPRESS,
    ),
)

STREAMS: Final = MapOf("a mapping of streams", STREAM, name=PYTHON_NAME)

EVENT: Final = Entry(
    noun="an event",
    build=Event,
    name_attribute="wire",
    group_attribute="group",
    keys=keys(
        Key("summary", TEXT, required=True, says="One plain sentence."),
        Key("description", TEXT, says="What a consumer should know beyond the summary."),
        DOCUMENTATION,
        Key("route", WORD, required=True, says="One of the product's stream routes."),
        Key("payload", REFERENCE, required=True, says="The model of the event."),
        *EXAMPLE_KEYS,
        Key("since", WORD, says="Since which day it exists."),
        DEPRECATED,
        SUPPRESS,
    ),
)

EVENTS: Final = MapOf("a mapping of events", EVENT)
