"""An HTTP/2 server that passes requests on to the exchange, which knows HTTP/1.1 only, and writes them down."""

from __future__ import annotations

import asyncio
import http.client
from typing import TYPE_CHECKING

from attrs import define, field
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from .service import Service

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

    from h2.events import Event

__all__ = ["Http2Front", "Http2Request"]


@define
class Http2Request:
    """A request as it came, pseudo headers among its headers."""

    headers: dict[str, str]
    body: bytes = b""

    @property
    def line(self) -> str:
        return f"{self.headers[':method']} {self.headers[':path']}"


@define
class Http2Front(Service):
    """Passes requests on to `target` (`host:port`). Its TLS context must offer `h2`."""

    target: str
    requests: list[Http2Request] = field(factory=list)
    protocols: list[str | None] = field(factory=list)
    """What was agreed on for each connection."""

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.protocols.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        coming: dict[int, Http2Request] = {}
        while content := await reader.read(65536):
            for event in connection.receive_data(content):
                await self._take(connection, coming, event)
            writer.write(connection.data_to_send())
            await writer.drain()

    async def _take(self, connection: H2Connection, coming: dict[int, Http2Request], event: Event) -> None:
        match event:
            case RequestReceived(stream_id=stream, headers=headers):
                coming[stream] = Http2Request({str(name): str(value) for name, value in headers})
            case DataReceived(stream_id=stream, data=data):
                coming[stream].body += data
            case StreamEnded(stream_id=stream):
                request = coming.pop(stream)
                self.requests.append(request)
                status, body = await asyncio.to_thread(self._ask, request)
                connection.send_headers(stream, [(":status", str(status)), ("content-type", "application/json")])
                connection.send_data(stream, body, end_stream=True)

    def _ask(self, request: Http2Request) -> tuple[int, bytes]:
        asked = http.client.HTTPConnection(self.target)
        headers = {name: value for name, value in request.headers.items() if not name.startswith(":")}
        asked.request(request.headers[":method"], request.headers[":path"], request.body or None, headers)
        reply = asked.getresponse()
        content = reply.status, reply.read()
        asked.close()
        return content
