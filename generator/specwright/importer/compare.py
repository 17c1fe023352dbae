"""What a page says beyond an entry of the spec, and where the two disagree."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define, field

from .draft import content_of, examples_of
from .fitting import misfits
from .naming import TODO

if TYPE_CHECKING:
    from ..spec.model import JsonValue
    from .draft import Draft
    from .fitting import Misfit
    from .knowledge import EntryFacts, Knowledge, Plain, TypeText

__all__ = ["Addition", "Comparison", "Difference", "KeyPath", "compare"]

KeyPath: TypeAlias = tuple[str, ...]
"""Keys from an entry down; `-` at its end appends to a list."""

_APPEND: Final = "-"
_PARAM_KEYS: Final = ("type", "required", "default", "one_of", "min", "max", "max_length", "max_items", "pattern")
_DURATION = re.compile(r"(\d+)(ms|s|m|h|d)")
_UNITS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


@define(frozen=True)
class Addition:
    """Something that the page says and the spec does not."""

    path: KeyPath
    value: Plain


@define(frozen=True)
class Difference:
    """Something that the page and the spec say differently."""

    what: str
    spec: Plain
    page: Plain
    path: KeyPath | None = None
    """Where the page's word would stand; None: there is no one place for it."""


@define
class Comparison:
    """The outcome; empty where the spec has all that the page says."""

    additions: list[Addition] = field(factory=list)
    differences: list[Difference] = field(factory=list)
    lacking: list[Misfit] = field(factory=list)
    """Fields of replies that the spec's models do not have."""

    def add(self, path: KeyPath, value: Plain) -> None:
        """Notes what the spec lacks."""
        self.additions.append(Addition(path, value))

    def compare(self, what: str, path: KeyPath, spec: Plain, page: Plain) -> None:
        """Compares one fact; nothing or TODO on one side is no disagreement."""
        if page is None or page == TODO:
            return
        if spec is None or spec == TODO:
            self.add(path, page)
        elif _folded(spec) != _folded(page):
            self.differences.append(Difference(what, spec, page, path))


def compare(draft: Draft, entry: EntryFacts, knowledge: Knowledge) -> Comparison:
    """What importing a draft into an entry of the spec would add, and what it would contradict."""
    comparison = Comparison()
    content = entry.content
    for key, texts in draft.texts.items():
        known = content.get(key)
        for language, text in texts.items():
            if key == "summary" or (isinstance(known, dict) and known.get(language) == TODO):
                said = known.get(language) if isinstance(known, dict) else None
                if said is None or said == TODO:
                    comparison.add((key, language), text)
    if draft.carrier is None:
        _compare_pushed(draft, content, comparison)
    else:
        comparison.compare("security", ("security",), content.get("security"), draft.security)
        carrier = content.get(draft.carrier)
        if carrier is None:
            _add_carrier(draft, content, comparison, knowledge)
            return comparison
        _compare_carrier(draft, content, carrier if isinstance(carrier, dict) else {}, comparison)
    _compare_reply(draft, content, comparison, knowledge)
    return comparison


# --- Streams and events ----------------------------------------------------------------------------------------------


def _compare_pushed(draft: Draft, content: dict[str, Plain], comparison: Comparison) -> None:
    for key in ("route", "update_speed"):
        comparison.compare(key, (key,), content.get(key), draft.pushed.get(key))
    if draft.documentation is not None:
        comparison.compare("documentation", ("documentation",), content.get("documentation"), draft.documentation)
    known = _mapping(content.get("params"))
    if len(known) == len(draft.params or {}):
        # The spec may call the parts of a name otherwise; in order they are the same.
        for (name, spec), page in zip(known.items(), (draft.params or {}).values(), strict=True):
            _compare_param(name, spec, page, ("params", name), comparison)


# --- Operations ------------------------------------------------------------------------------------------------------


def _compare_carrier(
    draft: Draft, content: dict[str, Plain], carrier: dict[str, Plain], comparison: Comparison
) -> None:
    kind = str(draft.carrier)
    for key in ("method", "path"):
        comparison.compare(key, (kind, key), carrier.get(key), draft.carried.get(key))
    comparison.compare("weight", (kind, "weight"), carrier.get("weight"), draft.carried.get("weight"))
    costs = _mapping(carrier.get("costs"))
    for budget, cost in _mapping(draft.carried.get("costs")).items():
        comparison.compare(f"cost on {budget}", (kind, "costs", budget), costs.get(budget), cost)
    if draft.documentation is not None:
        own = carrier.get("documentation")
        place = (kind, "documentation") if own is not None or kind == "ws" else ("documentation",)
        shared = content.get("documentation") if kind == "rest" or content.get("rest") is None else None
        comparison.compare("documentation", place, own if own is not None else shared, draft.documentation)
    _compare_params(draft, content, carrier, comparison)
    _compare_rules(draft, content, comparison)


