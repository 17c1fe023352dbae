"""A page's entry as it would stand in a spec that knew nothing of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from attrs import define, field

from ..spec.names import class_name
from .inference import Inference, ModelDraft, Sample
from .naming import TODO, entry_id, singular, stream_id
from .params import param_content

if TYPE_CHECKING:
    from .knowledge import EntryFacts, Knowledge, Plain
    from .page.entry import PageEntry
    from .page.examples import PageExample
    from .page.json_text import Path

__all__ = ["Draft", "draft_of", "known_entry", "relative_address"]

_SECTIONS: Final = {"rest": "operations", "ws": "operations", "stream": "streams", "event": "events"}
_PLACEHOLDER = re.compile(r"<(\w+)>")
_LANGUAGE_IN_ADDRESS = re.compile(r"/(?:zh-CN|en|zh)(?=/)")
_WITHOUT = re.compile(
    r"if (?:the )?(\w+) (?:parameter )?is (?:not sent|omitted).*\b(?:array|all)\b|不(?:发送|传)\s*(\w+).*数组",
    re.IGNORECASE,
)


@define
class Draft:
    """An entry of a spec as one page gives it."""

    page: PageEntry
    section: str
    id: str
    texts: dict[str, dict[str, str]]
    """`summary` and `description`, by language."""
    documentation: str | None = None
    security: str | None = None
    carrier: str | None = None
    """`rest` or `ws`; None for streams and events."""
    carried: dict[str, Plain] = field(factory=dict)
    """What stands under the carrier: method, path, weight, costs."""
    params: dict[str, dict[str, Plain]] | None = None
    """None: the page does not speak of parameters."""
    rules: list[dict[str, Plain]] = field(factory=list)
    response: Plain = None
    """The type of the reply or payload; None: an empty object."""
    pushed: dict[str, Plain] = field(factory=dict)
    """Streams and events: pattern, route, update_speed."""
    examples: list[PageExample] = field(factory=list)
    models: dict[str, ModelDraft] = field(factory=dict)
    reused: list[str] = field(factory=list)


def draft_of(page: PageEntry, knowledge: Knowledge, taken: set[str]) -> Draft:
    """The draft of a page. `taken` are names that a new model cannot have."""
    known = known_entry(page, knowledge)
    ids = {entry.id for entry in knowledge.entries_of("streams")}
    if known is not None:
        name = known.id
    elif page.kind == "event":
        name = page.wire
    elif page.kind == "stream":
        name = stream_id(page.wire, ids)
        name = entry_id(page.kind, page.title, page.address, page.wire) if name in ids else name
    else:
        name = entry_id(page.kind, page.title, page.address, page.wire)
    draft = Draft(page, _SECTIONS[page.kind], name, _texts(page))
    draft.documentation = relative_address(page.address, knowledge)
    if page.kind in ("rest", "ws"):
        _describe_operation(draft, knowledge)
    else:
        _describe_pushed(draft, knowledge)
    _infer(draft, known, knowledge, taken)
    return draft


def known_entry(page: PageEntry, knowledge: Knowledge) -> EntryFacts | None:
    """The spec's entry for what a page describes: by method and path, by method, by pattern, by event name."""
    for entry in knowledge.entries_of(_SECTIONS[page.kind]):
        carrier = entry.content.get(page.kind)
        if page.kind in ("rest", "ws"):
            asked = page.method or page.wire, page.wire if page.kind == "rest" else None
            if isinstance(carrier, dict) and (carrier.get("method"), carrier.get("path")) == asked:
                return entry
        elif page.kind == "event":
            if entry.id == page.wire:
                return entry
        elif _same_pattern(str(entry.content.get("pattern")), page.wire):
            return entry
    return None


def _same_pattern(one: str, other: str) -> bool:
    """Whether two patterns make the same names, whatever their parameters are called."""
    return _PLACEHOLDER.sub("<>", one) == _PLACEHOLDER.sub("<>", other)


def relative_address(address: str | None, knowledge: Knowledge) -> str | None:
    """A page's address below the product's documentation; the whole address where it is elsewhere."""
    if address is None:
        return None
    address = _LANGUAGE_IN_ADDRESS.sub("", address.split("#")[0].split("?")[0]).rstrip("/")
    if knowledge.documentation is not None and address.startswith(f"{knowledge.documentation}/"):
        return address.removeprefix(knowledge.documentation)
    return address


def _texts(page: PageEntry) -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {"summary": {page.language: page.summary or TODO}}
    if page.description:
        texts["description"] = {page.language: page.description}
    return texts


def _describe_operation(draft: Draft, knowledge: Knowledge) -> None:
    page = draft.page
    # Where a page names no security type, the exchange's rule is that there is none; a signature contradicts that.
    draft.security = page.security or (TODO if page.signed else "NONE")
    draft.carrier = page.kind
    if page.kind == "rest":
        draft.carried = {"method": page.method, "path": page.wire}
    else:
        draft.carried = {"method": page.wire}
    draft.carried["weight"] = TODO if page.weight is None else page.weight
    if page.costs:
        draft.carried["costs"] = dict(page.costs)
    if page.params is not None:
        draft.params = {param.wire: param_content(param, knowledge, page.language) for param in page.params}
    draft.rules = list(page.rules)


