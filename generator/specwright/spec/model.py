"""The dialect: every thing that a spec can say, as attrs classes.

These classes are the only definition of the dialect. `load` reads YAML into nodes that know their place in a file,
`bind` turns nodes into these classes, `check` holds the rules that span several of them. Whatever comes later (plan,
simulator, exporters, diff) reads these objects, never the YAML.

Wire names are spelt as the exchange writes them. A Python name is stored only where the spec overrides the derived one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs
from attrs import Factory, define, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

JsonValue: TypeAlias = "bool | int | Decimal | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
"""A decoded JSON document; numbers with a fraction are `Decimal`, so that no digit of an example is lost."""

WireValue: TypeAlias = "str | int | Decimal | bool"
"""A scalar that the spec writes down: a default, an allowed value, a bound."""


@define(frozen=True, order=True)
class Position:
    """A place in a spec file: path as given on the command line, line and column counted from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@define(kw_only=True)
class Text:
    """A sentence in both languages of the documentation."""

    en: str
    zh: str


@define(kw_only=True)
class Suppressing:
    """An entry that can say why a finding of the linter is right about it and shall stay."""

    suppress: dict[str, str] = Factory(dict)
    """Code of a finding → the reason, for the entry and for all that stands in it."""


# --- Types -----------------------------------------------------------------------------------------------------------

ScalarKind: TypeAlias = Literal["string", "int", "decimal", "number", "bool", "timestamp", "json"]
"""`decimal` is a decimal string on the wire, `number` a JSON number that may have decimals; both are `Decimal` in
Python. `timestamp` is an int of milliseconds. `json` is any JSON value, for the few fields without a stated shape."""


@define(kw_only=True)
class Scalar:
    """A type of the dialect itself: `string`, `int`, `decimal` …"""

    kind: ScalarKind
    position: Position = field(eq=False)


@define(kw_only=True)
class Named:
    """A reference by name to an enum, a model, a union, or (in parameters) an input."""

    name: str
    position: Position = field(eq=False)


@define(kw_only=True)
class ListOf:
    """`[X]`: a JSON array."""

    item: TypeExpression
    position: Position = field(eq=False)


@define(kw_only=True)
class MapOf:
    """`{string: X}`: a JSON object with keys that are data."""

    value: TypeExpression
    position: Position = field(eq=False)


@define(kw_only=True)
class ResultOrError:
    """`{result: X}`: either X or the exchange's `{code, msg}`, as the items of batch replies are."""

    result: TypeExpression
    position: Position = field(eq=False)


TypeExpression: TypeAlias = "Scalar | Named | ListOf | MapOf | ResultOrError"


@define(kw_only=True)
class ByPresence:
    """`{with: {p: X}, without: {p: Y}}`: X when parameter p is sent, Y when it is not. Used for responses."""

    param: str
    present: TypeExpression
    absent: TypeExpression
    position: Position = field(eq=False)


# --- Vocabulary: enums, models, unions, inputs -----------------------------------------------------------------------


@define(kw_only=True)
class EnumValue(Suppressing):
    """One value of an enum as it stands on the wire, with what it means where that is not obvious."""

    value: str | int
    summary: Text | None = None
    deprecated: Deprecation | None = None
    position: Position = field(eq=False)


