"""What can stand between client and exchange and changes nothing: TLS, and a proxy that wants a password."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import define, field

from .service import Service, relay

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

__all__ = ["PASSWORD", "USER", "Proxy", "TlsFront"]

USER, PASSWORD = "trader", "hush-hush"


@define
class TlsFront(Service):
    """Speaks TLS with clients and passes on what they say to `target` (`host:port`)."""

    target: str
    protocols: list[str | None] = field(factory=list)
    """What was agreed on for each connection, if anything."""

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.protocols.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await relay(reader, writer, self.target)


@define
class Proxy(Service):
    """A forward proxy: `CONNECT`, and requests with a whole address; only for who knows the password."""

    asked: list[str] = field(factory=list)
    """First lines of all requests that were let through, `METHOD target`."""
    refused: int = 0

    @property
    def url(self) -> str:
        return f"http://{USER}:{PASSWORD}@{self.address}"

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, *headers = head.decode("latin-1").split("\r\n")
        method, target, version = line.split(" ")
        if f"proxy-authorization: basic {_credentials()}".casefold() not in [each.casefold() for each in headers]:
            self.refused += 1
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return await writer.drain()
        self.asked.append(f"{method} {target}")
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            return await relay(reader, writer, target)
        parts = urlsplit(target)
        kept = [each for each in headers if not each.lower().startswith(("proxy-", "connection:"))]
        # One request a connection: what follows on it would have to be taken apart like this one.
        kept.insert(0, "Connection: close")
        path = target.removeprefix(f"{parts.scheme}://{parts.netloc}")
        first = "\r\n".join([f"{method} {path} {version}", *kept]).encode("latin-1")
        return await relay(reader, writer, parts.netloc, first)


def _credentials() -> str:
    return base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