def _describe_pushed(draft: Draft, knowledge: Knowledge) -> None:
    page = draft.page
    if page.kind == "stream":
        draft.pushed["pattern"] = page.wire
        draft.params = {name: _stream_param(name, page, knowledge) for name in _PLACEHOLDER.findall(page.wire)}
    draft.pushed["route"] = knowledge.routes.get(page.route or "", TODO)
    if page.kind == "stream" and page.update_speed is not None:
        draft.pushed["update_speed"] = page.update_speed


def _stream_param(name: str, page: PageEntry, knowledge: Knowledge) -> dict[str, Plain]:
    if name == "updateSpeed":
        return {"type": "string", "one_of": list(page.speeds)}
    for entry in knowledge.entries_of("streams"):
        params = entry.content.get("params")
        known = params.get(name) if isinstance(params, dict) else None
        if isinstance(known, dict):
            kept = {key: value for key, value in known.items() if key not in ("summary", "one_of")}
            return kept | _named_values(name, page)
    if name.lower().endswith(("symbol", "pair")):
        # Names of streams are in lower case, whatever they are about.
        return {"type": "string", "required": True, "case": "lower"}
    values = _named_values(name, page)
    return {"type": "int" if values else TODO, "required": True, **values}


def _named_values(name: str, page: PageEntry) -> dict[str, Plain]:
    """Numbers that the page says a part of a stream's name can be: "Valid <levels> are 5, 10, or 20"."""
    for text in (page.summary or "", page.description or "", *page.unread):
        found = re.search(
            rf"<?{name}>?\s*(?:are|is|:|为|可选|可以为)+\s*((?:\d+[\s,，、/]*(?:or|and|或|和)?\s*)+)",
            text,
            re.IGNORECASE,
        )
        if found is not None:
            return {"one_of": [int(number) for number in re.findall(r"\d+", found[1])]}
    return {}


# --- Reply and payload -----------------------------------------------------------------------------------------------


def _infer(draft: Draft, known: EntryFacts | None, knowledge: Knowledge, taken: set[str]) -> None:
    """The type of the reply: the spec's where it has one (what does not fit it is a difference), else inferred."""
    page = draft.page
    draft.examples = page.examples
    comments: dict[Path, str] = {}
    for number, example in enumerate(page.examples):
        for path, comment in example.comments.items():
            comments[(number, *path)] = comment
    samples = [
        sample
        for number, example in enumerate(page.examples)
        if (sample := _result(Sample(example.value, (number,)), page)) is not None
    ]
    inference = Inference(knowledge, comments, taken)
    stated = _stated_type(draft, known)
    if stated is not None and page.examples:
        draft.response = stated
    elif not page.examples:
        draft.response = TODO
    elif samples:
        draft.response = _response(draft, samples, inference)
    draft.models = inference.models
    draft.reused = inference.reused


def _stated_type(draft: Draft, known: EntryFacts | None) -> Plain:
    """The type that the spec gives the reply or payload already."""
    if known is None:
        return None
    carrier = known.content.get(draft.carrier or "")
    own = carrier.get("response") if isinstance(carrier, dict) else None
    stated = own or known.content.get("response" if draft.carrier else "payload")
    return None if TODO in repr(stated) else stated


def _result(sample: Sample, page: PageEntry) -> Sample | None:
    """What an example says of the reply: in a reply of the WebSocket API its result; None: nothing."""
    value = sample.value
    if page.kind == "ws" and isinstance(value, Mapping) and ("result" in value or "error" in value):
        if "result" not in value:
            return None
        sample = Sample(value["result"], (*sample.path, "result"))
    return None if sample.value == {} else sample


def _response(draft: Draft, samples: list[Sample], inference: Inference) -> Plain:
    singles = [sample for sample in samples if isinstance(sample.value, Mapping)]
    lists = [sample for sample in samples if isinstance(sample.value, list)]
    base = _model_base(draft)
    if singles and lists:
        shared = [*singles, *_items(lists)]
        item = inference.type_of(shared, singular(base))
        return {"with": {_deciding(draft): item}, "without": [item]}
    hint = base if singles else singular(base)
    return inference.type_of(samples, hint)


def _items(lists: list[Sample]) -> list[Sample]:
    return [
        Sample(item, (*sample.path, index))
        for sample in lists
        if isinstance(sample.value, list)
        for index, item in enumerate(sample.value)
        if isinstance(item, Mapping)
    ]


def _model_base(draft: Draft) -> str:
    if draft.section == "events":
        return class_name(draft.id)
    if draft.section == "streams":
        return f"{class_name(draft.id.removesuffix('_all'))}Event"
    return re.sub(r"^(?:query|get|check|all|current)_(?=\w)", "", draft.id.replace(f"{TODO}_", ""))


def _deciding(draft: Draft) -> str:
    """The parameter that decides between one object and a list of them."""
    params = draft.params or {}
    for example in draft.examples:
        if example.sent:
            return example.sent[0]
    weight = draft.carried.get("weight")
    present = weight.get("with") if isinstance(weight, dict) else None
    if isinstance(present, dict) and len(present) == 1:
        return next(iter(present))
    for text in draft.page.unread:
        found = _WITHOUT.search(text)
        name = (found[1] or found[2]) if found is not None else None
        if name in params:
            return str(name)
    return TODO