@define(kw_only=True)
class Enum(Suppressing):
    """A named set of values. Responses may bring others; parameters may not."""

    name: str
    kind: Literal["string", "int"] = "string"
    summary: Text | None = None
    values: list[EnumValue]
    renamed_from: list[str] = Factory(list)
    """Former Python names of the class; they keep working, with a warning."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Field(Suppressing):
    """One field of a model."""

    wire: str
    """The JSON key; in a positional array the element's own name (it is not on the wire)."""
    name: str | None = None
    """The Python name, where the one derived from `wire` says nothing."""
    type: TypeExpression
    optional: bool = False
    """The key may be missing."""
    nullable: bool = False
    """The value may be null."""
    blank: bool = False
    """The value may be an empty string that means "no value" (decimals, ints, timestamps, enums)."""
    secret: bool = False
    """The value gives access to an account: it is kept out of logs and reprs."""
    unit: str | None = None
    """For docstrings: "quote asset", "contracts", "%" … (`timestamp` says ms by itself)."""
    summary: Text | None = None
    since: str | None = None
    deprecated: Deprecation | None = None
    renamed_from: list[str] = Factory(list)
    """Former Python names of the attribute; they keep working, with a warning."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Model(Suppressing):
    """An object (or, with `as: array`, a positional array) that the exchange sends."""

    name: str
    module: str
    """The module of the generated `models` package: the stem of the file that the model stands in."""
    shape: Literal["object", "array"] = "object"
    summary: Text | None = None
    fields: list[Field]
    example: Example | None = None
    renamed_from: list[str] = Factory(list)
    """Former Python names of the class; they keep working, with a warning."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Union(Suppressing):
    """A tagged union: the value of the JSON key `tag` decides the model. Unknown tags become `UnknownVariant`."""

    name: str
    module: str
    tag: str
    """Wire name of the deciding field, which every variant has."""
    variants: dict[str, Named]
    summary: Text | None = None
    renamed_from: list[str] = Factory(list)
    """Former Python names of the class; they keep working, with a warning."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Input(Suppressing):
    """An object that the caller sends, such as one order of a batch: a TypedDict in Python, JSON on the wire."""

    name: str
    module: str
    summary: Text | None = None
    params: list[Param]
    rules: list[Rule] = Factory(list)
    renamed_from: list[str] = Factory(list)
    """Former Python names of the class; they keep working, with a warning."""
    position: Position = field(eq=False)


# --- Operations ------------------------------------------------------------------------------------------------------


@define(kw_only=True)
class Param(Suppressing):
    """One parameter of an operation, a stream or an input."""

    wire: str
    name: str | None = None
    type: TypeExpression
    required: bool = False
    default: WireValue | None = None
    """What the exchange assumes when the parameter is left out. It is not sent; weights are computed with it."""
    one_of: list[WireValue] | None = None
    """The allowed values, where they are fewer than the enum's or the type is not an enum."""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str | None = None
    """A regular expression that the whole value must match."""
    case: Literal["lower", "upper"] | None = None
    """The value is converted to this case before it is sent (stream names are lower case)."""
    generated: Literal["client_order_id"] | None = None
    """The client makes a value when the caller gives none."""
    unit: str | None = None
    summary: Text | None = None
    since: str | None = None
    deprecated: Deprecation | None = None
    renamed_from: list[str] = Factory(list)
    """Former Python names of the argument; they keep working, with a warning."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Condition:
    """`{type: [LIMIT, STOP]}`: every named parameter has one of the values; `{type: present}` asks for presence."""

    values: dict[str, list[WireValue]]
    """Wire name of a parameter → the values that fulfil the condition. An empty list means "is sent at all"."""
    position: Position = field(eq=False)


RuleKind: TypeAlias = Literal["require", "require_any", "require_one", "exclusive", "forbid", "span"]


@define(kw_only=True)
class Rule:
    """One rule between parameters, checked before a request leaves.

    - `require: [a, b]`: all of them are sent.
    - `require_any: [a, b]`: at least one of them is.
    - `require_one: [a, b]`: exactly one of them is.
    - `exclusive: [a, [b, c]]`: members of at most one of the sets are sent.
    - `forbid: [a]`: none of them is sent.
    - `span: [startTime, endTime]` with `at_most: 7d`: the distance of two timestamps.

    `when` and `unless` limit a rule to requests that (do not) fulfil a condition.
    """

    kind: RuleKind
    params: list[list[str]]
    """Wire names, one inner list a set; for all kinds but `exclusive` every set has one member."""
    when: Condition | None = None
    unless: Condition | None = None
    in_mode: Literal["hedge", "one_way", "multi_assets", "single_asset"] | None = None
    """Holds only in this mode of the account: the client documents it, the exchange (and the simulator) checks it."""
    at_most_ms: int | None = None
    summary: Text | None = None
    position: Position = field(eq=False)


@define(kw_only=True)
class FixedWeight:
    """`weight: 5`."""

    weight: int


@define(kw_only=True)
class WeightByValue:
    """`{by: limit, up_to: {100: 1, 500: 5}, above: 10}` or `{by: type, values: {A: 1}, otherwise: 2}`.

    A parameter that is not sent counts with its default; where it has none, `otherwise` applies.
    """

    param: str
    up_to: dict[int, int] = Factory(dict)
    values: dict[str, int] = Factory(dict)
    otherwise: int | None = None
    above: int | None = None
    """The weight beyond the last `up_to` (absent: as for the last)."""


@define(kw_only=True)
class WeightByPresence:
    """`{with: {symbol: 1}, without: {symbol: 40}}`; the first parameter of `with` that is sent decides."""

    present: dict[str, int]
    absent: int


@define(kw_only=True)
class WeightPerItem:
    """`{per_item: symbols, each: 2}`: per item of a list parameter."""

    param: str
    each: int


Weight: TypeAlias = "FixedWeight | WeightByValue | WeightByPresence | WeightPerItem"


@define(kw_only=True)
class Carrier:
    """How an operation travels. What differs between REST and the WebSocket API stands here, all else is shared."""

    method: str
    """HTTP method, or the WebSocket API method's name."""
    path: str | None = None
    """Only REST."""
    weight: Weight
    """Cost on the product's weight budget."""
    weight_assumed: bool = False
    """No source states the weight; the note to it stands in the spec as a comment."""
    costs: dict[str, Weight] = Factory(dict)
    """Cost on other budgets, by their names."""
    params: list[Param] = Factory(list)
    """Parameters that differ on this carrier: they replace those of the same wire name, or are added."""
    without: list[str] = Factory(list)
    """Wire names of shared parameters that this carrier does not have."""
    response: Response | None = None
    """Where this carrier's reply has another type."""
    examples: list[Example] = Factory(list)
    """WebSocket API: documented whole replies (`id`, `status`, `result`, `rateLimits`); REST: use the operation's."""
    documentation: str | None = None
    position: Position = field(eq=False)


