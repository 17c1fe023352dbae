"""Parameters of a page as parameters of the dialect: types, enums of the product, values and bounds."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ..spec.names import class_name
from .naming import TODO, singular

if TYPE_CHECKING:
    from ..spec.dialect.values import WireValue
    from .knowledge import Knowledge, Plain, TypeText
    from .page.document import Language
    from .page.parameters import PageParam

__all__ = ["param_content"]

_INTEGERS: Final = frozenset(("INT", "INTEGER", "LONG", "SHORT", "NUMBER"))
_DECIMALS: Final = frozenset(("DECIMAL", "BIGDECIMAL", "DOUBLE", "FLOAT"))
_BOOLEANS: Final = frozenset(("BOOLEAN", "BOOL"))
_TIME_NAME = re.compile(r"(?:[Tt]ime|[Tt]imestamp|[Dd]ate)$")
_DURATION = re.compile(r"millisecond|interval|duration|countdown|毫秒|倒计时|间隔", re.IGNORECASE)
_TRUE_FALSE = re.compile(r"\btrue\b.*\bfalse\b|\bfalse\b.*\btrue\b", re.IGNORECASE | re.DOTALL)
_ONLY = re.compile(r"\bonly\b|仅", re.IGNORECASE)
_FACTS = re.compile(
    r"(?:default|max|min|range|valid|enum|value)\w*\b[^.;；，,。]*|(?:默认|缺省|最大|最小|范围|可选|取值)[^.;；，,。]*|"
    r"\be\.?g\.?.*|[`\"“”\[\]{}()（）]|\b(?:or|and|to|only|support)\b|"
    r"timestamp in ms|\b-?\d+\b|true|false|(?-i:\b[A-Z0-9_]{2,}\b)",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\([.:/_])")


def param_content(param: PageParam, knowledge: Knowledge, language: Language) -> dict[str, Plain]:
    """What stands in YAML under a parameter's name, in the order of the dialect; TODO for what the page leaves open."""
    content: dict[str, Plain] = {}
    type_, values = _type(param, knowledge)
    content["type"] = type_
    if param.required is None:
        content["required"] = TODO
    elif param.required:
        content["required"] = True
    default = _default(param, type_, knowledge)
    if default is not None:
        content["default"] = default
    if values:
        content["one_of"] = list(values)
    _add_bounds(content, param, type_)
    if _tells_more(param.description):
        content["summary"] = {language: param.description}
    return content


def _tells_more(description: str) -> bool:
    """Whether a description says more than the values and bounds that are written down as such."""
    rest = _FACTS.sub(" ", description)
    return len(re.findall(r"[a-z]{2,}", rest)) > 2 or len(re.findall(r"[\u4e00-\u9fff]", rest)) > 3


def _type(param: PageParam, knowledge: Knowledge) -> tuple[TypeText, list[WireValue]]:
    """Type, and the values that are allowed where they are fewer than the type has."""
    written = param.type
    if written == "LIST":
        return _list_type(param, knowledge), []
    if written in _BOOLEANS or (written == "STRING" and _TRUE_FALSE.search(param.description)):
        return "bool", []
    if written in _INTEGERS:
        return _integer(param, knowledge)
    if written in _DECIMALS:
        return "decimal", []
    if written == "STRING" and param.default in ("true", "false"):
        return "bool", []
    if written in ("STRING", "ENUM", "ENUMS", "STRING(ENUM)"):
        return _text(param, knowledge, is_enum=written != "STRING")
    return TODO, []


def _list_type(param: PageParam, knowledge: Knowledge) -> TypeText:
    item = param.item_type or ""
    if item in _INTEGERS:
        return ["int"]
    if item in _DECIMALS:
        return ["decimal"]
    if item == "STRING":
        return ["string"]
    used = _used(param.wire, knowledge)
    if len(used) == 1 and isinstance(used[0], list):
        return used[0]
    return [class_name(singular(param.wire)) if class_name(singular(param.wire)) in knowledge.enums else TODO]


