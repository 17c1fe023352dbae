"""Makes the request of a call at the moment of sending: timestamp, signature, and the bytes that both carriers send."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .effects import HttpRequest, WsRequest
from .signing import encode_pairs, quote_signature, sorted_payload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .call import Call
    from .effects import Request
    from .preparation import Account

__all__ = ["stamp"]


def stamp(call: Call, account: Account, timestamp: int) -> Request:
    """The request of a call, with the exchange's time `timestamp` (in ms) where the operation is signed."""
    prepared = call.prepared
    if prepared.signed:
        call.timestamp = timestamp
    if prepared.carrier.path:
        return _http_request(call, account)
    params: dict[str, object] = dict(call.encoded.wire)
    logged_on = call.authenticated is not None and call.authenticated()
    if prepared.api_key and not logged_on:
        params["apiKey"] = account.api_key
    if prepared.signed:
        params["recvWindow"] = call.recv_window
        params["timestamp"] = call.timestamp
        if account.signer is not None and not logged_on:
            params["signature"] = account.signer.sign(sorted_payload(params))
    return WsRequest(prepared.carrier.method, params, call.timeout, call)


def _http_request(call: Call, account: Account) -> HttpRequest:
    prepared = call.prepared
    text = encode_pairs(cast("Mapping[str, str]", call.encoded.wire).items())
    if prepared.signed and account.signer is not None:
        window = f"recvWindow={call.recv_window}&timestamp={call.timestamp}"
        text = f"{text}&{window}" if text else window
        text = f"{text}&signature={quote_signature(account.signer.sign(text.encode()))}"
    method = prepared.carrier.method
    if prepared.in_body:
        body = text.encode()
        headers = [*prepared.headers, (b"Content-Length", b"%d" % len(body))]
        return HttpRequest(method, prepared.path.encode(), headers, body, call.timeout)
    target = f"{prepared.path}?{text}" if text else prepared.path
    return HttpRequest(method, target.encode(), prepared.headers, b"", call.timeout)