Response: TypeAlias = "TypeExpression | ByPresence"


@define(kw_only=True)
class Paging:
    """How an operation pages; `iter` of the generated method walks it.

    pages:
      limit: limit
      id: {param: fromId, field: id}
      time: {start: startTime, end: endTime, field: time, window: 7d, reach: 90d}
    """

    limit: str | None = None
    id_param: str | None = None
    id_field: str | None = None
    """Wire name of the item's field that goes into `id_param`; the item itself comes again (the walk drops it)."""
    start_param: str | None = None
    end_param: str | None = None
    time_field: str | None = None
    """Wire name of the item's time that windows are measured by."""
    window_ms: int | None = None
    """The longest distance between start and end."""
    reach_ms: int | None = None
    """How far back data goes."""
    items: str | None = None
    """Wire name of the response's field that holds the list, where the response is an object."""
    order: Literal["ascending", "descending"] = "ascending"
    position: Position = field(eq=False)


@define(kw_only=True)
class Resolution:
    """How to find out what became of a call whose reply was lost.

    resolve:
      operation: query_order
      params: {symbol: symbol, origClientOrderId: newClientOrderId}
      absent: [-2013]
    """

    operation: str
    params: dict[str, str]
    """Parameter of the asking operation → parameter of the lost call."""
    absent: list[int]
    """Error codes that say: the exchange never had it."""
    status: str | None = None
    """Wire name of the reply's field that says how far it went."""
    filled: list[str] = Factory(list)
    """Values of that field that mean: executed in full."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Example:
    """A documented JSON text, kept as it is written (a YAML block scalar) with its decoded value."""

    text: str
    value: JsonValue
    title: str | None = None
    """What this variant shows, where there are several."""
    present: list[str] | None = None
    """For `ByPresence` responses: the parameters that were sent when this was the reply."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Deprecation:
    """`{since: 2025-12-09, use: new_algo_order, until: "2.0", summary: …}`"""

    since: str
    use: str | None = None
    until: str | None = None
    summary: Text | None = None


