"""The `streams` package and the account's events: a method a stream, a descriptor an event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...spec.names import class_name, constant_name, python_name
from ..imports import Imports
from ..layout import Bracketed, alternatives, call, mapping, statement, string_literal, tuple_of
from ..prose import docstring
from .arguments import Argument, alias_constants, arguments_of
from .constraints import params_node
from .descriptors import returns_node
from .documentation import raw_docstring, stream_docstring
from .parts import part
from .views import ConstantView, PlannedFile, StreamMethodView, StreamsView, UserDataView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...spec.dialect.params import Param
    from ...spec.dialect.product import Product
    from ...spec.dialect.streams import Stream
    from ..types import Types

__all__ = ["group_class_name", "plan_streams", "plan_user_data", "stream_groups"]

_RUNTIME = ("_runtime", "operation")
_STREAMS = ("_runtime", "websocket", "streams")
_STREAM_GROUP = ("_runtime", "websocket", "stream_group")
_PARAMETER = re.compile(r"<(\w+)>")


def stream_groups(product: Product) -> dict[str, list[Stream]]:
    """The market streams by the spec file that they stand in."""
    groups: dict[str, list[Stream]] = {}
    for stream in product.streams.values():
        groups.setdefault(stream.group, []).append(stream)
    return groups


def group_class_name(group: str) -> str:
    """`MarketStreams`."""
    return f"{class_name(group)}Streams"


def plan_streams(product: Product, types: Types) -> Iterable[PlannedFile]:
    """Plans one module for each group of market streams, and the class that holds them all."""
    groups = stream_groups(product)
    for group, streams in groups.items():
        path = f"{product.name}/streams/{group}.py"
        yield PlannedFile.of(path, "streams.py.jinja", _group, types, group, streams)
    if groups:
        path = f"{product.name}/streams/__init__.py"
        yield PlannedFile.of(path, "streams.py.jinja", _all_streams, product, list(groups))


def plan_user_data(product: Product, types: Types) -> Iterable[PlannedFile]:
    """Plans the module of the account's events, where the product has any."""
    if not product.events:
        return
    yield PlannedFile.of(f"{product.name}/user_data.py", "user_data.py.jinja", _user_data, types)


def _user_data(types: Types) -> UserDataView:
    product = types.product
    imports = Imports((product.name, "user_data"))
    members = list(dict.fromkeys(event.payload.name for event in product.events.values()))
    for member in members:
        imports.local(types.model_module(member), member)
    members.append(imports.local(("_runtime", "model"), "UnknownVariant"))
    event_class = imports.local(_RUNTIME, "Event")
    entries = [
        (
            string_literal(event.wire),
            call(
                event_class,
                wire=string_literal(event.wire),
                returns=returns_node(event.payload, {}, types, imports),
            ),
        )
        for event in product.events.values()
    ]
    alias = imports.standard("typing", "TypeAlias")
    first = next(iter(product.events.values()))
    return UserDataView(
        source=f"{product.name}/streams/{first.group}.yaml",
        docstring=docstring(["What the account's event stream brings."], indent=0),
        alias=alternatives(f"UserDataEvent: {alias} = ", members),
        events=statement("EVENTS = ", mapping(entries, open_always=True)),
        imports=imports.block(),
    )


def _group(types: Types, group: str, streams: Sequence[Stream]) -> StreamsView:
    product = types.product
    imports = Imports((product.name, "streams", group))
    constants: list[ConstantView] = []
    for stream in streams:
        constants += alias_constants(stream.params, types, imports, owner=class_name(stream.id))
    constants += [_descriptor(stream, types, imports) for stream in streams]
    return StreamsView(
        source=f"{product.name}/streams/{group}.yaml",
        docstring=docstring([f"Streams of {product.title}: {group.replace('_', ' ')}."], indent=0),
        constants=constants,
        class_name=group_class_name(group),
        class_bases=imports.local(_STREAM_GROUP, "StreamGroup"),
        class_docstring=docstring([f"Streams of {product.title}, one method a stream."], indent=4),
        listed=_listed(imports, [constant_name(stream.id) for stream in streams]),
        methods=[method for stream in streams for method in part(stream.id, _methods, types, imports, stream)],
        imports=imports.block(),
    )


def _all_streams(product: Product, groups: Sequence[str]) -> StreamsView:
    imports = Imports((product.name, "streams"), is_package=True)
    bases = [imports.local((product.name, "streams", group), group_class_name(group)) for group in groups]
    return StreamsView(
        source=f"{product.name}/streams",
        docstring=docstring([f"All market streams of {product.title}."], indent=0),
        constants=[],
        class_name="Streams",
        class_bases=", ".join(bases),
        class_docstring=docstring([f"All market streams of {product.title}, one method a stream."], indent=4),
        listed=_listed(imports, [f"*{base}._listed" for base in bases]) if len(bases) > 1 else None,
        methods=[_raw(product, imports)],
        imports=imports.block(),
    )


