"""Python names: each is an identifier, free, told apart from its neighbours, and says something."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, Final, TypeAlias

from ..dialect.vocabulary import Input, Model
from ..findings import Code
from ..names import class_name, python_name
from . import reserved

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ..dialect.errors import ErrorCode, HttpError
    from ..dialect.operations import Operation
    from ..dialect.params import Param
    from ..dialect.streams import Stream
    from ..dialect.vocabulary import Enum, Field, Union
    from ..position import Position
    from .scope import Scope

__all__ = ["check_classes", "check_enums", "check_errors", "check_ids", "check_members", "check_modules"]

_Renamed: TypeAlias = "Operation | Stream | Enum | Model | Union | Input | Field | Param"

_SHORT: Final = 2
_SPEAKING: Final = frozenset({"id"})
"""Short wire names that say what they are."""


def check_members(
    scope: Scope, members: Collection[Field | Param], table: dict[str, str], *, positional: bool = False
) -> None:
    """Fields of a model, or parameters of one method.

    The elements of a positional array have no name but the one that the spec gives them.
    """
    taken: dict[str, str] = {}
    for member in members:
        name = python_name(member)
        why = reserved.reason(name, table)
        first = taken.setdefault(name, member.wire)
        if not name.isidentifier():
            message = f"no Python name follows from '{member.wire}'; give it a 'name'"
            scope.note(member.position, Code.NAME_NEEDED, message)
        elif member.name is None and not positional and len(member.wire) <= _SHORT and member.wire not in _SPEAKING:
            message = f"'{member.wire}' says nothing; give it a 'name'"
            scope.note(member.position, Code.NAME_NEEDED, message)
        elif why is not None:
            message = f"the Python name '{name}' {why}; give '{member.wire}' another 'name'"
            scope.note(member.position, Code.RESERVED_NAME, message)
        elif first != member.wire:
            message = f"'{member.wire}' and '{first}' would both be called '{name}'; give one another 'name'"
            scope.note(member.position, Code.NAME_COLLISION, message)
    _check_former_names(
        scope, members, {python_name(member): member.position for member in members}, "a Python name already"
    )


def check_ids(scope: Scope) -> None:
    """Ids of operations, streams and groups, which are attributes."""
    product = scope.product
    for noun, things, table in (
        ("an operation", product.operations, reserved.OPERATIONS),
        ("a stream", product.streams, reserved.STREAMS),
        ("a group", product.groups, reserved.GROUPS),
        ("an environment", product.environments, {}),
    ):
        for name, thing in things.items():
            why = reserved.reason(name, table)
            if why is not None:
                scope.note(thing.position, Code.RESERVED_NAME, f"{noun} cannot be called '{name}': it {why}")
    _check_former_ids(scope)
    _check_distinct_classes(scope)


def _check_former_ids(scope: Scope) -> None:
    product = scope.product
    operations = {name: operation.position for name, operation in product.operations.items()}
    _check_former_names(scope, product.operations.values(), operations, "the id of another operation")
    streams = {name: stream.position for name, stream in product.streams.items()}
    _check_former_names(scope, product.streams.values(), streams, "the id of another stream")


def _check_former_names(scope: Scope, things: Iterable[_Renamed], taken: dict[str, Position], noun: str) -> None:
    """Former names belong to nothing else, neither now nor formerly; `taken` says where each name is."""
    for thing in things:
        for index, former in enumerate(thing.renamed_from):
            position = scope.at(thing, "renamed_from", index)
            first = taken.setdefault(former, position)
            if first is not position:
                scope.note(position, Code.NAME_COLLISION, f"'{former}' is {noun}, in {first}")


def _check_distinct_classes(scope: Scope) -> None:
    """Operations have a class each, in their group's module."""
    taken: dict[tuple[str, str], str] = {}
    for operation in scope.product.operations.values():
        first = taken.setdefault((operation.group, class_name(operation.id)), operation.id)
        if first != operation.id:
            message = f"'{operation.id}' and '{first}' would have one class name, {class_name(first)}"
            scope.note(operation.position, Code.NAME_COLLISION, message)
    constants: dict[str, str] = {}
    for event in scope.product.events.values():
        first = constants.setdefault(class_name(event.wire), event.wire)
        if first != event.wire:
            message = f"'{event.wire}' and '{first}' would have one class name, {class_name(first)}"
            scope.note(event.position, Code.NAME_COLLISION, message)


