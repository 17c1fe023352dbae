"""Replies that a page shows, compared with the types that the spec gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .comparison import Difference
from .content import examples_of
from .fitting import misfits
from .naming import TODO

if TYPE_CHECKING:
    from ..spec.dialect.values import JsonValue
    from .comparison import Comparison
    from .draft import Draft
    from .fitting import Misfit
    from .knowledge import Knowledge, Plain, TypeText

__all__ = ["compare_reply", "fits_all"]


def compare_reply(draft: Draft, content: dict[str, Plain], comparison: Comparison, knowledge: Knowledge) -> None:
    """Compares the examples of a page with the type that the entry gives the reply or payload."""
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
            difference = Difference(f"reply {shown}".strip(), None, misfit.message)
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


def fits_all(draft: Draft, type_: Plain, knowledge: Knowledge) -> bool:
    """Whether all replies that a page shows are of a type."""
    values = _replies(draft)
    if type_ is None:
        return not values
    return all(any(not misfits(value, each, knowledge) for each in _alternatives(type_)) for value in values)


def _mapping(value: Plain) -> dict[str, Plain]:
    return value if isinstance(value, dict) else {}
