"""Whether a JSON value fits a type of the spec, and what a model lacks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import define, field

from ..spec.check.fit import is_of_kind

if TYPE_CHECKING:
    from ..spec.dialect.values import JsonValue
    from .knowledge import FieldFacts, Knowledge, ModelFacts, TypeText
    from .page.json_text import Path

__all__ = ["Misfit", "fits", "fitting_models", "is_decimal", "misfits"]

_DECIMAL = re.compile(r"\s*-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\s*")
_MAXIMUM_DEPTH: Final = 40


@define(frozen=True)
class Misfit:
    """One place where a value is not what the spec says."""

    path: Path
    message: str
    model: str | None = None
    """The model that lacks a field, where that is what is wrong."""
    wire: str | None = None
    """The field that it lacks."""
    value: JsonValue = field(default=None, eq=False)
    """What stands in that field."""


def is_decimal(text: str) -> bool:
    """Whether a string is a decimal number."""
    return _DECIMAL.fullmatch(text) is not None


def fits(value: JsonValue, type_: TypeText, knowledge: Knowledge) -> bool:
    """Whether a value fits without exception."""
    return not misfits(value, type_, knowledge)


def fitting_models(value: JsonValue, knowledge: Knowledge) -> list[str]:
    """Models that a value fits, those first that have the fewest fields beside the value's."""
    size = len(value) if isinstance(value, Mapping | Sequence) else 0
    names = [
        name
        for name, model in knowledge.models.items()
        if model.tag is None and len(model.fields) >= size and fits(value, name, knowledge)
    ]
    return sorted(names, key=lambda name: len(knowledge.models[name].fields))


def misfits(value: JsonValue, type_: TypeText, knowledge: Knowledge, path: Path = ()) -> list[Misfit]:
    """Everything about a value that is not as the type says."""
    if len(path) > _MAXIMUM_DEPTH:
        return [Misfit(path, "is nested too deeply")]
    if isinstance(type_, list):
        if isinstance(value, str) or not isinstance(value, Sequence) or len(type_) != 1:
            return [Misfit(path, "is not a list")]
        item = type_[0]
        return [
            misfit
            for index, each in enumerate(value)
            for misfit in misfits(each, item if isinstance(item, list | dict) else str(item), knowledge, (*path, index))
        ]
    if isinstance(type_, dict):
        return _mapping_misfits(value, type_, knowledge, path)
    if type_ in knowledge.enums:
        is_known = value in knowledge.enums[type_] and not isinstance(value, bool)
        return [] if is_known else [Misfit(path, f"{value!r} is not a value of {type_}")]
    if type_ in knowledge.models:
        return _model_misfits(value, knowledge.models[type_], knowledge, path)
    return [] if is_of_kind(value, type_) else [Misfit(path, f"is not of the type {type_}")]


def _mapping_misfits(value: JsonValue, type_: Mapping[str, object], knowledge: Knowledge, path: Path) -> list[Misfit]:
    if "result" in type_:
        if isinstance(value, Mapping) and value.keys() == {"code", "msg"}:
            return []
        return misfits(value, _inner(type_["result"]), knowledge, path)
    if not isinstance(value, Mapping):
        return [Misfit(path, "is not an object")]
    inner = _inner(type_.get("string", "json"))
    return [misfit for name, each in value.items() for misfit in misfits(each, inner, knowledge, (*path, name))]


def _inner(type_: object) -> TypeText:
    return type_ if isinstance(type_, str | list | dict) else str(type_)


def _model_misfits(value: JsonValue, model: ModelFacts, knowledge: Knowledge, path: Path) -> list[Misfit]:
    if model.tag is not None:
        variant = model.variants.get(str(value.get(model.tag))) if isinstance(value, Mapping) else None
        return (
            [] if variant is None and isinstance(value, Mapping) else misfits(value, variant or "json", knowledge, path)
        )
    if model.is_array:
        if isinstance(value, str) or not isinstance(value, Sequence):
            return [Misfit(path, f"is not a list, as {model.name} is")]
        necessary = sum(not each.optional for each in model.fields.values())
        if not necessary <= len(value) <= len(model.fields):
            return [Misfit(path, f"has {len(value)} elements, {model.name} has {len(model.fields)}")]
        pairs = zip(value, model.fields.values(), strict=False)
        return [
            misfit
            for index, (item, each) in enumerate(pairs)
            for misfit in _field_misfits(item, each, knowledge, (*path, index))
        ]
    if not isinstance(value, Mapping):
        return [Misfit(path, f"is not an object, as {model.name} is")]
    found: list[Misfit] = []
    for name, member in value.items():
        facts = model.fields.get(name)
        if facts is None:
            found.append(Misfit((*path, name), f"{model.name} has no such field", model.name, name, member))
        else:
            found.extend(_field_misfits(member, facts, knowledge, (*path, name)))
    for name, facts in model.fields.items():
        if name not in value and not facts.optional:
            found.append(Misfit((*path, name), f"is missing, and not optional in {model.name}"))
    return found


def _field_misfits(value: JsonValue, facts: FieldFacts, knowledge: Knowledge, path: Path) -> list[Misfit]:
    if value is None:
        return [] if facts.nullable or facts.type == "json" else [Misfit(path, "is null, and not nullable")]
    if value == "" and (facts.blank or facts.type == "string"):
        return []
    return misfits(value, facts.type, knowledge, path)
