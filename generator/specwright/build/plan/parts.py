"""The parts of a module, each planned on its own, so that one can be planned again without the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, TypeVarTuple, Unpack

from ..imports import Imports

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..types import Types

__all__ = ["part"]

T = TypeVar("T")
Given = TypeVarTuple("Given")


def part(
    name: str, make: Callable[[Types, Imports, Unpack[Given]], T], types: Types, imports: Imports, *given: *Given
) -> T:
    """`make(types, imports, *given)`, or what it gave the time before where that is remembered and still right.

    Args:
        name: Tells the parts of a module apart.
        make: A function of its arguments alone.
        types: The types of the product, with the memory if there is one.
        imports: Of the module; what the part needs is added.
        given: What the part is made from.
    """
    memory = types.memory
    if memory is None:
        return make(types, imports, *given)

    def planned() -> tuple[T, Imports]:
        own = Imports(imports.module, imports.is_package)
        return make(types, own, *given), own

    made, needed = memory.recall((imports.module, name), given, planned)
    imports.include(needed)
    return made
