"""What the dialect's types are in generated code: annotations, wire types for the decoder, parameter kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define

from ..spec.dialect.types import ByPresence, ListOf, MapOf, Named, Response, ResultOrError, Scalar, TypeExpression
from ..spec.dialect.vocabulary import Enum, Input, Model
from ..spec.names import python_name
from .layout import Node, call, literal, string_literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..spec.dialect.params import Param
    from ..spec.dialect.product import Product
    from ..spec.dialect.values import WireValue
    from .imports import Imports
    from .memory import Memory

__all__ = ["Types"]

_ANNOTATIONS: Final = {
    "string": "str",
    "int": "int",
    "bool": "bool",
    "timestamp": "int",
}
_KINDS: Final = {
    "string": "string",
    "int": "int",
    "decimal": "decimal",
    "number": "decimal",
    "bool": "bool",
    "timestamp": "timestamp",
    "json": "json",
}


@define
class Types:
    """The types of one product."""

    product: Product
    memory: Memory | None = None
    """What was planned before, where somebody builds again and again."""

    # --- What the exchange sends ---

    def response(self, response: Response | None, imports: Imports) -> str:
        """The annotation of a reply; `None` where there is no content, a union where a parameter decides."""
        if response is None:
            return "None"
        if isinstance(response, ByPresence):
            present, absent = self.received(response.present, imports), self.received(response.absent, imports)
            return present if present == absent else f"{present} | {absent}"
        return self.received(response, imports)

    def received(self, expression: TypeExpression, imports: Imports) -> str:
        """The annotation of a value that the exchange sends."""
        match expression:
            case Scalar(kind="decimal" | "number"):
                return imports.standard_type("decimal", "Decimal")
            case Scalar(kind="json"):
                return imports.local_type(("_runtime", "wire"), "JsonValue")
            case Scalar(kind=kind):
                return _ANNOTATIONS[kind]
            case ListOf(item=item):
                return f"list[{self.received(item, imports)}]"
            case MapOf(value=value):
                return f"dict[str, {self.received(value, imports)}]"
            case ResultOrError(result=result):
                rejected = imports.local_type(("_runtime", "model"), "RejectedItem")
                return f"{self.received(result, imports)} | {rejected}"
            case Named(name=name) if name in self.product.enums:
                enum = self.product.enums[name]
                alias = imports.local_type((self.product.name, "enums"), name)
                return f"{alias} | {'str' if enum.kind == 'string' else 'int'}"
            case Named(name=name):
                return imports.local_type(self.model_module(name), name)

    def wire_type(self, expression: TypeExpression, imports: Imports) -> Node:
        """The source of the wire type that the decoder is built from."""
        match expression:
            case Scalar(kind=kind):
                return imports.local(("_runtime", "wire"), kind.upper())
            case ListOf(item=item):
                return call(imports.local(("_runtime", "wire"), "ListOf"), self.wire_type(item, imports))
            case MapOf(value=value):
                return call(imports.local(("_runtime", "wire"), "MapOf"), self.wire_type(value, imports))
            case ResultOrError(result=result):
                return call(imports.local(("_runtime", "wire"), "ResultOrError"), self.wire_type(result, imports))
            case Named(name=name) if name in self.product.enums:
                return imports.local(("_runtime", "wire"), self.product.enums[name].kind.upper())
            case Named(name=name):
                return string_literal(name)

    def model_module(self, name: str) -> tuple[str, ...]:
        return self.product.name, "models", self.product.models[name].module

    def model_of(self, expression: Response | None) -> Model:
        """The model of a reply, of its items where it is a list; unions and scalars have none.

        Raises:
            LookupError: The expression is not (a list of) a model.
        """
        match expression:
            case ListOf(item=item):
                return self.model_of(item)
            case ResultOrError(result=result):
                return self.model_of(result)
            case Named(name=name):
                model = self.product.models.get(name)
                if isinstance(model, Model):
                    return model
        raise LookupError(f"not a model: {expression}")

    def field_name(self, expression: Response | None, wire: str) -> str:
        """The Python name of a field of the model that a reply is.

        Raises:
            LookupError: The reply is no model, or has no such field.
        """
        for field in self.model_of(expression).fields:
            if field.wire == wire:
                return python_name(field)
        raise LookupError(f"no field {wire}")

    # --- What the caller sends ---

    def sent(self, expression: TypeExpression, imports: Imports) -> str:
        """The annotation of a value that the caller passes."""
        match expression:
            case Scalar(kind="decimal" | "number"):
                return imports.local_type(("_runtime", "arguments"), "DecimalInput")
            case Scalar(kind="json"):
                return imports.local_type(("_runtime", "wire"), "JsonValue")
            case Scalar(kind=kind):
                return _ANNOTATIONS[kind]
            case ListOf(item=item):
                sequence = imports.standard_type("collections.abc", "Sequence")
                return f"{sequence}[{self.sent(item, imports)}]"
            case MapOf(value=value):
                mapping = imports.standard_type("collections.abc", "Mapping")
                return f"{mapping}[str, {self.sent(value, imports)}]"
            case ResultOrError(result=result):
                return self.sent(result, imports)
            case Named(name=name):
                return imports.local_type(self.vocabulary_module(name), name)

    def vocabulary_module(self, name: str) -> tuple[str, ...]:
        """The module of an enum's alias or an input's TypedDict."""
        if name in self.product.enums:
            return self.product.name, "enums"
        return self.product.name, "params", self.product.inputs[name].module

    def allowed_values(self, param: Param) -> Sequence[WireValue] | None:
        """The values that `param` is limited to where they are fewer than its enum's, or it has no enum."""
        expression = param.type.item if isinstance(param.type, ListOf) else param.type
        if param.one_of is None or isinstance(expression, MapOf | ResultOrError | ListOf):
            return None
        if isinstance(expression, Scalar) and expression.kind in ("decimal", "number", "json", "bool"):
            return None
        enum = self.enum_of(expression)
        if enum is not None and [value.value for value in enum.values] == list(param.one_of):
            return None
        return param.one_of

    def literal(self, values: Sequence[WireValue], imports: Imports) -> str:
        """`Literal["BUY", "SELL"]`."""
        return f"{imports.standard_type('typing', 'Literal')}[{', '.join(literal(value) for value in values)}]"

    def kind(self, expression: TypeExpression) -> tuple[str, bool]:
        """The parameter kind of an expression, and whether it is a list of that kind."""
        match expression:
            case ListOf(item=ListOf() | MapOf() | ResultOrError()):
                return "json", False
            case ListOf(item=item):
                return self.kind(item)[0], True
            case Scalar(kind=kind):
                return _KINDS[kind], False
            case Named() if enum := self.enum_of(expression):
                return enum.kind, False
            case Named():
                return "input", False
            case _:
                return "json", False

    def enum_of(self, expression: TypeExpression) -> Enum | None:
        return self.product.enums.get(expression.name) if isinstance(expression, Named) else None

    def input_of(self, expression: TypeExpression) -> Input | None:
        """The input that a parameter is made of, alone or in a list."""
        if isinstance(expression, ListOf):
            return self.input_of(expression.item)
        return self.product.inputs.get(expression.name) if isinstance(expression, Named) else None
