"""An HTTP proxy on loopback: requests for `http://` addresses, and tunnels (CONNECT) for everything else."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import define, field

from .service import Service, relay

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

__all__ = ["HttpProxy"]


@define
class HttpProxy(Service):
    """Carries what it is asked to; each connection carries one request or one tunnel.

    Args:
        credentials: `user:password` that clients must show.
    """

    credentials: str | None = None
    asked: list[str] = field(factory=list)
    """First lines of all requests that were let through, `METHOD target`."""
    refused: int = 0
    """Requests without the right credentials."""

    @property
    def url(self) -> str:
        user = f"{self.credentials}@" if self.credentials else ""
        return f"http://{user}{self.address}"

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, *headers = head.decode("latin-1").split("\r\n")
        method, target, version = line.split(" ")
        if not self._allowed(headers):
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

    def _allowed(self, headers: list[str]) -> bool:
        if self.credentials is None:
            return True
        shown = f"proxy-authorization: basic {base64.b64encode(self.credentials.encode()).decode()}"
        return shown.casefold() in [each.casefold() for each in headers]
