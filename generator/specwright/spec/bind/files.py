"""Which files a spec consists of, and what stands in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define, field

from ..dialect.exchange import Budget, Credentials
from .errors import ERRORS, HTTP_ERRORS
from .operations import OPERATIONS
from .product import PRODUCT, ProductFile
from .scalars import DURATION, INTEGER, PYTHON_NAME, WORD, Choice
from .shape import Entry, Key, ListOf, MapOf, keys
from .streams import EVENTS, STREAMS
from .text import TEXT
from .vocabulary import ENUMS, INPUTS, MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..dialect.errors import ErrorCode, HttpError
    from ..dialect.operations import Operation
    from ..dialect.streams import Event, Stream
    from ..dialect.text import Text
    from ..dialect.vocabulary import Enum, Input, Model, Union
    from ..position import Position

__all__ = [
    "EXCHANGE_FILE",
    "FOLDER_FILES",
    "PRODUCT_FILES",
    "Content",
    "EnumsFile",
    "ErrorsFile",
    "ExchangeFile",
    "ModelsFile",
    "OperationsFile",
    "ProductFile",
    "StreamsFile",
]


@define(kw_only=True)
class ExchangeFile:
    """exchange.yaml: what all products share."""

    package: str
    summary: Text
    credentials: Credentials
    budgets: dict[str, Budget] = field(factory=dict)
    position: Position = field(eq=False)


@define(kw_only=True)
class EnumsFile:
    """enums.yaml."""

    enums: dict[str, Enum] = field(factory=dict)


@define(kw_only=True)
class ErrorsFile:
    """errors.yaml."""

    errors: list[ErrorCode] = field(factory=list)
    http_errors: list[HttpError] = field(factory=list)


@define(kw_only=True)
class ModelsFile:
    """A file under models/."""

    models: dict[str, Model | Union] = field(factory=dict)
    inputs: dict[str, Input] = field(factory=dict)


@define(kw_only=True)
class OperationsFile:
    """A file under operations/."""

    operations: dict[str, Operation] = field(factory=dict)


@define(kw_only=True)
class StreamsFile:
    """A file under streams/."""

    streams: dict[str, Stream] = field(factory=dict)
    events: dict[str, Event] = field(factory=dict)


Content: TypeAlias = "ExchangeFile | ProductFile | EnumsFile | ErrorsFile | ModelsFile | OperationsFile | StreamsFile"

_CREDENTIALS: Final = Entry(
    noun="credentials",
    build=Credentials,
    placed=False,
    keys=keys(
        Key("api_key", WORD, required=True, says="The environment variable with the API key."),
        Key("api_secret", WORD, required=True, says="The environment variable with the secret."),
    ),
)

_BUDGET: Final = Entry(
    noun="a budget",
    build=Budget,
    name_attribute="name",
    keys=keys(
        Key("limit", INTEGER, required=True, says="How much may be drawn in an interval."),
        Key("interval", DURATION, required=True, attribute="interval_ms", says="When the counter starts anew."),
        Key("scope", Choice(("ip", "account")), required=True, says="Whose counter it is."),
        Key("header", WORD, says="The response header with the used amount."),
        Key("rate_limit_type", WORD, says="How `rateLimits` and exchange information call it."),
        Key(
            "codes",
            ListOf("a list of error codes", INTEGER, lone_item=True),
            says="The error codes that say that this budget is overdrawn.",
        ),
        Key("summary", TEXT, required=True, says="What is counted."),
    ),
)

EXCHANGE_FILE: Final = Entry(
    noun="exchange.yaml",
    build=ExchangeFile,
    keys=keys(
        Key("package", PYTHON_NAME, required=True, says="The import name of the generated package."),
        Key("summary", TEXT, required=True, says="One plain sentence."),
        Key("credentials", _CREDENTIALS, required=True, says="Where keys come from."),
        Key("budgets", MapOf("a mapping of budgets", _BUDGET, name=PYTHON_NAME), says="Name → limit."),
    ),
)

PRODUCT_FILES: Final[Mapping[str, Entry[Content]]] = {
    "product.yaml": PRODUCT,
    "enums.yaml": Entry(
        noun="enums.yaml",
        build=EnumsFile,
        placed=False,
        keys=keys(Key("enums", ENUMS, says="Name → values.")),
    ),
    "errors.yaml": Entry(
        noun="errors.yaml",
        build=ErrorsFile,
        placed=False,
        keys=keys(
            Key("errors", ERRORS, says="Every documented error code."),
            Key("http_errors", HTTP_ERRORS, says="What a status says where no code does; the first that fits counts."),
        ),
    ),
}
"""Files of a product's folder, by name."""

FOLDER_FILES: Final[Mapping[str, Entry[Content]]] = {
    "models": Entry(
        noun="a file of models",
        build=ModelsFile,
        placed=False,
        keys=keys(
            Key("models", MODELS, says="What the exchange sends."),
            Key("inputs", INPUTS, says="Objects that the caller sends."),
        ),
    ),
    "operations": Entry(
        noun="a file of operations",
        build=OperationsFile,
        placed=False,
        keys=keys(Key("operations", OPERATIONS, says="Id → operation.")),
    ),
    "streams": Entry(
        noun="a file of streams",
        build=StreamsFile,
        placed=False,
        keys=keys(
            Key("streams", STREAMS, says="Id → market stream."),
            Key("events", EVENTS, says="Wire name → user data event."),
        ),
    ),
}
"""Files of the folders below a product's folder, by the folder's name."""
