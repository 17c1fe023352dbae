"""A draft as it stands in YAML: an entry with all that its page says, its examples, its models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .layout import json_text
from .naming import TODO

if TYPE_CHECKING:
    from .draft import Draft
    from .inference import ModelDraft
    from .knowledge import Plain, TypeText

__all__ = ["content_of", "examples_of", "model_content", "with_both_languages"]


def content_of(draft: Draft) -> dict[str, Plain]:
    """The whole entry, in the order in which the dialect is documented."""
    content: dict[str, Plain] = {}
    for key, texts in draft.texts.items():
        content[key] = {language: texts.get(language, TODO) for language in ("en", "zh")}
    if draft.documentation is not None:
        content["documentation"] = draft.documentation
    if draft.security is not None:
        content["security"] = draft.security
    if draft.carrier == "ws":
        # Only REST methods tell by themselves whether a lost request may be sent again.
        content["retry"] = TODO
    content.update(draft.pushed)
    update_speed = content.pop("update_speed", None)
    if draft.carrier is not None:
        content[draft.carrier] = dict(draft.carried)
    if draft.params:
        content["params"] = {name: with_both_languages(param) for name, param in draft.params.items()}
    elif draft.params is None and draft.carrier is not None:
        content["params"] = TODO
    if draft.rules:
        content["rules"] = list(draft.rules)
    if draft.carrier is None:
        content["payload"] = draft.response
        if update_speed is not None:
            content["update_speed"] = update_speed
    elif draft.response is not None:
        content["response"] = draft.response
    examples = examples_of(draft)
    carrier = content.get("ws")
    if draft.carrier == "ws" and isinstance(carrier, dict) and _are_replies(draft):
        carrier.update(examples)
    else:
        content.update(examples)
    return content


def with_both_languages(param: dict[str, Plain]) -> dict[str, Plain]:
    """A parameter whose text leaves the language open that the page is not in."""
    texts = param.get("summary")
    if not isinstance(texts, dict):
        return dict(param)
    return {**param, "summary": {language: texts.get(language, TODO) for language in ("en", "zh")}}


def examples_of(draft: Draft) -> dict[str, Plain]:
    """`example` or `examples`, as they stand in YAML."""
    if not draft.examples:
        return {"example": TODO}
    if len(draft.examples) == 1:
        return {"example": json_text(draft.examples[0].value)}
    listed: list[Plain] = []
    for example in draft.examples:
        entry: dict[str, Plain] = {}
        if example.title is not None:
            entry["title"] = example.title
        if isinstance(draft.response, dict) and "with" in draft.response:
            deciding = next(iter(draft.response["with"])) if isinstance(draft.response["with"], dict) else TODO
            entry["present"] = [deciding] if isinstance(example.value, Mapping) else []
        entry["json"] = json_text(example.value)
        listed.append(entry)
    return {"examples": listed}


def _are_replies(draft: Draft) -> bool:
    return not draft.examples or any(
        isinstance(example.value, Mapping) and ("result" in example.value or "error" in example.value)
        for example in draft.examples
    )


def model_content(draft: ModelDraft) -> dict[str, Plain]:
    """A model as it stands in YAML."""
    fields: dict[str, Plain] = {}
    for each in draft.fields:
        entry: dict[str, Plain] = {}
        if each.name is not None:
            entry["name"] = each.name
        entry["type"] = each.type
        for flag in ("optional", "nullable", "blank", "secret"):
            if getattr(each, flag):
                entry[flag] = True
        fields[each.wire] = each.type if len(entry) == 1 and _is_short(each.type) else entry
    return {"as": "array", "fields": fields} if draft.is_array else {"fields": fields}


def _is_short(type_: TypeText) -> bool:
    """A mapping that is a type could be taken for an entry by a reader."""
    return not isinstance(type_, dict)
