"""The `models` package of a product: attrs classes for what the exchange sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...spec.dialect.types import Scalar
from ...spec.dialect.vocabulary import Field, Model, Union
from ...spec.names import constant_name, python_name
from ..imports import Imports
from ..layout import alternatives, call, mapping, statement, string_literal
from ..prose import display_width, docstring, sentence, with_facts, wrap
from .documentation import both_languages, deprecation
from .former import former_view
from .lazy import plan_lazy_package
from .parts import part
from .views import ConstantView, FieldView, ModelsView, ModelView, PlannedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...spec.dialect.product import Product
    from ...spec.dialect.text import Deprecation, Text
    from ..types import Types

__all__ = ["field_docstring", "plan_models"]

_FIELD_INDENT = 4


def plan_models(product: Product, types: Types) -> Iterable[PlannedFile]:
    """Plans one module for each spec file of models, and the package that finds a model by its name."""
    modules: dict[str, list[Model | Union]] = {}
    for model in product.models.values():
        modules.setdefault(model.module, []).append(model)
    for module, members in modules.items():
        path = f"{product.name}/models/{module}.py"
        yield PlannedFile.of(path, "models.py.jinja", _module, types, module, members)
    yield _package(product)


def _module(types: Types, module: str, members: Sequence[Model | Union]) -> ModelsView:
    product = types.product
    imports = Imports((product.name, "models", module))
    return ModelsView(
        source=f"{product.name}/models/{module}.yaml",
        docstring=docstring([f"What the exchange sends: {module.replace('_', ' ')}."], indent=0),
        models=[part(model.name, _model, types, imports, model) for model in members if isinstance(model, Model)],
        unions=[
            constant for union in members if isinstance(union, Union) for constant in _union(union, types, imports)
        ],
        imports=imports.block(),
    )


def _package(product: Product) -> PlannedFile:
    places = {model.name: model.module for model in product.models.values()}
    unions = [model for model in product.models.values() if isinstance(model, Union)]
    places |= {constant_name(union.name): union.module for union in unions}
    extra: list[ConstantView] = []
    if unions:
        names = mapping(
            [(string_literal(union.name), string_literal(constant_name(union.name))) for union in unions],
            open_always=True,
        )
        extra.append(ConstantView(name="UNIONS", statement=statement("UNIONS = ", names), docstring=_UNIONS))
    return plan_lazy_package(
        path=(product.name, "models"),
        source=f"{product.name}/models",
        docstring=docstring(
            ["What the exchange sends, by name; a module is imported when it is first needed."], indent=0
        ),
        places={name: (product.name, "models", module) for name, module in places.items()},
        former={former: model.name for model in product.models.values() for former in model.renamed_from},
        extra=extra,
    )


_UNIONS = '"""Name of a tagged union → the wire type that tells its models apart."""'


def _model(types: Types, imports: Imports, model: Model) -> ModelView:
    decorator = imports.local(("_runtime", "model"), "model")
    imports.local(("_runtime", "model"), "Model")
    in_order = model.fields if model.shape == "array" else sorted(model.fields, key=lambda field: field.optional)
    lines = (
        both_languages(model.summary, indent=_FIELD_INDENT) if model.summary else [f"`{model.name}` of the exchange."]
    )
    return ModelView(
        name=model.name,
        decorator=f"@{decorator}(array=True)" if model.shape == "array" else f"@{decorator}",
        docstring=docstring(lines, indent=_FIELD_INDENT),
        fields=[_field(field, types, imports) for field in in_order],
        former=[
            former_view(imports, former, python_name(field), _annotation(field, types, imports))
            for field in in_order
            for former in field.renamed_from
        ],
    )


def _annotation(field: Field, types: Types, imports: Imports) -> str:
    annotation = types.received(field.type, imports)
    return f"{annotation} | None" if field.optional or field.nullable or field.blank else annotation


def _field(field: Field, types: Types, imports: Imports) -> FieldView:
    name = python_name(field)
    annotation = _annotation(field, types, imports)
    value = call(
        imports.local(("_runtime", "model"), "wire"),
        string_literal(field.wire),
        types.wire_type(field.type, imports),
        default="None" if field.optional else None,
        nullable="True" if field.nullable else None,
        blank="True" if field.blank else None,
        secret="True" if field.secret else None,
    )
    is_time = isinstance(field.type, Scalar) and field.type.kind == "timestamp"
    unit = f"in {field.unit}" if field.unit else ("Unix time in ms" if is_time else None)
    return FieldView(
        declaration=statement(f"{name}: {annotation} = ", value, indent=_FIELD_INDENT),
        docstring=field_docstring(field.summary, unit=unit, since=field.since, deprecated=field.deprecated),
    )


def field_docstring(
    summary: Text | None, *, unit: str | None, since: str | None = None, deprecated: Deprecation | None = None
) -> str | None:
    """The string below a field: one line where it fits, the Chinese below the English where it does not."""
    facts = [fact for fact in (unit, f"since {since}" if since else None) if fact]
    said = [with_facts(sentence(summary.en) if summary else "", facts)] if summary or facts else []
    if deprecated:
        said.append(deprecation(deprecated))
    if not said:
        return None
    english = " ".join(said)
    chinese = sentence(summary.zh) if summary else ""
    line = f"{english} {chinese}".rstrip()
    if display_width(line) + _FIELD_INDENT + 6 <= 120:
        return docstring([line], indent=_FIELD_INDENT)
    width = 120 - _FIELD_INDENT
    return docstring(
        [*wrap(english, width - 3), *(["", *wrap(chinese, width)] if chinese else [])], indent=_FIELD_INDENT
    )


def _union(union: Union, types: Types, imports: Imports) -> Iterable[ConstantView]:
    members = list(dict.fromkeys(variant.name for variant in union.variants.values()))
    for member in members:
        if types.model_module(member) != imports.module:
            imports.local(types.model_module(member), member)
    members.append(imports.local(("_runtime", "model"), "UnknownVariant"))
    alias = imports.standard("typing", "TypeAlias")
    lines = both_languages(union.summary, indent=0) if union.summary else []
    lines += [*([""] if lines else []), f"`{union.tag}` decides which."]
    yield ConstantView(
        name=union.name,
        statement=alternatives(f"{union.name}: {alias} = ", members),
        docstring=docstring(lines, indent=0),
    )
    variants = mapping((string_literal(tag), string_literal(named.name)) for tag, named in union.variants.items())
    tagged = call(imports.local(("_runtime", "wire"), "Tagged"), string_literal(union.tag), variants)
    name = constant_name(union.name)
    yield ConstantView(name=name, statement=statement(f"{name} = ", tagged))
