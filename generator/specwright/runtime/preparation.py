"""What can be known of an operation's calls before the first one: headers, budgets, whether to sign.

Preparing once keeps a call down to what depends on its arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

from .errors import ConfigurationError
from .limits import Charge
from .operation import FixedWeight
from .secret import Unpicklable
from .signing import fingerprint
from .weights import judge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .operation import Carrier, Operation
    from .product import Budget, Product
    from .signing import Signer
    from .weights import Judge

__all__ = ["Account", "Prepared", "Preparer"]

_FORM = (b"Content-Type", b"application/x-www-form-urlencoded")
_BODY_METHODS = frozenset({"POST", "PUT"})


@define(repr=False)
class Account(Unpicklable):
    """Who calls: the API key and what signs for it, either of which may be missing."""

    api_key: str | None = None
    signer: Signer | None = None

    def __repr__(self) -> str:
        kind = self.signer.kind if self.signer else "no"
        return f"<Account with {'an' if self.api_key else 'no'} API key, {kind} signature>"


@define(repr=False)
class Prepared(Unpicklable):
    """An operation on one carrier, as one client calls it."""

    operation: Operation
    carrier: Carrier
    request: str
    """For the reader: `GET /fapi/v1/depth`, or the WebSocket API method."""
    path: str
    headers: list[tuple[bytes, bytes]]
    in_body: bool
    """Parameters travel as a form body instead of in the query."""
    api_key: bool
    signed: bool
    charges: tuple[Charge, ...] | None
    """Where no cost depends on the arguments."""
    judges: tuple[tuple[str, Judge], ...]
    """Budgets, and what tells the cost of a call on each."""
    source: str
    """Which service's figures a reply carries."""


class Preparer(Unpicklable):
    """Prepares operations for one client, each once."""

    __slots__ = ("_account", "_charged", "_common_headers", "_known", "_product", "_scopes")

    def __init__(self, product: Product, account: Account, *, host: str, counters: str, user_agent: str) -> None:
        self._product = product
        self._account = account
        self._known: dict[int, Prepared] = {}
        self._charged: dict[tuple[tuple[str, int], ...], tuple[Charge, ...]] = {}
        self._common_headers = [
            (b"Host", host.encode()),
            (b"Accept", b"application/json"),
            (b"Accept-Encoding", b"gzip"),
            (b"User-Agent", user_agent.encode()),
        ]
        owner = fingerprint(account.api_key) if account.api_key else "anonymous"
        self._scopes = {"ip": f"{counters}:ip", "account": f"{counters}:{owner}"}

    def prepare(self, operation: Operation, carrier: Carrier) -> Prepared:
        """The operation, ready to be called.

        Raises:
            ConfigurationError: It needs a key or a signature that the client does not have.
        """
        # Descriptors are constants; the entry holds its carrier, so the number stays its own.
        known = self._known.get(id(carrier))
        if known is None:
            known = self._known[id(carrier)] = self.prepare_once(operation, carrier)
        return known

    def prepare_once(self, operation: Operation, carrier: Carrier) -> Prepared:
        """The same for an operation that is made up for one call."""
        security = self._product.security[operation.security]
        self._check_account(operation, api_key=security.api_key, signed=security.signed)
        fixed = {name: weight.weight for name, weight in carrier.costs.items() if isinstance(weight, FixedWeight)}
        charges = self.charges(fixed) if len(fixed) == len(carrier.costs) else None
        judges = tuple((name, judge(weight, carrier.params)) for name, weight in carrier.costs.items())
        if not carrier.path:
            return Prepared(
                operation,
                carrier,
                carrier.method,
                "",
                [],
                False,
                security.api_key,
                security.signed,
                charges,
                judges,
                "ws_api",
            )
        headers = list(self._common_headers)
        in_body = carrier.method in _BODY_METHODS
        if in_body:
            headers.append(_FORM)
        if security.api_key and self._account.api_key:
            headers.append((self._product.api_key_header.encode(), self._account.api_key.encode()))
        return Prepared(
            operation,
            carrier,
            f"{carrier.method} {carrier.path}",
            carrier.path,
            headers,
            in_body,
            security.api_key,
            security.signed,
            charges,
            judges,
            "rest",
        )

    def charges(self, costs: Mapping[str, int]) -> tuple[Charge, ...]:
        """Costs on this client's counters. The weight budget is always among them: a ban on it stops every call."""
        asked = tuple(costs.items())
        known = self._charged.get(asked)
        if known is not None:
            return known
        weight = self._product.weight_budget
        found = [self._charge(self._product.budgets[weight], costs.get(weight, 0))]
        found.extend(
            self._charge(self._product.budgets[name], cost) for name, cost in costs.items() if name != weight and cost
        )
        self._charged[asked] = tuple(found)
        return self._charged[asked]

    def all_charges(self) -> tuple[Charge, ...]:
        """Every counter of this client, without cost."""
        return tuple(self._charge(budget, 0) for budget in self._product.budgets.values())

    def _charge(self, budget: Budget, cost: int) -> Charge:
        return Charge(budget, self._scopes[budget.scope], cost)

    def _check_account(self, operation: Operation, *, api_key: bool, signed: bool) -> None:
        product = self._product
        if api_key and not self._account.api_key:
            raise ConfigurationError(
                f"{operation.id} needs an API key: pass api_key=… or set {product.api_key_variable}"
            )
        if signed and self._account.signer is None:
            raise ConfigurationError(
                f"{operation.id} is signed: pass api_secret=… or private_key=…, or set {product.api_secret_variable}"
            )
