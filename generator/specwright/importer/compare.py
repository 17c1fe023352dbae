"""What a page says beyond an entry of the spec, and where the two disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .comparison import Comparison, Difference
from .content import content_of, examples_of, with_both_languages
from .folding import folded
from .naming import TODO
from .replies import compare_reply, fits_all

if TYPE_CHECKING:
    from .comparison import KeyPath
    from .draft import Draft
    from .knowledge import EntryFacts, Knowledge, Plain

__all__ = ["compare"]

_APPEND: Final = "-"
_PARAM_KEYS: Final = ("type", "required", "default", "one_of", "min", "max", "max_length", "max_items", "pattern")


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
    compare_reply(draft, content, comparison, knowledge)
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
            comparison.add(("params",), {name: with_both_languages(page) for name, page in draft.params.items()})
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
            comparison.add(place, with_both_languages(page))
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
            if spans and all(folded(each.get("at_most")) != folded(rule.get("at_most")) for each in spans):
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
        carrier["params"] = {name: with_both_languages(page) for name, page in differing.items()}
    elif differing:
        comparison.add(("params",), {name: with_both_languages(page) for name, page in differing.items()})
    missing: list[Plain] = [name for name in shared if name not in params] if draft.params is not None else []
    if missing:
        carrier["without"] = missing
    examples: dict[str, Plain] = {key: carrier.pop(key) for key in ("example", "examples") if key in carrier}
    if not examples and draft.examples and kind == "rest":
        examples = examples_of(draft)
    if draft.documentation is not None:
        carrier["documentation"] = draft.documentation
    known_response = content.get("response")
    if draft.response is not None and not fits_all(draft, known_response, knowledge):
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


def _mapping(value: Plain) -> dict[str, Plain]:
    return value if isinstance(value, dict) else {}


def _list(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else []