def check_classes(scope: Scope) -> None:
    """Names of enums, models, unions and inputs: one name space, shared with the clients and the groups' classes."""
    product = scope.product
    taken: dict[str, str] = {product.client: "the client", f"Async{product.client}": "the asynchronous client"}
    for name in product.operations:
        taken[f"{class_name(name)}Params"] = f"the parameters of '{name}'"
    for kind, names in (("Method", product.operations), ("Group", product.groups)):
        for name in names:
            for transport in ("", "Async", "Ws"):
                taken[f"{transport}{class_name(name)}{kind}"] = f"a class of '{name}'"
    for noun, things in (("an enum", product.enums), ("a model", product.models), ("an input", product.inputs)):
        for name, thing in things.items():
            why = reserved.reason(name, reserved.CLASSES)
            first = taken.setdefault(name, f"{noun} in {thing.position}")
            if why is not None:
                scope.note(thing.position, Code.RESERVED_NAME, f"{noun} cannot be called '{name}': it {why}")
            elif first != f"{noun} in {thing.position}":
                scope.note(thing.position, Code.NAME_COLLISION, f"'{name}' is also the name of {first}")
    places = {name: thing.position for name, thing in scope.types.items()}
    _check_former_names(scope, scope.types.values(), places, "the name of another type")
    for thing in scope.types.values():
        if isinstance(thing, Model):
            check_members(scope, thing.fields, reserved.FIELDS, positional=thing.shape == "array")
        elif isinstance(thing, Input):
            check_members(scope, thing.params, {})


def check_enums(scope: Scope) -> None:
    """Values of an enum, each of which stands once."""
    for enum in scope.product.enums.values():
        seen: dict[str | int, Position] = {}
        for value in enum.values:
            first = seen.setdefault(value.value, value.position)
            if first is not value.position:
                message = f"'{value.value}' is among the values of '{enum.name}' already"
                scope.note(value.position, Code.DUPLICATE_WIRE_NAME, message)


def check_errors(scope: Scope) -> None:
    """Error codes, and the classes that are named after errors."""
    codes: dict[int, Position] = {}
    classes: dict[str, Position] = {}
    for error in scope.product.errors:
        first_code = codes.setdefault(error.code, error.position)
        if first_code is not error.position:
            message = f"the code {error.code} is described in {first_code} already"
            scope.note(error.position, Code.DUPLICATE_WIRE_NAME, message)
    answers: dict[tuple[int, str | None], Position] = {}
    for answer in scope.product.http_errors:
        first_answer = answers.setdefault((answer.status, answer.message), answer.position)
        if first_answer is not answer.position:
            message = f"what this status and message say is described in {first_answer} already"
            scope.note(answer.position, Code.DUPLICATE_WIRE_NAME, message)
    everything: list[ErrorCode | HttpError] = [*scope.product.errors, *scope.product.http_errors]
    documented = [(named, "name", named.name) for named in everything]
    second = [(named, "alias", named.alias) for named in scope.product.errors if named.alias is not None]
    for named, key, spelling in [*documented, *second]:
        name = class_name(spelling)
        why = reserved.reason(name, reserved.ERRORS)
        first = classes.setdefault(name, named.position)
        position = scope.at(named, key)
        if not name.isidentifier():
            scope.note(position, Code.MALFORMED_NAME, f"no class name follows from '{spelling}'")
        elif why is not None:
            scope.note(position, Code.RESERVED_NAME, f"the class name '{name}' {why}")
        elif first is not named.position:
            message = f"the error in {first} has the class name '{name}' already"
            scope.note(position, Code.NAME_COLLISION, message)


def check_modules(scope: Scope) -> None:
    """Names of files and folders, which become modules and packages."""
    for part in scope.parts.parts():
        if not _is_module_name(part.stem):
            message = f"'{part.stem}' cannot name a Python module; use lower-case letters, digits and underscores"
            scope.note(part.start, Code.MALFORMED_NAME, message)
    if not _is_module_name(scope.product.name):
        message = f"'{scope.product.name}' cannot name a Python package"
        scope.note(scope.product.position, Code.MALFORMED_NAME, message)


def _is_module_name(name: str) -> bool:
    return name.isidentifier() and name.isascii() and name == name.lower() and not keyword.iskeyword(name)
