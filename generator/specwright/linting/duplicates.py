"""Lints about what is there twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..spec.dialect.vocabulary import Enum, Model, Union
from ..spec.findings import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Noted, Subject

__all__ = ["LINTS"]


def has_one_enum_for_a_set_of_values(subject: Subject) -> Iterator[Noted]:
    """The second enum with the same values is noted."""
    first: dict[frozenset[str | int], str] = {}
    for visit in subject.of_type(Enum):
        enum = visit.thing
        assert isinstance(enum, Enum)
        if enum.kind == "int":
            continue  # Numbers from 1 upwards say different things in different enums.
        other = first.setdefault(frozenset(value.value for value in enum.values), enum.name)
        if other != enum.name:
            message = f"'{enum.name}' has the values of '{other}'"
            yield subject.note(visit, Code.SAME_VALUES, message, position=enum.position)


def has_one_model_for_a_set_of_fields(subject: Subject) -> Iterator[Noted]:
    """The second model with the same fields is noted; the variants of a union are told apart by their tag."""
    variants = {
        variant.name
        for union in subject.product.models.values()
        if isinstance(union, Union)
        for variant in union.variants.values()
    }
    first: dict[tuple[object, ...], str] = {}
    for visit in subject.of_type(Model):
        model = visit.thing
        assert isinstance(model, Model)
        if model.name in variants:
            continue
        fields = tuple(
            (field.wire, repr(field.type).partition("position")[0], field.optional, field.nullable, field.blank)
            for field in model.fields
        )
        other = first.setdefault((model.shape, *fields), model.name)
        if other != model.name:
            message = f"'{model.name}' has the fields of '{other}'"
            yield subject.note(visit, Code.SAME_FIELDS, message, position=model.position)


LINTS: Final = (
    has_one_enum_for_a_set_of_values,
    has_one_model_for_a_set_of_fields,
)
