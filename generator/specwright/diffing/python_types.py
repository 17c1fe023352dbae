"""What Python sees of the dialect's types, when a value is read and when it is passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import frozen

from ..spec.dialect.types import ByPresence, ListOf, MapOf, Named, ResultOrError, Scalar
from ..spec.written import written
from .things import Typed

if TYPE_CHECKING:
    from ..spec.dialect.product import Product
    from ..spec.dialect.types import Response, TypeExpression
    from ..spec.written import YamlData

__all__ = ["PythonTypes"]

_RECEIVED: Final = {
    "string": "str",
    "int": "int",
    "timestamp": "int",
    "decimal": "Decimal",
    "number": "Decimal",
    "bool": "bool",
    "json": "JsonValue",
}
_SENT: Final = {**_RECEIVED, "decimal": "DecimalInput", "number": "DecimalInput"}
_LISTS: Final = {True: "Sequence", False: "list"}
_MAPS: Final = {True: "Mapping", False: "dict"}


@frozen
class PythonTypes:
    """The types of one product, under the names that they are compared by."""

    product: Product
    renamed: Mapping[str, str]

    def name(self, name: str) -> str:
        """The name of a type, the present one where it was renamed."""
        return self.renamed.get(name, name)

    def received(self, expression: TypeExpression) -> Typed:
        """A value that the exchange sends."""
        return self._typed(expression, sent=False)

    def sent(self, expression: TypeExpression) -> Typed:
        """A value that the caller passes."""
        return self._typed(expression, sent=True)

    def response(self, response: Response) -> Typed:
        """A reply, which may depend on what was sent."""
        if not isinstance(response, ByPresence):
            return self.received(response)
        present, absent = self.received(response.present), self.received(response.absent)
        python = f"{present.python} with {response.param}, {absent.python} without"
        return Typed(self._spelt(written(response)), python, present.names_values or absent.names_values)

    def _typed(self, expression: TypeExpression, *, sent: bool) -> Typed:
        return Typed(
            self._spelt(written(expression)), self._python(expression, sent=sent), self._names_values(expression)
        )

    def _spelt(self, data: YamlData) -> YamlData:
        match data:
            case str():
                return self.name(data)
            case Mapping():
                return {name: self._spelt(inner) for name, inner in data.items()}
            case Sequence():
                return [self._spelt(inner) for inner in data]
        return data

    def _python(self, expression: TypeExpression, *, sent: bool) -> str:
        match expression:
            case Scalar(kind=kind):
                return (_SENT if sent else _RECEIVED)[kind]
            case ListOf(item=item):
                return f"{_LISTS[sent]}[{self._python(item, sent=sent)}]"
            case MapOf(value=value):
                return f"{_MAPS[sent]}[str, {self._python(value, sent=sent)}]"
            case ResultOrError(result=result):
                return f"{self._python(result, sent=sent)} | RejectedItem"
            case Named(name=name) if name in self.product.enums:
                return "str" if self.product.enums[name].kind == "string" else "int"
        return self.name(expression.name)

    def _names_values(self, expression: TypeExpression) -> bool:
        match expression:
            case ListOf(item=inner) | MapOf(value=inner) | ResultOrError(result=inner):
                return self._names_values(inner)
            case Named(name=name):
                return name in self.product.enums
        return False
