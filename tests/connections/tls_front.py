"""TLS in front of a server that speaks none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from .service import Service, relay

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

__all__ = ["TlsFront"]


@define
class TlsFront(Service):
    """Speaks TLS with clients and passes on what they say to `target` (`host:port`)."""

    target: str
    protocols: list[str | None] = field(factory=list)
    """What was agreed on for each connection, if anything."""

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.protocols.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await relay(reader, writer, self.target)
