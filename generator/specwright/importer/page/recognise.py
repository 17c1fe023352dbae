"""Recognises what a document describes, by running every recogniser over its parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .document import Items, Paragraph, plain
from .entry import PageEntry
from .examples import read_examples
from .notes import read_rules
from .parameters import read_parameters
from .requests import read_request, read_route, read_security, speeds, stream_names, without_security
from .sections import cut, is_request_line
from .weights import read_cost

if TYPE_CHECKING:
    from ..knowledge import Knowledge
    from .document import Document
    from .parameters import PageParam
    from .requests import Request
    from .sections import Sections
    from .wording import Part

__all__ = ["AUTHENTICATION", "recognise"]

AUTHENTICATION: Final = frozenset(("apiKey", "timestamp", "signature", "recvWindow"))
"""Parameters that the client sends by itself."""

_SENTENCE = re.compile(r"(.+?(?:[.!?](?=\s|$)|[。！？]|$))\s*(.*)", re.DOTALL)
_NOTHING = re.compile(r"none|no parameters?|n/?a|无|空|无参数", re.IGNORECASE)
_SPEED = re.compile(r"(\d+)\s*(ms|milliseconds?|毫秒|s|seconds?|秒)|(real[- ]?time|实时)", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9_]+")
_NOTES_PARTS: Final[tuple[Part, ...]] = ("parameters", "notes")


def recognise(document: Document, knowledge: Knowledge) -> list[PageEntry]:
    """What a document describes; several entries only for streams that share a page, none for other pages."""
    sections = cut(document)
    entries = [_entry(request, sections, document, knowledge) for request in read_request(sections)]
    if len(entries) > 1:
        for entry in entries:
            _keep_own_examples(entry)
    return entries


def _entry(request: Request, sections: Sections, document: Document, knowledge: Knowledge) -> PageEntry:
    entry = PageEntry(
        kind=request.kind,
        wire=request.name,
        method=request.method,
        title=without_security(sections.title),
        language=document.language,
        address=document.address,
    )
    entry.summary, entry.description = _description(sections, entry.title)
    entry.security = read_security(sections)
    _read_params(entry, sections)
    names = [param.wire for param in entry.params or ()]
    if request.kind in ("rest", "ws"):
        cost = read_cost(sections.of("weight"), names, knowledge.budgets, knowledge.weight_budget)
        entry.weight, entry.costs = cost.weight, cost.costs
        entry.unread.extend(f"weight: {text}" for text in cost.unread)
    else:
        entry.route = read_route(sections)
        entry.update_speed = _update_speed(sections)
        entry.speeds = speeds(stream_names(sections), request.name)
    rules = read_rules(_notes(sections, entry), names)
    entry.rules = rules.rules
    entry.unread.extend(rules.unread)
    entry.examples = read_examples(sections, names)
    return entry


def _keep_own_examples(entry: PageEntry) -> None:
    """Of streams that share a page, those of all symbols at once push lists, the others single objects."""
    pushes_list = entry.wire.partition("[")[0].endswith("@arr")
    entry.examples = [example for example in entry.examples if isinstance(example.value, list) == pushes_list]


def _description(sections: Sections, title: str) -> tuple[str | None, str | None]:
    """First sentence, and what follows it. Points of a list are notes, not description."""
    blocks = sections.of("description")
    paragraphs = [plain(block.text) for block in blocks if isinstance(block, Paragraph) and not block.strong]
    text = " ".join(paragraph for paragraph in paragraphs if paragraph and not is_request_line(paragraph))
    if not text:
        return (title or None), None
    found = _SENTENCE.fullmatch(text)
    if found is None:
        return text, None
    return found[1].strip(), found[2].strip() or None


def _read_params(entry: PageEntry, sections: Sections) -> None:
    params = read_parameters(sections.tables("parameters")) or read_parameters(sections.tables())
    if params is None:
        stated = [plain(text) for text in sections.texts("parameters")]
        entry.params = [] if any(_NOTHING.fullmatch(text.strip(" .。")) for text in stated) else None
        if entry.kind in ("stream", "event"):
            entry.params = []
        return
    entry.signed = any(_is_stamp(param) for param in params)
    entry.params = [param for param in params if param.wire not in AUTHENTICATION]
    if not entry.signed and entry.kind == "rest":
        # Without a signature, a parameter of such a name is one of the operation.
        entry.params = [param for param in params if param.wire not in ("signature", "recvWindow")]


def _is_stamp(param: PageParam) -> bool:
    return param.wire in ("timestamp", "signature") and param.required is not False


def _notes(sections: Sections, entry: PageEntry) -> list[str]:
    """Sentences beside the facts; a list of a parameter's values goes to the parameter."""
    texts: list[str] = []
    for block in sections.of(*_NOTES_PARTS):
        if isinstance(block, Items):
            texts.extend(_without_values(block, entry))
        elif isinstance(block, Paragraph):
            texts.append(block.text)
    for block in sections.of("description"):
        if isinstance(block, Items):
            texts.extend(_without_values(block, entry))
    return [text for text in texts if not _NOTHING.fullmatch(plain(text).strip(" .。"))]


def _without_values(block: Items, entry: PageEntry) -> list[str]:
    """The points of a list. One that names a parameter, with single words below it, tells that parameter's values."""
    kept: list[str] = []
    index = 0
    while index < len(block.items):
        item = block.items[index]
        end = index + 1
        while end < len(block.items) and block.items[end].depth > item.depth:
            end += 1
        below = [plain(each.text) for each in block.items[index + 1 : end]]
        param = _named_param(item.text, entry)
        if param is not None and len(below) > 1 and all(_WORD.fullmatch(word) for word in below):
            param.tokens = [*dict.fromkeys(below)]
            index = end
            continue
        kept.append(item.text)
        index += 1
    return kept


def _named_param(text: str, entry: PageEntry) -> PageParam | None:
    """The parameter without values of its own that a text speaks of, in the singular or plural."""
    spoken = {word.lower().removesuffix("s") for word in re.findall(r"[A-Za-z]+", text)}
    for param in entry.params or ():
        if not param.tokens and param.type in ("ENUM", "STRING") and param.wire.lower() in spoken:
            return param
    return None


def _update_speed(sections: Sections) -> str | None:
    for text in sections.texts("update_speed"):
        found = [_speed(match) for match in _SPEED.finditer(plain(text))]
        if found:
            return found[0]
    return None


def _speed(found: re.Match[str]) -> str:
    if found[3]:
        return "real-time"
    in_milliseconds = found[2].lower().startswith("m") or found[2] == "毫秒"
    number = int(found[1])
    if in_milliseconds and number and number % 1000 == 0:
        return f"{number // 1000}s"
    return f"{number}{'ms' if in_milliseconds else 's'}"
