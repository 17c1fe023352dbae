"""Types and models from examples: what a value shows, what its comment says, what the product knows of the name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import define, field

from ..spec.names import class_name
from .fitting import fits, fitting_models, is_decimal
from .knowledge import FieldFacts
from .naming import TODO, field_name, model_name, needs_name, singular
from .scalars import scalar_type

if TYPE_CHECKING:
    from ..spec.dialect.values import JsonValue
    from .knowledge import Knowledge, TypeText
    from .page.json_text import Path

__all__ = ["FieldDraft", "Inference", "ModelDraft", "Sample"]

_DATA_KEY = re.compile(r"[A-Z0-9]{2,}(?:USDT|USDC|BUSD|USD|BTC|ETH|FDUSD)(?:_\w+)?|\d+|[A-Z]{3,6}(?:-[A-Z0-9]+)+")
_SECRETS: Final = frozenset(("listenKey", "apiKey", "secretKey", "apiSecret", "token"))
_MAXIMUM_DEPTH: Final = 40


@define(frozen=True)
class Sample:
    """One value of a place in examples."""

    value: JsonValue
    path: Path
    """The example's number and the place in it."""


@define
class FieldDraft(FieldFacts):
    """A field of a model that an example shows."""

    secret: bool = False
    comment: str | None = None


@define
class ModelDraft:
    """A model that the spec does not have."""

    name: str
    is_array: bool = False
    fields: list[FieldDraft] = field(factory=list)


@define
class Inference:
    """Infers the type of one reply or payload; models that are not known yet are collected in `models`."""

    knowledge: Knowledge
    comments: Mapping[Path, str]
    """Place (with the example's number before it) → comment."""
    taken: set[str]
    """Names that a new model cannot have."""
    models: dict[str, ModelDraft] = field(factory=dict)
    reused: list[str] = field(factory=list)
    """Models of the spec that examples fit."""

    def type_of(self, samples: list[Sample], hint: str, depth: int = 0) -> TypeText:
        """The type of values that stand in the same place; `hint` names the model that one may need."""
        values = [sample.value for sample in samples]
        if depth > _MAXIMUM_DEPTH:
            return TODO
        if all(isinstance(value, Mapping) for value in values):
            return self._object(samples, hint, depth)
        if all(isinstance(value, Sequence) and not isinstance(value, str) for value in values):
            return self._list(samples, hint, depth)
        return scalar_type(values, hint, self._comment(samples))

    # --- Objects and lists -------------------------------------------------------------------------------------------

    def _object(self, samples: list[Sample], hint: str, depth: int) -> TypeText:
        members = _members(samples)
        if not members:
            return TODO
        if _is_data_keyed(members):
            inner = [sample for listed in members.values() for sample in listed]
            return {"string": self.type_of(inner, singular(hint), depth + 1)}
        known = self._known_model([sample.value for sample in samples])
        if known is not None:
            return known
        draft = ModelDraft(self._name(hint))
        for wire, listed in members.items():
            each = self.field(wire, listed, depth)
            each.optional = len(listed) < len(samples)
            draft.fields.append(each)
        _tell_apart(draft.fields)
        return self._add(draft)

    def _list(self, samples: list[Sample], hint: str, depth: int) -> TypeText:
        items = [
            Sample(item, (*sample.path, index))
            for sample in samples
            if isinstance(sample.value, Sequence)
            for index, item in enumerate(sample.value)
        ]
        if not items:
            return [TODO]
        if _are_positional(samples):
            return self._positional(samples, hint, depth)
        good = [item for item in items if not _is_error(item.value)]
        if good and len(good) < len(items):
            inner = self.type_of(good, singular(hint), depth + 1)
            return [{"result": inner}]
        return [self.type_of(items, singular(hint), depth + 1)]

    def _positional(self, samples: list[Sample], hint: str, depth: int) -> TypeText:
        known = self._known_model([sample.value for sample in samples])
        if known is not None:
            return known
        draft = ModelDraft(self._name(hint), is_array=True)
        lists = [sample for sample in samples if isinstance(sample.value, Sequence)]
        longest = max(len(sample.value) for sample in lists if isinstance(sample.value, Sequence))
        for index in range(longest):
            listed = [
                Sample(sample.value[index], (*sample.path, index))
                for sample in lists
                if isinstance(sample.value, Sequence) and index < len(sample.value)
            ]
            comment = self._comment(listed)
            name = field_name(comment) if comment else None
            each = self.field(name or f"{TODO}_{index + 1}", listed, depth)
            each.name = None
            each.optional = len(listed) < len(lists)
            draft.fields.append(each)
        _number_twins(draft.fields)
        return self._add(draft)

    def _add(self, draft: ModelDraft) -> str:
        for name, model in self.models.items():
            if model.is_array == draft.is_array and model.fields == draft.fields:
                return name
        self.models[draft.name] = draft
        self.taken.add(draft.name)
        return draft.name

    def _name(self, hint: str) -> str:
        return model_name(hint, self.taken | self.models.keys())

    def _known_model(self, values: list[JsonValue]) -> str | None:
        """The one model of the product that all values fit, the closest where there are several."""
        names = fitting_models(values[0], self.knowledge)
        names = [name for name in names if all(fits(value, name, self.knowledge) for value in values[1:])]
        if not names:
            return None
        sizes = [len(self.knowledge.models[name].fields) for name in names]
        if sizes.count(sizes[0]) > 1:
            return None  # Two models of the same form may be different things: which one is meant is not known.
        self.reused.append(names[0])
        return names[0]

    # --- Fields ------------------------------------------------------------------------------------------------------

    def field(self, wire: str, samples: list[Sample], depth: int = 0) -> FieldDraft:
        """The field of a model whose values are `samples`."""
        comment = self._comment(samples)
        values = [sample.value for sample in samples]
        draft = FieldDraft(wire, TODO, comment=comment, secret=wire in _SECRETS)
        draft.nullable = any(value is None for value in values)
        given = [sample for sample in samples if sample.value is not None]
        if needs_name(wire):
            draft.name = (field_name(comment) if comment else None) or self._used_name(wire) or TODO
        used = self._used_type(wire, [sample.value for sample in given])
        if used is not None:
            draft.type = used
            draft.blank = any(value == "" for value in values) and used != "string"
        elif given:
            filled = [sample for sample in given if sample.value != ""]
            speaking = draft.name if draft.name not in (None, TODO) else wire
            draft.type = self._field_type(str(speaking), filled, depth) if filled else "string"
            draft.blank = bool(filled) and len(filled) < len(given) and draft.type != "string"
        return draft

    def _field_type(self, wire: str, samples: list[Sample], depth: int) -> TypeText:
        values = [sample.value for sample in samples]
        enum = self._enum(wire, values)
        if enum is not None:
            return enum
        listed = [item for value in values if isinstance(value, list) for item in value]
        if listed and all(isinstance(value, list) for value in values):
            of_items = self._enum(singular(wire), listed)
            if of_items is not None:
                return [of_items]
        if any(isinstance(value, Mapping | list) for value in values):
            return self.type_of(samples, wire, depth + 1)
        return scalar_type(values, wire, self._comment(samples))

    def _used_type(self, wire: str, values: list[JsonValue]) -> TypeText | None:
        """The type that all of the product's models give fields of this name, where they agree and the values fit."""
        uses = [use for use in self.knowledge.fields.get(wire, []) if use.type != TODO]
        if not uses or any(use.type != uses[0].type for use in uses):
            return None
        may_be_blank = any(use.blank for use in uses) or uses[0].type == "string"
        given = [value for value in values if value != "" or not may_be_blank]
        return uses[0].type if all(fits(value, uses[0].type, self.knowledge) for value in given) else None

    def _used_name(self, wire: str) -> str | None:
        """The Python name that all of the product's models give fields of this name."""
        names = {use.name for use in self.knowledge.fields.get(wire, []) if use.name != TODO}
        return names.pop() if len(names) == 1 else None

    def _enum(self, wire: str, values: list[JsonValue]) -> str | None:
        """The product's enum that a field's name or its other uses point to, if it has all the values."""
        candidates = [name for name, known in self.knowledge.enums.items() if _all_among(values, known)]
        by_use = {str(use.type) for use in self.knowledge.fields.get(wire, [])}
        used = [name for name in candidates if name in by_use]
        if len(used) == 1:
            return used[0]
        named = [name for name in candidates if name in (class_name(wire), class_name(singular(wire)))]
        return named[0] if named else None

    def _comment(self, samples: list[Sample]) -> str | None:
        return next((self.comments[sample.path] for sample in samples if sample.path in self.comments), None)