def _listed(imports: Imports, descriptors: Sequence[str]) -> str:
    """What a class knows of the streams that it has methods for."""
    descriptor = imports.local_type(_RUNTIME, "Stream", alias="StreamDescriptor")
    annotation = f"{imports.standard('typing', 'ClassVar')}[tuple[{descriptor}, ...]]"
    return statement(f"_listed: {annotation} = ", tuple_of(descriptors), indent=4)


def _raw(product: Product, imports: Imports) -> StreamMethodView:
    """The way to streams by their wire names."""
    handle, options = imports.local_type(_STREAMS, "Stream"), imports.local_type(_STREAMS, "StreamOptions")
    event = imports.local_type(("_runtime", "websocket", "raw"), "RawEvent")
    routes = ", ".join(map(string_literal, product.routes))
    parts = [
        "self",
        "*names: str",
        f"route: {imports.standard('typing', 'Literal')}[{routes}] | None = None",
        f"**options: {imports.standard('typing', 'Unpack')}[{options}]",
    ]
    signature = Bracketed("def raw(", tuple(("", part) for part in parts), ")")
    return StreamMethodView(
        signature=statement("", signature, indent=4, suffix=f" -> {handle}[{event}]:"),
        docstring=docstring(raw_docstring(product), indent=8),
        call="return self._open_raw(names, route, options)",
    )


def _descriptor(stream: Stream, types: Types, imports: Imports) -> ConstantView:
    names = {param.wire: python_name(param) for param in stream.params}
    pattern = _PARAMETER.sub(lambda match: f"<{names[match[1]]}>", stream.pattern)
    value = call(
        imports.local(_RUNTIME, "Stream", alias="StreamDescriptor"),
        id=string_literal(stream.id),
        pattern=string_literal(pattern),
        route=string_literal(stream.route),
        returns=returns_node(stream.payload, names, types, imports),
        params=params_node(stream.params, types, imports) if stream.params else None,
        silence_ms=str(stream.silence_ms) if stream.silence_ms is not None else None,
        latest_key=string_literal(stream.latest_key) if stream.latest_key else None,
        open_always=True,
    )
    name = constant_name(stream.id)
    return ConstantView(name=name, statement=statement(f"{name} = ", value))


def _methods(types: Types, imports: Imports, stream: Stream) -> list[StreamMethodView]:
    """The method of a stream, and one for each name that it had before."""
    return [_method(types, imports, stream), *(_former(types, imports, stream, name) for name in stream.renamed_from)]


def _former(types: Types, imports: Imports, stream: Stream, name: str) -> StreamMethodView:
    warn = imports.local(("_runtime", "former_names"), "warn_of_former_name")
    arguments = _arguments(types, imports, stream)
    given = [
        argument.python
        if argument.param.required and not argument.is_former
        else f"{argument.python}={argument.python}"
        for argument in arguments
    ]
    warning = statement("", call(warn, string_literal(name), string_literal(stream.id)), indent=8)
    called = statement("return ", call(f"self.{stream.id}", *given, "**options"), indent=8)
    return StreamMethodView(
        signature=_signature(types, imports, stream, arguments, name),
        docstring=docstring([f"Former name of `{stream.id}`."], indent=8),
        call=f"{warning}\n        {called}",
    )


def _arguments(types: Types, imports: Imports, stream: Stream) -> list[Argument]:
    return arguments_of(_in_pattern_order(stream), types, imports, owner=class_name(stream.id), aliases=imports.module)


def _method(types: Types, imports: Imports, stream: Stream) -> StreamMethodView:
    arguments = _arguments(types, imports, stream)
    sent = mapping((string_literal(argument.python), argument.python) for argument in arguments)
    return StreamMethodView(
        signature=_signature(types, imports, stream, arguments, stream.id),
        docstring=docstring(stream_docstring(stream, types.product, arguments), indent=8),
        call=statement("return ", call("self._open", constant_name(stream.id), sent, "options"), indent=8),
    )


def _signature(types: Types, imports: Imports, stream: Stream, arguments: Sequence[Argument], name: str) -> str:
    handle = imports.local_type(_STREAMS, "Stream")
    options = imports.local_type(_STREAMS, "StreamOptions")
    unpacked = f"**options: {imports.standard('typing', 'Unpack')}[{options}]"
    returned = f"{handle}[{types.received(stream.payload, imports)}]"
    node = Bracketed(f"def {name}(", tuple(("", part) for part in ["self", *_declarations(arguments), unpacked]), ")")
    return statement("", node, indent=4, suffix=f" -> {returned}:")


def _in_pattern_order(stream: Stream) -> list[Param]:
    places = {wire: place for place, wire in enumerate(_PARAMETER.findall(stream.pattern))}
    return sorted(stream.params, key=lambda param: places.get(param.wire, len(places)))


def _declarations(arguments: Sequence[Argument]) -> list[str]:
    by_position: list[str] = []
    can_be_left_out = False
    for argument in arguments:
        if argument.param.required and not argument.is_former:
            # Behind one that may be given by a former name, Python wants defaults.
            can_be_left_out = can_be_left_out or not argument.required
            by_position.append(argument.optional_declaration if can_be_left_out else argument.declaration)
    by_name = [argument.declaration for argument in arguments if not argument.param.required or argument.is_former]
    return [*by_position, "*", *by_name] if by_name else by_position
