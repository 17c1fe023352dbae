"""What the checks of one product look at: its objects, where they stand, and which names there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import define

from ..places import Places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..bind.part import Part
    from ..dialect.exchange import Spec
    from ..dialect.operations import Carrier, Operation
    from ..dialect.params import Param
    from ..dialect.product import Product
    from ..dialect.vocabulary import Enum, Input, Model, Union
    from ..findings import Code, Findings, Severity
    from ..folder import ProductParts
    from ..position import Position

__all__ = ["Known", "NamedType", "Scope"]

NamedType: TypeAlias = "Enum | Model | Union | Input"


@define(frozen=True)
class Known:
    """The names of one kind that there are, for references to them."""

    names: frozenset[str]
    incomplete: bool = False
    """There may be more: a file that would tell cannot be read."""

    def __contains__(self, name: str) -> bool:
        return self.incomplete or name in self.names


@define(eq=False)
class Scope(Places):
    """One product and what is around it."""

    spec: Spec
    product: Product
    parts: ProductParts
    exchange: Part | None
    findings: Findings
    damaged: set[int]
    types: dict[str, NamedType]
    type_names: Known
    operations: Known
    streams: Known
    events: Known
    security: Known
    routes: Known
    groups: Known
    budgets: Known

    def is_damaged(self, thing: object) -> bool:
        """Whether something is missing in an object because of another finding."""
        return id(thing) in self.damaged

    # --- Findings --------------------------------------------------------------------------------------------------

    def note(self, position: Position, code: Code, message: str, *, severity: Severity = "error") -> None:
        """Notes a finding without a suggestion."""
        self.findings.add(position, code, message, severity=severity)

    def refer(self, name: str, known: Known, position: Position, code: Code, message: str) -> bool:
        """Whether a name that is referred to exists; notes `message` and the nearest name if it does not."""
        if name in known:
            return True
        self.findings.add(position, code, message, wrong=name, candidates=known.names)
        return False

    # --- Parameters ------------------------------------------------------------------------------------------------

    def params_of(self, operation: Operation, carrier: Carrier) -> dict[str, Param]:
        """The parameters of an operation on one carrier, by wire name."""
        return {param.wire: param for param in operation.params_on(carrier)}

    def all_params(self, operation: Operation) -> dict[str, Param]:
        """The parameters of an operation on any carrier, by wire name."""
        params = {param.wire: param for param in operation.params}
        for carrier in operation.carriers:
            params.update((param.wire, param) for param in carrier.params if param.wire not in params)
        return params

    def known_params(self, operation: Operation, params: Iterable[str]) -> Known:
        """The names of parameters that may be referred to, those included that could not be bound."""
        written: frozenset[str] = frozenset()
        if self.is_damaged(operation):
            written = self.keys_below(operation, "params")
            for carrier in ("rest", "ws"):
                written |= self.keys_below(operation, carrier, "params")
        return Known(frozenset(params) | written)