def _members(samples: list[Sample]) -> dict[str, list[Sample]]:
    members: dict[str, list[Sample]] = {}
    for sample in samples:
        if isinstance(sample.value, Mapping):
            for wire, value in sample.value.items():
                members.setdefault(wire, []).append(Sample(value, (*sample.path, wire)))
    return members


def _is_data_keyed(members: Mapping[str, list[Sample]]) -> bool:
    values = [sample.value for listed in members.values() for sample in listed]
    same = all(isinstance(value, Mapping) for value in values) or all(isinstance(value, list) for value in values)
    return same and all(_DATA_KEY.fullmatch(key) for key in members)


def _are_positional(samples: list[Sample]) -> bool:
    """Lists whose elements are of different kinds, or which are rows of one length within a list."""
    rows = [sample.value for sample in samples if isinstance(sample.value, Sequence)]
    if any(isinstance(item, Mapping | list) for row in rows for item in row):
        return False
    kinds = {_kind(item) for row in rows for item in row}
    inner = all(len(sample.path) > 1 and isinstance(sample.path[-1], int) for sample in samples)
    return len(kinds) > 1 or (inner and len({len(row) for row in rows}) == 1 and len(rows[0]) > 1)


def _kind(value: JsonValue) -> str:
    if isinstance(value, str):
        return "decimal" if is_decimal(value) else "string"
    return "bool" if isinstance(value, bool) else "number" if isinstance(value, int | Decimal) else "none"


def _is_error(value: JsonValue) -> bool:
    return isinstance(value, Mapping) and value.keys() == {"code", "msg"}


def _all_among(values: list[JsonValue], known: list[str | int]) -> bool:
    scalars = [value for value in values if isinstance(value, str | int) and not isinstance(value, bool)]
    return len(scalars) == len(values) > 0 and all(value in known for value in scalars)


def _number_twins(fields: list[FieldDraft]) -> None:
    """Elements of a positional array that have one name get numbers: `ignored`, `ignored_2`."""
    seen: dict[str, int] = {}
    for each in fields:
        seen[each.wire] = seen.get(each.wire, 0) + 1
        if seen[each.wire] > 1:
            each.wire = f"{each.wire}_{seen[each.wire]}"


def _tell_apart(fields: list[FieldDraft]) -> None:
    """Two fields cannot have one name: where comments give them one, neither is sure of it."""
    names = [each.name for each in fields if each.name is not None]
    for each in fields:
        if each.name is not None and names.count(each.name) > 1:
            each.name = TODO
