"""What can be done about a handshake of a WebSocket that was refused."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["advice", "origin"]


def advice(status: int | None, retry_after: float | None, place: str | None = None) -> str:
    """What to do; empty: nothing is known.

    Args:
        status: The status of the refusal.
        retry_after: Seconds to wait, as the server said.
        place: Where the server pointed to.
    """
    if status is None:
        return ""
    if 300 <= status < 400:
        return (
            f"it points to {place or 'another address'}; if that is the exchange, name it in stream_url or ws_api_url, "
            "if not, look for a proxy or a login page on the way"
        )
    if status == 401:
        return "it does not take the key, or the listen key has expired; check the key and its environment"
    if status == 403:
        return "a firewall blocks this address, for its region or for a while; use another one, or ask less often"
    if status in (418, 429):
        wait = "some minutes" if retry_after is None else f"{retry_after:g} s"
        return f"too much was asked from this address; wait {wait}, and open fewer connections"
    if status >= 500:
        return (
            "the exchange is in trouble; try again later (a stream that was open does so, as its ReconnectPolicy says)"
        )
    if 400 <= status < 500:
        return "it has nothing at this address; check stream_url, ws_api_url and the environment"
    return ""


def origin(location: str) -> str | None:
    """Scheme, host and port of an address, without a password or a path; None: it names no host."""
    try:
        parts = urlsplit(location)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or not host.isprintable():
        return None
    named = f"[{host}]" if ":" in host else host
    scheme = f"{parts.scheme}:" if parts.scheme else ""
    return f"{scheme}//{named}" if port is None else f"{scheme}//{named}:{port}"