Retry: TypeAlias = Literal["safe", "never"]


@define(kw_only=True)
class Operation(Suppressing):
    """One thing that the exchange does when asked, whatever carries the request."""

    id: str
    group: str
    """The stem of the file that it stands in: a documentation group, a module, an attribute of the client."""
    summary: Text
    description: Text | None = None
    """What a caller should know beyond the summary: limits, reach, side effects."""
    documentation: str | None = None
    """The page, relative to the product's documentation address."""
    security: str
    rest: Carrier | None = None
    ws: Carrier | None = None
    retry: Retry
    """Default: `safe` for GET, else `never`. A WebSocket-only operation must say it."""
    params: list[Param] = Factory(list)
    rules: list[Rule] = Factory(list)
    pages: Paging | None = None
    resolve: Resolution | None = None
    response: Response | None = None
    """None: an empty object."""
    examples: list[Example] = Factory(list)
    since: str | None = None
    deprecated: Deprecation | None = None
    renamed_from: list[str] = Factory(list)
    """Former ids; they keep working, with a warning."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Stream(Suppressing):
    """A market stream."""

    id: str
    group: str
    summary: Text
    description: Text | None = None
    documentation: str | None = None
    pattern: str
    """`<symbol>@depth<levels>[@<updateSpeed>]`: names in angles are parameters, a bracket is left out with its."""
    route: str
    params: list[Param] = Factory(list)
    payload: TypeExpression
    update_speed: str | None = None
    """As documented: "100ms", "real-time"."""
    silence_ms: int | None = None
    """A subscribed stream that is silent for longer is taken for stalled. None: silence is normal."""
    latest_key: str | None = None
    """Wire name of the payload field that identifies "the same thing, newer" (the symbol, mostly)."""
    examples: list[Example] = Factory(list)
    since: str | None = None
    deprecated: Deprecation | None = None
    renamed_from: list[str] = Factory(list)
    """Former Python names of the method; they keep working, with a warning."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Event(Suppressing):
    """A user data event."""

    wire: str
    group: str
    summary: Text
    description: Text | None = None
    documentation: str | None = None
    route: str
    payload: Named
    examples: list[Example] = Factory(list)
    since: str | None = None
    deprecated: Deprecation | None = None
    position: Position = field(eq=False)


# --- Errors, budgets, products ---------------------------------------------------------------------------------------

Execution: TypeAlias = Literal["unknown", "not_executed", "rejected"]
"""What is known of the request: it may have been executed · it never reached execution · its content was refused."""

ErrorKind: TypeAlias = Literal["limit", "ban", "authentication", "clock", "server", "rejected"]


@define(kw_only=True)
class ErrorCode(Suppressing):
    """One documented error code."""

    code: int
    name: str
    """The documented name, `TOO_MANY_REQUESTS`; the class is `TooManyRequests`."""
    alias: str | None = None
    """A second name of the class, where the documented one is misspelt: `INSUFFICIENT_MARGIN`."""
    kind: ErrorKind = "rejected"
    execution: Execution = "rejected"
    summary: Text
    position: Position = field(eq=False)


@define(kw_only=True)
class HttpError(Suppressing):
    """What a status (and the start of the message in its body) says where no code does."""

    status: int
    message: str | None = None
    """The body's message starts with this; None: any."""
    name: str
    kind: ErrorKind
    execution: Execution
    summary: Text
    position: Position = field(eq=False)


@define(kw_only=True)
class Budget:
    """A limit that calls draw on. Products name the ones they use; the same name is the same counter."""

    name: str
    limit: int
    interval_ms: int
    scope: Literal["ip", "account"]
    header: str | None = None
    """The response header with the used amount."""
    rate_limit_type: str | None = None
    """How `rateLimits` of the WebSocket API and exchange information call it."""
    codes: list[int] = Factory(list)
    """Error codes that say: this budget, not the address's weight, is overdrawn."""
    summary: Text
    position: Position = field(eq=False)