def _compare_params(draft: Draft, content: dict[str, Plain], carrier: dict[str, Plain], comparison: Comparison) -> None:
    if draft.params is None:
        return
    if content.get("params") == TODO:
        if draft.params:
            comparison.add(("params",), dict(draft.params))
        return
    kind = str(draft.carrier)
    own = _mapping(carrier.get("params"))
    without = carrier.get("without")
    left_out = without if isinstance(without, list) else [without]
    shared = {name: param for name, param in _mapping(content.get("params")).items() if name not in left_out}
    effective = {**shared, **own}
    several = content.get("rest") is not None and content.get("ws") is not None
    for name, page in draft.params.items():
        place = (kind, "params", name) if name in own or (several and name not in shared) else ("params", name)
        if name not in effective:
            comparison.add(place, dict(page))
        else:
            _compare_param(name, effective[name], page, place, comparison)
    for name in effective:
        if name not in draft.params:
            comparison.differences.append(Difference(f"parameter {name}", "described", "not on the page"))


def _compare_param(name: str, spec: Plain, page: dict[str, Plain], place: KeyPath, comparison: Comparison) -> None:
    known = spec if isinstance(spec, dict) and "type" in spec else {"type": spec}
    for key in _PARAM_KEYS:
        said = page.get(key)
        if key == "required" and said is None:
            said = False
        if key == "one_of" and said is None:
            continue
        found = known.get(key)
        if key == "required" and found is None:
            found = False
        if found is None and said is not None and not (isinstance(spec, dict) and "type" in spec):
            comparison.add(place, {**known, **{each: page[each] for each in _PARAM_KEYS if each in page}})
            return
        comparison.compare(f"parameter {name}, {key}", (*place, key), found, said)
    texts = _mapping(known.get("summary"))
    for language, text in _mapping(page.get("summary")).items():
        if texts.get(language) == TODO or (texts and language not in texts):
            comparison.add((*place, "summary", language), text)


def _compare_rules(draft: Draft, content: dict[str, Plain], comparison: Comparison) -> None:
    """A rule about the same parameters counts as the page's, of whatever kind it is: the spec's is the finer one."""
    rules = content.get("rules")
    known = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    for rule in draft.rules:
        kind, params = next(iter(rule.items()))
        same = [each for each in known if _named(each) == _named(rule)]
        if not same:
            comparison.add(("rules", _APPEND), rule)
        elif kind == "span":
            spans = [each for each in same if "span" in each]
            if spans and all(_folded(each.get("at_most")) != _folded(rule.get("at_most")) for each in spans):
                what = f"span of {' and '.join(str(name) for name in _list(params))}"
                comparison.differences.append(Difference(what, spans[0].get("at_most"), rule.get("at_most")))


def _named(rule: dict[str, Plain]) -> frozenset[str]:
    for kind in ("require", "require_any", "require_one", "exclusive", "forbid", "span"):
        if kind in rule:
            return frozenset(str(name) for name in _list(rule[kind]))
    return frozenset()


def _add_carrier(draft: Draft, content: dict[str, Plain], comparison: Comparison, knowledge: Knowledge) -> None:
    """The second carrier of an operation: only what differs from the first stands in it."""
    kind = str(draft.carrier)
    whole = content_of(draft)
    carrier = dict(_mapping(whole.get(kind)))
    shared = _mapping(content.get("params"))
    params = draft.params or {}
    differing = {name: page for name, page in params.items() if _differs(shared.get(name), page)}
    if differing and shared:
        carrier["params"] = dict(differing)
    elif differing:
        comparison.add(("params",), dict(differing))
    missing: list[Plain] = [name for name in shared if name not in params] if draft.params is not None else []
    if missing:
        carrier["without"] = missing
    examples: dict[str, Plain] = {key: carrier.pop(key) for key in ("example", "examples") if key in carrier}
    if not examples and draft.examples and kind == "rest":
        examples = examples_of(draft)
    if draft.documentation is not None:
        carrier["documentation"] = draft.documentation
    known_response = content.get("response")
    if draft.response is not None and not _fit_all(draft, known_response, knowledge):
        if known_response in (None, TODO):
            comparison.add(("response",), draft.response)
        else:
            carrier["response"] = draft.response
    if kind == "rest" and not ("example" in content or "examples" in content):
        for key, value in examples.items():
            comparison.add((key,), value)
    elif kind == "ws":
        carrier.update(examples)
    comparison.add((kind,), carrier)
    _compare_rules(draft, content, comparison)


