"""The vocabulary of a product as JSON Schemas: in the draft of OpenAPI 3.1, and in the older one of AsyncAPI 3.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import define, field

from ..spec.bind.params import PARAM
from ..spec.bind.vocabulary import FIELD, INPUT, MODEL
from ..spec.dialect.types import ByPresence, ListOf, MapOf, Named, ResultOrError, Scalar, TypeExpression
from ..spec.dialect.vocabulary import Enum, Field, Input, Model, Union
from ..spec.written import written
from .said import Json, extensions, reference, summary_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..spec.dialect.params import Param
    from ..spec.dialect.product import Product
    from ..spec.dialect.types import Response

__all__ = ["ERROR_REPLY", "Schemas"]

ERROR_REPLY: Final = "ErrorReply"
"""The component of the exchange's `{code, msg}`, which is not a model of the spec."""

_SCALARS: Final[dict[str, Json]] = {
    "string": {"type": "string"},
    "int": {"type": "integer", "format": "int64"},
    "decimal": {"type": "string", "format": "decimal", "x-wire-type": "decimal"},
    "number": {"type": "number", "x-wire-type": "number"},
    "bool": {"type": "boolean"},
    "timestamp": {"type": "integer", "format": "int64", "x-wire-type": "timestamp"},
    "json": {"x-wire-type": "json"},
}
_FIELD_KEYS: Final = ("name", "blank", "secret", "unit", "since", "deprecated", "renamed_from", "suppress")
_PARAM_KEYS: Final = ("name", "case", "generated", "unit", "since", "deprecated", "renamed_from", "suppress")
_BOUNDS: Final = {
    "minimum": "minimum",
    "maximum": "maximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_items": "minItems",
    "max_items": "maxItems",
}