@define(kw_only=True)
class SecurityType:
    name: str
    api_key: bool
    signed: bool
    summary: Text | None = None
    position: Position = field(eq=False)


@define(kw_only=True)
class Environment:
    """The hosts of one environment: no part of one can be mixed with another."""

    name: str
    rest: str
    ws_api: str | None
    streams: str | None
    position: Position = field(eq=False)


@define(kw_only=True)
class Group:
    """One documentation group: a file under `operations/` and an attribute of the client."""

    name: str
    summary: Text
    position: Position = field(eq=False)


@define(kw_only=True)
class UserData:
    """How the account's event stream is opened, kept and healed."""

    start: str
    keepalive: str
    close: str
    listen_key: str
    """Wire name of the key in the reply of `start`."""
    route: str
    validity_ms: int
    expired_event: str
    lost_codes: list[int]
    """Error codes of `keepalive` that mean: this key is gone, make a new one."""
    resync: dict[str, str]
    """What to fetch after a gap: attribute of `Resynchronized` → operation."""
    position: Position = field(eq=False)


@define(kw_only=True)
class LocalOrderBook:
    """Which operation and stream a local order book is built from, and the wire names of its procedure."""

    snapshot: str
    stream: str
    limit: int
    first_id: str
    final_id: str
    previous_id: str
    snapshot_id: str
    position: Position = field(eq=False)


@define(kw_only=True)
class ClockSource:
    """Which operation tells the exchange's time."""

    operation: str
    field: str
    behind_codes: list[int]
    """Error codes that say: your timestamp is off (refused before execution)."""
    position: Position = attrs.field(eq=False)


@define(kw_only=True)
class WsSession:
    """The operations that log a WebSocket API connection on and off."""

    logon: str
    status: str
    logout: str
    position: Position = field(eq=False)


@define(kw_only=True)
class Connections:
    """Documented limits of WebSocket connections."""

    lifetime_ms: int
    ping_interval_ms: int
    pong_deadline_ms: int
    streams_per_connection: int
    messages_per_second: int
    """How fast control messages are sent (below the documented limit, which counts pings and pongs too)."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Product(Suppressing):
    """One product family of the exchange: a folder under `spec/`, a subpackage of the generated package."""

    name: str
    title: str
    client: str
    """Class name of the synchronous client; the asynchronous one is `Async…`."""
    documentation: str
    summary: Text
    environments: dict[str, Environment]
    routes: dict[str, str]
    """Name of a stream route → its path below the stream host."""
    security: dict[str, SecurityType]
    api_key_header: str
    recv_window_ms: int
    max_recv_window_ms: int
    weight_budget: str
    budgets: list[str]
    """Names of the exchange's budgets that this product draws on."""
    groups: dict[str, Group]
    clock: ClockSource | None
    user_data: UserData | None
    order_book: LocalOrderBook | None
    ws_session: WsSession | None
    connections: Connections | None
    glossary: dict[str, Text]
    """What a parameter means wherever it stands without a summary of its own, by its wire name."""
    enums: dict[str, Enum]
    models: dict[str, Model | Union]
    inputs: dict[str, Input]
    operations: dict[str, Operation]
    streams: dict[str, Stream]
    events: dict[str, Event]
    errors: list[ErrorCode]
    http_errors: list[HttpError]
    position: Position = field(eq=False)


@define(kw_only=True)
class Credentials:
    """Names of the environment variables that keys come from."""

    api_key: str
    api_secret: str


@define(kw_only=True)
class Spec:
    """A whole spec folder."""

    package: str
    """Import name of the generated package."""
    summary: Text
    credentials: Credentials
    budgets: dict[str, Budget]
    products: dict[str, Product]
    digest: str
    """SHA-256 over the spec's files: what the generated files are stamped with."""
    position: Position = field(eq=False)
