"""What docstrings say of an operation: summaries, cost, rules, arguments, errors, the exchange's own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...spec.dialect.weights import FixedWeight, Weight, WeightByPresence, WeightByValue
from ...spec.documentation import page_address
from ..layout import LINE_LENGTH
from ..prose import sentence, wrap
from .arguments import Argument, plain, python_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...spec.dialect.operations import Carrier, Operation
    from ...spec.dialect.product import Product
    from ...spec.dialect.rules import Condition, Rule
    from ...spec.dialect.streams import Stream
    from ...spec.dialect.text import Deprecation, Text

__all__ = [
    "both_languages",
    "call_docstring",
    "deprecation",
    "listed",
    "raw_docstring",
    "rule_text",
    "stream_docstring",
    "weight_text",
]

_METHOD_INDENT = 8
_WIDTH = LINE_LENGTH - _METHOD_INDENT
_MODES = {
    "hedge": "In hedge mode",
    "one_way": "In one-way mode",
    "multi_assets": "In multi-assets mode",
    "single_asset": "In single-asset mode",
}
_MILLISECONDS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000))


def both_languages(text: Text, *, indent: int, first_room: int = 3) -> list[str]:
    """The English lines, an empty line, the Chinese lines; `first_room` is what the opening quotes take."""
    width = LINE_LENGTH - indent
    return [*wrap(sentence(text.en), width - 2 * first_room), "", *wrap(sentence(text.zh), width)]


def call_docstring(
    operation: Operation, carrier: Carrier, product: Product, arguments: Sequence[Argument], *, signed: bool
) -> list[str]:
    """The lines of the docstring of a generated method."""
    names = python_names(operation)
    lines = both_languages(operation.summary, indent=_METHOD_INDENT)
    for paragraph in _notes(operation):
        lines += ["", *wrap(paragraph, _WIDTH)]
    lines += ["", *wrap(_request_line(carrier, names), _WIDTH)]
    if operation.rules:
        lines.append("")
        for rule in operation.rules:
            lines += wrap(f"- {rule_text(rule, names)}", _WIDTH, hanging="  ")
    lines += ["", "Args:"]
    described = [f"{argument.python}: {argument.facts}" for argument in arguments]
    if signed:
        longest = product.max_recv_window_ms
        described.append(f"recv_window: Milliseconds for which the request stays valid (at most {longest}).")
    described.append("timeout: Seconds to wait for the reply, instead of the client's.")
    for line in described:
        lines += wrap(line, _WIDTH, first=" " * 4, hanging=" " * 8)
    lines += ["", "Raises:"]
    lines += [f"    {line}" for line in _errors(operation, checked=bool(arguments))]
    address = page_address(product, operation.documentation_on(carrier))
    if address:
        lines += ["", f"See: {address}"]
    return lines


def stream_docstring(stream: Stream, product: Product, arguments: Sequence[Argument]) -> list[str]:
    """The lines of the docstring of a stream's method."""
    lines = both_languages(stream.summary, indent=_METHOD_INDENT)
    for paragraph in _notes(stream):
        lines += ["", *wrap(paragraph, _WIDTH)]
    speed = f" · every {stream.update_speed}" if stream.update_speed and stream.update_speed[0].isdigit() else ""
    if stream.update_speed and not speed:
        speed = f" · {stream.update_speed}"
    lines += ["", *wrap(f"`{stream.pattern}` on `{product.routes[stream.route]}`{speed}", _WIDTH), "", "Args:"]
    for argument in arguments:
        lines += wrap(f"{argument.python}: {argument.facts}", _WIDTH, first=" " * 4, hanging=" " * 8)
    lines.append("    options: How the stream is buffered, see `StreamOptions`.")
    address = page_address(product, stream.documentation)
    if address:
        lines += ["", f"See: {address}"]
    return lines


def raw_docstring(product: Product) -> list[str]:
    """The lines of the docstring of the method for streams by their wire names."""
    name = next(iter(product.streams.values())).pattern
    lines = ["Payloads as they came, of streams by their names on the wire: also of those that are not listed."]
    lines += ["", "按流名称订阅，原样给出收到的数据；尚未收录的流也可订阅。"]
    notes = [
        "Everything else is as for listed streams: one iterator, healing, back pressure, recordings. Each name is "
        "asked for over its own route; `on_full='latest'` keeps the newest payload of each name.",
        "其余与已收录的流相同：合为一个迭代器、自动修复、背压、录制与重放。`on_full='latest'` 为每个名称保留最新一条。",
    ]
    for note in notes:
        lines += ["", *wrap(note, _WIDTH)]
    lines += ["", "Args:"]
    given = [
        f"names: As the exchange writes them, in the manner of `{name}`; each is delivered once.",
        "route: Where names are that no listed stream has; listed ones have their own route. On a wrong route the "
        "exchange acknowledges a stream and sends nothing.",
        "options: How the stream is buffered, see `StreamOptions`.",
    ]
    for line in given:
        lines += wrap(line, _WIDTH, first=" " * 4, hanging=" " * 8)
    lines += ["", "Raises:"]
    raised = [
        "ConfigurationError: There is no name, or a name is not listed and `route` does not say where it is.",
        "InvalidParameter: A name is empty, or holds what no name can.",
    ]
    for line in raised:
        lines += wrap(line, _WIDTH, first=" " * 4, hanging=" " * 8)
    return lines


