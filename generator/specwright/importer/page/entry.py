"""What a page says, fact by fact; None and empty stand for what it does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from ..knowledge import Plain
    from .document import Language
    from .examples import PageExample
    from .parameters import PageParam
    from .requests import Kind

__all__ = ["PageEntry"]


@define
class PageEntry:
    """An operation on one carrier, a stream, or an event, as one page tells it."""

    kind: Kind
    wire: str
    """REST path, method of the WebSocket API, pattern of a stream, name of an event."""
    title: str
    language: Language
    method: str = ""
    address: str | None = None
    summary: str | None = None
    description: str | None = None
    security: str | None = None
    weight: Plain = None
    costs: dict[str, Plain] = field(factory=dict)
    params: list[PageParam] | None = None
    """None: the page has no part about parameters."""
    signed: bool = False
    """A timestamp or a signature is among the parameters."""
    rules: list[dict[str, Plain]] = field(factory=list)
    examples: list[PageExample] = field(factory=list)
    route: str | None = None
    """The path that the page gives for streams and events."""
    update_speed: str | None = None
    speeds: list[str] = field(factory=list)
    """Values of the optional speed in a stream's name."""
    unread: list[str] = field(factory=list)
    """Sentences that say something which was not turned into a part of the entry."""

    @property
    def request(self) -> str:
        """For messages: `GET /fapi/v1/time`, `order.place`, `<symbol>@depth`."""
        return f"{self.method} {self.wire}".strip()