@define
class Schemas:
    """Schemas of one product.

    Args:
        product: Whose vocabulary it is.
        draft: 2020-12 lets keywords stand beside `$ref` and has `prefixItems`; draft 7, which AsyncAPI takes, does not.
    """

    product: Product
    draft: Literal["2020-12", "7"] = "2020-12"
    used: set[str] = field(factory=set)
    """Names of the vocabulary that were referred to."""

    # --- Types -------------------------------------------------------------------------------------------------------

    def of_type(self, expression: TypeExpression) -> Json:
        """The schema of a type."""
        match expression:
            case Scalar(kind=kind):
                return dict(_SCALARS[kind])
            case ListOf(item=item):
                return {"type": "array", "items": self.of_type(item)}
            case MapOf(value=value):
                return {"type": "object", "additionalProperties": self.of_type(value)}
            case ResultOrError(result=result):
                return {"anyOf": [self.of_type(result), reference("schemas", ERROR_REPLY)], "x-result": True}
            case Named(name=name):
                self.used.add(name)
                return reference("schemas", name)

    def of_field(self, each: Field) -> Json:
        """The schema of a field, with what is said of it."""
        schema = self._nullable(self.of_type(each.type)) if each.nullable else self.of_type(each.type)
        if each.blank and schema.get("type") == "integer":
            schema = {"anyOf": [schema, {"const": ""}], "x-wire-type": schema.get("x-wire-type", "int")}
        return self._beside(
            schema, {**summary_of(each.summary), **_deprecated(each), **extensions(FIELD, each, _FIELD_KEYS)}
        )

    def of_reply(self, response: Response | None) -> Json:
        """Schema of a reply; an empty object where the spec gives none."""
        if response is None:
            return {"type": "object"}
        if not isinstance(response, ByPresence):
            return self.of_type(response)
        return {"anyOf": [self.of_type(response.present), self.of_type(response.absent)]}

    def of_param(self, param: Param) -> Json:
        """The schema of a value that the caller sends: its type within its bounds."""
        return self._beside(self.of_type(param.type), self._limits(param))

    def of_member(self, param: Param) -> Json:
        """The schema of a member of an object that the caller sends, with what is said of it."""
        return self._beside(self.of_param(param), param_texts(param))

    def _limits(self, param: Param) -> Json:
        limits: Json = {theirs: number(getattr(param, ours)) for ours, theirs in _BOUNDS.items()}
        limits["pattern"] = None if param.pattern is None else whole(param.pattern)
        limits["default"] = None if param.default is None else number(param.default)
        limits["enum"] = None if param.one_of is None else [number(value) for value in param.one_of]
        return {name: limit for name, limit in limits.items() if limit is not None}

    def _nullable(self, schema: Json) -> Json:
        if "type" in schema:
            return {**schema, "type": [schema["type"], "null"]}
        return {"anyOf": [schema, {"type": "null"}]} if schema.keys() != {"x-wire-type"} else schema

    def _beside(self, schema: Json, said: Json) -> Json:
        """A schema with keywords beside it, which an older draft does not take beside a reference."""
        if not said:
            return schema
        if self.draft == "7" and "$ref" in schema:
            return {"allOf": [schema], **said}
        return {**schema, **said}

    # --- Components --------------------------------------------------------------------------------------------------

    def components(self, *, all_of_them: bool) -> Json:
        """The vocabulary, in the order of the spec: all of it, or what is referred to."""
        things: dict[str, Enum | Model | Union | Input] = {
            **self.product.enums,
            **self.product.models,
            **self.product.inputs,
        }
        wanted = things.keys() if all_of_them else self._reached(things)
        described = {name: self._component(thing) for name, thing in things.items() if name in wanted}
        error = {
            "type": "object",
            "description": "What the exchange says when it refuses a request.",
            "required": ["code", "msg"],
            "properties": {"code": {"type": "integer"}, "msg": {"type": "string"}},
        }
        return {**described, ERROR_REPLY: error}

    def _reached(self, things: Mapping[str, Enum | Model | Union | Input]) -> set[str]:
        """The names that are referred to, and those that these refer to."""
        reached: set[str] = set()
        waiting = set(self.used)
        while waiting:
            name = waiting.pop()
            if name not in reached and name in things:
                reached.add(name)
                inner = Schemas(self.product, self.draft)
                inner._component(things[name])
                waiting |= inner.used
        return reached

    def _component(self, thing: Enum | Model | Union | Input) -> Json:
        match thing:
            case Enum():
                return self._enum(thing)
            case Union():
                return self._union(thing)
            case Input():
                return self._input(thing)
        return self._array(thing) if thing.shape == "array" else self._object(thing)

    def _enum(self, enum: Enum) -> Json:
        data = written(enum)
        values = data.get("values") if isinstance(data, dict) else data
        return {
            "type": "string" if enum.kind == "string" else "integer",
            "enum": [value.value for value in enum.values],
            **summary_of(enum.summary),
            "x-kind": "enum",
            **({"x-values": values} if isinstance(values, dict) else {}),
            **_history(enum),
        }

    def _object(self, model: Model) -> Json:
        required = [each.wire for each in model.fields if not each.optional]
        return {
            "type": "object",
            **summary_of(model.summary),
            "properties": {each.wire: self.of_field(each) for each in model.fields},
            **({"required": required} if required else {}),
            **({} if model.example is None else {"x-example": model.example.text}),
            "x-kind": "model",
            "x-module": model.module,
            **extensions(MODEL, model, ("renamed_from", "suppress")),
        }

    def _array(self, model: Model) -> Json:
        places = [self.of_field(each) for each in model.fields]
        least = next((index for index, each in enumerate(model.fields) if each.optional), len(places))
        return {
            "type": "array",
            **summary_of(model.summary),
            ("items" if self.draft == "7" else "prefixItems"): places,
            "minItems": least,
            "x-positional": [each.wire for each in model.fields],
            **({} if model.example is None else {"x-example": model.example.text}),
            "x-kind": "model",
            "x-module": model.module,
            **extensions(MODEL, model, ("renamed_from", "suppress")),
        }

    def _union(self, union: Union) -> Json:
        variants = {tag: self.of_type(variant) for tag, variant in union.variants.items()}
        distinct = list({variant["$ref"]: variant for variant in variants.values()}.values())
        mapping = {tag: variant["$ref"] for tag, variant in variants.items()}
        told_by: Any = {"propertyName": union.tag, "mapping": mapping}
        return {
            **summary_of(union.summary),
            # The tag alone tells variants apart: a value may fit several that have the same fields.
            "anyOf": distinct,
            **({"discriminator": union.tag, "x-mapping": mapping} if self.draft == "7" else {"discriminator": told_by}),
            "x-kind": "union",
            "x-module": union.module,
            **extensions(MODEL, union, ("renamed_from", "suppress")),
        }

    def _input(self, each: Input) -> Json:
        required = [param.wire for param in each.params if param.required]
        return {
            "type": "object",
            **summary_of(each.summary),
            "properties": {param.wire: self.of_member(param) for param in each.params},
            **({"required": required} if required else {}),
            "x-kind": "input",
            "x-module": each.module,
            **extensions(INPUT, each, ("rules", "renamed_from", "suppress")),
        }


def param_texts(param: Param) -> Json:
    """What is said of a parameter beside its schema."""
    listed = {} if param.one_of is None or not isinstance(param.type, Named) else {"x-one-of": list(param.one_of)}
    return {**summary_of(param.summary), **_deprecated(param), **listed, **extensions(PARAM, param, _PARAM_KEYS)}


def number(value: Any) -> Any:
    """A bound as a number of JSON: a whole one where it is whole."""
    if value is None or isinstance(value, str | int):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def whole(pattern: str) -> str:
    """A pattern that is searched for in a value, from one that the whole value must match."""
    return f"^(?:{pattern})$" if "|" in pattern else f"^{pattern}$"


def _deprecated(each: Field | Param) -> Json:
    return {} if each.deprecated is None else {"deprecated": True}


def _history(enum: Enum) -> Json:
    said = {"x-renamed-from": list(enum.renamed_from), "x-suppress": dict(enum.suppress)}
    return {name: value for name, value in said.items() if value}