def _differs(spec: Plain, page: dict[str, Plain]) -> bool:
    if spec is None:
        return True
    probe = Comparison()
    _compare_param("", spec, page, (), probe)
    return bool(probe.differences)


# --- Replies ---------------------------------------------------------------------------------------------------------


def _compare_reply(draft: Draft, content: dict[str, Plain], comparison: Comparison, knowledge: Knowledge) -> None:
    carrier = _mapping(content.get(str(draft.carrier)))
    key = "payload" if draft.carrier is None else "response"
    type_ = carrier.get("response", content.get(key))
    if type_ is None or type_ == TODO:
        if draft.response is not None and draft.response != TODO:
            comparison.add((key,), draft.response)
    else:
        for value in _replies(draft):
            _compare_value(value, type_, comparison, knowledge)
    if not draft.examples:
        return
    place = (str(draft.carrier),) if draft.carrier == "ws" else ()
    holder = carrier if draft.carrier == "ws" else content
    listed = [each for each in ("example", "examples") if each in holder]
    if not listed or holder.get("example") == TODO:
        for name, value_text in examples_of(draft).items():
            comparison.add((*place, name), value_text)


def _compare_value(value: JsonValue, type_: Plain, comparison: Comparison, knowledge: Knowledge) -> None:
    found: list[Misfit] | None = None
    for candidate in _alternatives(type_):
        each = misfits(value, candidate, knowledge)
        if found is None or len(each) < len(found):
            found = each
    for misfit in found or ():
        if misfit.wire is not None:
            if all((misfit.model, misfit.wire) != (known.model, known.wire) for known in comparison.lacking):
                comparison.lacking.append(misfit)
        else:
            shown = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in misfit.path).lstrip(".")
            difference = Difference(f"reply {shown}".strip(), str(type_), misfit.message)
            if all(difference.page != known.page for known in comparison.differences):
                comparison.differences.append(difference)


def _replies(draft: Draft) -> list[JsonValue]:
    values: list[JsonValue] = []
    for example in draft.examples:
        value = example.value
        if draft.carrier == "ws" and isinstance(value, dict) and ("result" in value or "error" in value):
            if "result" not in value:
                continue
            value = value["result"]
        if value != {}:
            values.append(value)
    return values


def _alternatives(type_: Plain) -> list[TypeText]:
    if isinstance(type_, dict) and "with" in type_:
        present = _mapping(type_["with"])
        listed: list[Plain] = [*present.values(), type_.get("without")]
        return [each for each in listed if isinstance(each, str | list | dict)]
    return [type_] if isinstance(type_, str | list | dict) else []


def _fit_all(draft: Draft, type_: Plain, knowledge: Knowledge) -> bool:
    values = _replies(draft)
    if type_ is None:
        return not values
    return all(any(not misfits(value, each, knowledge) for each in _alternatives(type_)) for value in values)


# --- Values ----------------------------------------------------------------------------------------------------------


def _folded(value: Plain) -> object:
    """A value without differences of spelling: of numbers, of the order of values, of `without`."""
    if isinstance(value, dict):
        folded = {str(key): _folded(each) for key, each in value.items()}
        without = folded.get("without")
        if isinstance(without, dict) and len(without) == 1 and "with" in folded:
            folded["without"] = next(iter(without.values()))
        return folded
    if isinstance(value, list):
        scalars = all(isinstance(each, str | int | Decimal) for each in value)
        items = [_folded(each) for each in value]
        return frozenset(str(item) for item in items) if scalars and len(items) > 1 else items
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return Decimal(value)
    duration = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return Decimal(duration[1]) * _UNITS[duration[2]] if duration is not None else value


def _mapping(value: Plain) -> dict[str, Plain]:
    return value if isinstance(value, dict) else {}


def _list(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else []
