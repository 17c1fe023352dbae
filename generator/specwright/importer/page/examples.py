"""The examples of a page: whole replies of the WebSocket API, results, variants by presence of a parameter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import define, field

from .document import Code, Paragraph, plain
from .json_text import parse_all

if TYPE_CHECKING:
    from ...spec.dialect.values import JsonValue
    from .json_text import Path
    from .sections import Sections

__all__ = ["PageExample", "read_examples"]

_NOT_SENT = re.compile(
    r"(?:when|if)?\s*(?:the\s+)?(\w+)\s+(?:parameter\s+)?(?:is\s+)?(?:not\s+(?:sent|provided)|omitted)|without\s+(\w+)|"
    r"(?:不发送|不传|未发送|不带)\s*(\w+)",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"(?:when|if)\s+(?:the\s+)?(\w+)\s+(?:is\s+)?(?:sent|provided)|with\s+(\w+)|(?:发送|传|带)\s*(\w+)", re.IGNORECASE
)
_LABEL = re.compile(r"^(?:>|response|payload|or|响应|或者?|返回)[\s:：(（]*", re.IGNORECASE)


@define
class PageExample:
    """One documented JSON text."""

    value: JsonValue
    comments: dict[Path, str] = field(factory=dict)
    title: str | None = None
    """What stands before it: "For Hedge position mode"."""
    sent: list[str] | None = None
    """The parameters that were sent, where the page says that this decides."""


def read_examples(sections: Sections, params: list[str]) -> list[PageExample]:
    """The examples of the reply or of what is pushed.

    A page without a heading for them has them anywhere but under the request.
    """
    blocks = sections.of("response") if any(sections.codes("response")) else _elsewhere(sections)
    examples: list[PageExample] = []
    label = ""
    for block in blocks:
        if isinstance(block, Paragraph):
            label = plain(block.text)
        elif isinstance(block, Code):
            for index, parsed in enumerate(parse_all(block.text)):
                title = _title(label) if index == 0 else None
                examples.append(PageExample(parsed.value, parsed.comments, title, _sent(label, params)))
            label = ""
    _say_what_was_sent(examples, params)
    return [example for index, example in enumerate(examples) if example not in examples[:index]]


def _elsewhere(sections: Sections) -> list[Paragraph | Code]:
    return [
        block
        for part, blocks in sections.blocks.items()
        if part not in ("ws_request", "request", "parameters", "stream_name")
        for block in blocks
        if isinstance(block, Paragraph | Code)
    ]


def _title(label: str) -> str | None:
    title = _LABEL.sub("", label).strip(" :：()（）")
    return title if title and len(title) <= 60 else None


def _sent(label: str, params: list[str]) -> list[str] | None:
    not_sent = _NOT_SENT.search(label)
    if not_sent is not None and _known(not_sent, params):
        return []
    sent = _SENT.search(label)
    param = _known(sent, params) if sent is not None else None
    return [param] if param else None


def _known(found: re.Match[str], params: list[str]) -> str | None:
    return next((group for group in found.groups() if group in params), None)


def _say_what_was_sent(examples: list[PageExample], params: list[str]) -> None:
    """Where one of two examples is said to be without a parameter, the other one is with it."""
    if len(examples) != 2:
        return
    one, other = examples
    if other.sent == [] and one.sent is None:
        one.sent = ["symbol"] if "symbol" in params else None
    elif one.sent == [] and other.sent is None:
        other.sent = ["symbol"] if "symbol" in params else None
