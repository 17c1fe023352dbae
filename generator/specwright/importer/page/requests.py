"""What a page is about: a REST request, a method of the WebSocket API, streams, or a user data event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import define

from .document import Code, Paragraph, plain
from .json_text import parse_all

if TYPE_CHECKING:
    from .sections import Sections

__all__ = ["Request", "read_request", "read_route", "read_security", "without_security"]

Kind: TypeAlias = Literal["rest", "ws", "stream", "event"]

_REST = re.compile(r"\b(GET|POST|PUT|DELETE)\b[\s`:]*(?:https?://[^/\s]+)?(/[A-Za-z0-9_/{}.:-]*[A-Za-z0-9_}])")
_PATH_ONLY = re.compile(r"`?(/[a-z]+/v\d+/[A-Za-z0-9_/-]+)`?")
_WS_METHOD = re.compile(r"`?([A-Za-z][A-Za-z0-9]*(?:[./][A-Za-z0-9]+)+|[a-z][A-Za-z0-9]{2,})`?")
_STREAM = re.compile(r"`([^`]+)`|(?<![\w/])([!<][\w<>!@%-]+(?:@[\w<>-]+)*)")
_STREAM_FORM = re.compile(r"!?[\w<>-]+(?:@[\w<>-]+)*")
_EVENT_FORM = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_EVENT_TITLE = re.compile(r"(?:event|payload|事件|推送)", re.IGNORECASE)
_SECURITY = re.compile(r"[(（]\s*([A-Za-z]+(?:[ _-][A-Za-z]+)*)\s*[)）]\s*$")
_SECURITY_WORDS: Final = frozenset(("NONE", "TRADE", "MARGIN", "USER_DATA", "USER_STREAM", "MARKET_DATA", "SIGNED"))
_ROUTE = re.compile(r"`?(/[A-Za-z0-9_/-]+)`?")


@define(frozen=True)
class Request:
    """What is asked for, or what is pushed."""

    kind: Kind
    name: str
    """REST: the path; the WebSocket API: the method; a stream's pattern; an event's wire name."""
    method: str = ""
    """Only REST: the HTTP method."""


def read_request(sections: Sections) -> list[Request]:
    """What a page describes: one request, one event, or one or more stream names; empty where it is none of these."""
    return _rest(sections) or _ws(sections) or _event(sections) or _streams(sections)


def _rest(sections: Sections) -> list[Request]:
    for texts in (sections.texts("request"), sections.codes("request"), _short_texts(sections)):
        for text in texts:
            found = _REST.search(plain(text))
            if found is not None:
                return [Request("rest", found[2], found[1])]
    return []


def _short_texts(sections: Sections) -> list[str]:
    """Paragraphs and code that are nothing but a request, as older pages have them under no heading."""
    blocks = [block.text for block in sections.all() if isinstance(block, Paragraph | Code)]
    return [text for text in blocks if len(text) < 160 and _REST.match(plain(text).removeprefix("HTTP").strip())]


def _ws(sections: Sections) -> list[Request]:
    for text in sections.texts("ws_method"):
        found = _WS_METHOD.fullmatch(plain(text))
        if found is not None:
            return [Request("ws", found[1])]
    for code in sections.codes("ws_request", "ws_method"):
        for parsed in parse_all(code):
            method = parsed.value.get("method") if isinstance(parsed.value, dict) else None
            if isinstance(method, str) and _WS_METHOD.fullmatch(method):
                return [Request("ws", method)]
    return []


def _event(sections: Sections) -> list[Request]:
    for text in sections.texts("event_name"):
        name = plain(text).strip("\"'“”")
        if _EVENT_FORM.fullmatch(name):
            return [Request("event", name)]
    if sections.has("stream_name") or not (sections.has("event_name") or _EVENT_TITLE.search(sections.title)):
        return []
    for code in sections.codes("response", "description", "other"):
        for parsed in parse_all(code):
            name_value = parsed.value.get("e") if isinstance(parsed.value, dict) else None
            if isinstance(name_value, str) and _EVENT_FORM.fullmatch(name_value):
                return [Request("event", name_value)]
    return []


def _streams(sections: Sections) -> list[Request]:
    names: list[str] = []
    for text in (*sections.texts("stream_name"), *sections.codes("stream_name")):
        for quoted, bare in _STREAM.findall(text if "`" in text else plain(text)):
            name = (quoted or bare).strip()
            if _STREAM_FORM.fullmatch(name) and ("@" in name or name.startswith("!")):
                names.append(name)
        if not names and _STREAM_FORM.fullmatch(plain(text)):
            names.append(plain(text))
    return [Request("stream", pattern) for pattern in united_patterns(list(dict.fromkeys(names)))]


def united_patterns(names: list[str]) -> list[str]:
    """Names that differ by a final speed only, as one pattern: `<symbol>@depth[@<updateSpeed>]`."""
    patterns: list[str] = []
    for name in names:
        if any(other != name and name.startswith(f"{other}@") and _is_speed(name[len(other) + 1 :]) for other in names):
            continue
        with_speed = [other for other in names if other.startswith(f"{name}@") and _is_speed(other[len(name) + 1 :])]
        patterns.append(f"{name}[@<updateSpeed>]" if with_speed else name)
    return patterns


def speeds(names: list[str], pattern: str) -> list[str]:
    """The speeds that stand at the end of names of a pattern."""
    stem = pattern.partition("[")[0]
    return [name[len(stem) + 1 :] for name in names if name.startswith(f"{stem}@") and _is_speed(name[len(stem) + 1 :])]


def stream_names(sections: Sections) -> list[str]:
    """All stream names that a page lists, those with a speed included."""
    found = [quoted or bare for text in sections.texts("stream_name") for quoted, bare in _STREAM.findall(text)]
    return [name.strip() for name in found]


def _is_speed(text: str) -> bool:
    return re.fullmatch(r"\d+m?s", text) is not None


def read_security(sections: Sections) -> str | None:
    """The security type that stands in the title, or under a heading of its own."""
    for text in (sections.title, *sections.texts("security")):
        found = _SECURITY.search(plain(text)) or re.fullmatch(r"()?([A-Z_]+)", plain(text))
        word = (found[found.lastindex or 1] if found is not None else "").strip().upper()
        word = re.sub(r"[ -]", "_", word)
        if word in _SECURITY_WORDS:
            return word
    return None


def without_security(title: str) -> str:
    """A title without its security type."""
    found = _SECURITY.search(title)
    if found is not None and re.sub(r"[ -]", "_", found[1].upper()) in _SECURITY_WORDS:
        return title[: found.start()].strip()
    return title.strip()


def read_route(sections: Sections) -> str | None:
    """The path of the stream host that a stream or event comes from."""
    for text in sections.texts("route"):
        found = _ROUTE.fullmatch(plain(text))
        if found is not None:
            return found[1]
    return None