def _integer(param: PageParam, knowledge: Knowledge) -> tuple[TypeText, list[WireValue]]:
    numbers = [token for token in param.tokens if isinstance(token, int)]
    if numbers:
        used = [type_ for type_ in _used(param.wire, knowledge) if isinstance(type_, str)]
        fitting = [name for name, values in knowledge.enums.items() if set(values) == set(numbers)]
        named = [name for name in fitting if name in used or name == class_name(param.wire)]
        return (named[0], []) if len(named) == 1 else ("int", list(numbers))
    speaks_of_time = re.search(r"\btimestamp\b|时间戳", param.description, re.IGNORECASE) is not None
    if (_TIME_NAME.search(param.wire) and not _DURATION.search(param.wire + param.description)) or speaks_of_time:
        return "timestamp", []
    return "int", []


def _text(param: PageParam, knowledge: Knowledge, *, is_enum: bool) -> tuple[TypeText, list[WireValue]]:
    tokens = [token for token in param.tokens if isinstance(token, str)]
    enum = _enum(param, tokens, knowledge, is_enum=is_enum)
    if enum is not None:
        values = knowledge.enums[enum]
        named: list[WireValue] = [token for token in tokens if token in values]
        narrowed = 0 < len(named) < len(values) and (len(named) > 1 or _ONLY.search(param.description) is not None)
        return enum, named if narrowed else []
    if not is_enum:
        return "string", []
    return ("string", list(tokens)) if tokens else (TODO, [])


def _enum(param: PageParam, tokens: list[str], knowledge: Knowledge, *, is_enum: bool) -> str | None:
    """The product's enum of a parameter: by its name, by its other uses, or by the values that the page names."""
    used = [type_ for type_ in _used(param.wire, knowledge) if isinstance(type_, str) and type_ in knowledge.enums]
    named = class_name(param.wire)
    candidates = list(dict.fromkeys([*([named] if named in knowledge.enums else []), *used]))
    if not is_enum:
        # A string takes a product's enum only where every other parameter of the name does.
        is_used = len(used) == 1 and len(_used(param.wire, knowledge)) == 1
        return used[0] if is_used and _covers(knowledge.enums[used[0]], tokens) else None
    with_tokens = [name for name in candidates if _covers(knowledge.enums[name], tokens)]
    if not with_tokens and len(tokens) > 1:
        with_tokens = [name for name, values in knowledge.enums.items() if all(token in values for token in tokens)]

    def distance(name: str) -> tuple[int, int]:
        values = knowledge.enums[name]
        shared = sum(token in values for token in tokens)
        return -shared, len(values) - shared

    with_tokens.sort(key=distance)
    if len(with_tokens) > 1 and distance(with_tokens[0]) == distance(with_tokens[1]):
        return None
    return with_tokens[0] if with_tokens else None


def _covers(values: list[str | int], tokens: list[str]) -> bool:
    return not tokens or any(token in values for token in tokens)


def _used(wire: str, knowledge: Knowledge) -> list[TypeText]:
    """The types that the product's parameters of a name have, each once."""
    used: list[TypeText] = []
    for type_ in knowledge.params.get(wire, []):
        if type_ not in used and type_ != TODO:
            used.append(type_)
    return used


def _default(param: PageParam, type_: TypeText, knowledge: Knowledge) -> WireValue | None:
    """The default as a value of the type; a text that is none ("the current time") is no default."""
    text = param.default
    if text is None or not isinstance(type_, str):
        return None
    if type_ == "bool":
        return {"true": True, "false": False}.get(text.lower())
    if type_ in ("int", "timestamp"):
        return int(text) if re.fullmatch(r"-?\d+", text) else None
    if type_ == "decimal":
        return Decimal(text) if re.fullmatch(r"-?\d+(?:\.\d+)?", text) else None
    if type_ in knowledge.enums:
        return next((value for value in knowledge.enums[type_] if str(value) == text), None)
    if type_ == "string":
        return text if not param.tokens or text in param.tokens else None
    return None


def _add_bounds(content: dict[str, Plain], param: PageParam, type_: TypeText) -> None:
    bounds = param.bounds
    if type_ in ("int", "decimal", "timestamp") and "one_of" not in content:
        for key, bound in (("min", bounds.minimum), ("max", bounds.maximum)):
            if bound is not None:
                content[key] = int(bound) if bound == bound.to_integral_value() else bound
    if bounds.maximum_length is not None:
        if isinstance(type_, list):
            content["max_items"] = bounds.maximum_length
        elif type_ == "string":
            content["max_length"] = bounds.maximum_length
    if bounds.pattern is not None and type_ == "string":
        content["pattern"] = _ESCAPED.sub(r"\1", bounds.pattern)
