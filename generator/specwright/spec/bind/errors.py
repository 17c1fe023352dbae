"""errors.yaml: what codes and HTTP statuses say."""

from __future__ import annotations

from typing import Final, get_args

from ..dialect.errors import ErrorCode, ErrorKind, Execution, HttpError
from .scalars import INTEGER, WORD, Choice
from .shape import Entry, Key, ListOf, keys
from .text import SUPPRESS, TEXT

__all__ = ["ERRORS", "HTTP_ERRORS"]

_KIND: Final = Choice(get_args(ErrorKind))
_EXECUTION: Final = Choice(get_args(Execution))

ERROR: Final = Entry(
    noun="an error",
    build=ErrorCode,
    keys=keys(
        Key("code", INTEGER, required=True, says="The number in the reply."),
        Key("name", WORD, required=True, says="The documented name; the class is named after it."),
        Key("alias", WORD, says="A second name of the class, where the documented one is misspelt."),
        Key("kind", _KIND, says="Which branch of the error classes it belongs to."),
        Key("execution", _EXECUTION, says="What is known of the request."),
        Key("summary", TEXT, required=True, says="What it means."),
        SUPPRESS,
    ),
)

HTTP_ERROR: Final = Entry(
    noun="an HTTP error",
    build=HttpError,
    keys=keys(
        Key("status", INTEGER, required=True, says="The HTTP status."),
        Key("message", WORD, says="How the body's message starts; without it, any message."),
        Key("name", WORD, required=True, says="The class is named after it."),
        Key("kind", _KIND, required=True, says="Which branch of the error classes it belongs to."),
        Key("execution", _EXECUTION, required=True, says="What is known of the request."),
        Key("summary", TEXT, required=True, says="What it means."),
        SUPPRESS,
    ),
)

ERRORS: Final = ListOf("a list of errors", ERROR)
HTTP_ERRORS: Final = ListOf("a list of HTTP errors", HTTP_ERROR)