def deprecation(deprecated: Deprecation) -> str:
    """`Deprecated since 2025-12-09: use `new_algo_order`.`"""
    instead = f": use `{deprecated.use}`" if deprecated.use else ""
    until = f", goes away with {deprecated.until}" if deprecated.until else ""
    said = f" {sentence(deprecated.summary.en)}" if deprecated.summary else ""
    return f"Deprecated since {deprecated.since}{instead}{until}.{said}"


def weight_text(weight: Weight, names: Mapping[str, str]) -> str:
    """`2`, `by `limit`: up to 50: 2, up to 100: 5` …"""
    match weight:
        case FixedWeight():
            return str(weight.weight)
        case WeightByValue():
            steps = [f"up to {bound}: {cost}" for bound, cost in weight.up_to.items()]
            steps += [f"{value}: {cost}" for value, cost in weight.values.items()]
            steps += [f"above: {weight.above}"] if weight.above is not None else []
            steps += [f"otherwise: {weight.otherwise}"] if weight.otherwise is not None else []
            return f"by `{names[weight.param]}`: {', '.join(steps)}"
        case WeightByPresence():
            with_param = ", ".join(f"{cost} with `{names[param]}`" for param, cost in weight.present.items())
            return f"{with_param}, {weight.absent} without"
        case _:
            return f"{weight.each} for each of `{names[weight.param]}`"


def rule_text(rule: Rule, names: Mapping[str, str]) -> str:
    """A rule as a sentence.

    Args:
        rule: The rule.
        names: Wire name of a parameter → its Python name.
    """
    if rule.summary:
        return sentence(rule.summary.en)
    sets = [" and ".join(f"`{names[wire]}`" for wire in members) for members in rule.params]
    match rule.kind:
        case "require":
            said = f"{listed(sets, 'and')} {'is' if len(sets) == 1 else 'are'} required"
        case "require_any":
            said = f"at least one of {listed(sets, 'and')} is required"
        case "require_one":
            said = f"exactly one of {listed(sets, 'and')} is required"
        case "exclusive":
            said = f"{listed(sets, 'or')}, not both" if len(sets) == 2 else f"only one of {listed(sets, 'and')}"
        case "forbid":
            said = f"{listed(sets, 'and')} {'is' if len(sets) == 1 else 'are'} not allowed"
        case "span":
            said = f"from {sets[0]} to {sets[1]} at most {_duration(rule.at_most_ms or 0)}"
    where = [_MODES[rule.in_mode]] if rule.in_mode else []
    if rule.when:
        where.append(f"{'if' if where else 'If'} {_condition(rule.when, names)}")
    if rule.unless:
        where.append(f"{'unless' if where else 'Unless'} {_condition(rule.unless, names)}")
    text = f"{', '.join(where)}, {said}" if where else said
    return sentence(text[0].upper() + text[1:])


def _notes(described: Operation | Stream) -> list[str]:
    notes = [deprecation(described.deprecated)] if described.deprecated else []
    notes += [f"Since {described.since}."] if described.since else []
    if described.description:
        notes += [sentence(described.description.en), sentence(described.description.zh)]
    return notes


def _request_line(carrier: Carrier, names: Mapping[str, str]) -> str:
    request = f"`{carrier.method} {carrier.path}`" if carrier.path else f"`{carrier.method}`"
    assumed = " (assumed)" if carrier.weight_assumed else ""
    parts = [request, f"weight {weight_text(carrier.weight, names)}{assumed}"]
    parts += [f"{budget} {weight_text(weight, names)}" for budget, weight in carrier.costs.items()]
    return " · ".join(parts)


def _errors(operation: Operation, *, checked: bool) -> list[str]:
    errors = ["InvalidParameter: An argument breaks a limit or a rule; nothing was sent."] if checked else []
    errors += [
        "LimitError: A budget is used up, or the exchange said so.",
        "ApiError: The exchange refused; each documented code has a class of its own in `errors`.",
    ]
    if operation.retry == "never":
        errors.append("ExecutionUnknown: It was sent and no answer came: it may have been executed.")
    else:
        errors.append("TransportError: No usable reply came, not after repeating the call either.")
    return errors


def _condition(condition: Condition, names: Mapping[str, str]) -> str:
    parts = []
    for wire, values in condition.values.items():
        name = f"`{names[wire]}`"
        parts.append(f"{name} is {listed([plain(value) for value in values], 'or')}" if values else f"{name} is given")
    return " and ".join(parts)


def listed(parts: Sequence[str], conjunction: str) -> str:
    """`a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"


def _duration(milliseconds: int) -> str:
    for unit, size in _MILLISECONDS:
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size} {unit}"
    return f"{milliseconds} ms"
