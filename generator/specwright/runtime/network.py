"""How connections to the exchange are made: addresses, proxies, certificates, time limits. Nothing here connects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from attrs import field, frozen

from .errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

__all__ = [
    "CONNECT_TIMEOUT",
    "KEEPALIVE",
    "ProxySetting",
    "TransportOptions",
    "VerifySetting",
    "connect_within",
    "environment_proxy",
    "reply_within",
    "verification",
]

CONNECT_TIMEOUT = 5.0
"""Longest time in seconds for connecting, TLS included."""
KEEPALIVE = 30.0
"""Seconds after which an idle HTTP connection is not used again."""

ProxySetting: TypeAlias = str | Literal[False] | None
"""A proxy's URL; False: none; None: as the environment says (`HTTPS_PROXY`, `NO_PROXY` …)."""
VerifySetting: TypeAlias = "bool | str | ssl.SSLContext"
"""Whether to verify certificates; the path of a file with authorities; or a context of the caller's own."""


@frozen
class TransportOptions:
    """How connections are made."""

    base_url: str
    http_client: object = None
    """An `httpx` or `httpx2` client of the caller's own, which is then not closed here."""
    proxy: ProxySetting = field(default=None, repr=False)
    """Not in the repr: a password may stand in it."""
    verify: VerifySetting = True
    http2: bool = False


def connect_within(timeout: float) -> float:
    """Seconds for waiting for a free connection, and for connecting, with a call's `timeout`."""
    return min(timeout, CONNECT_TIMEOUT)


def reply_within(timeout: float) -> float:
    """Seconds for all of a call with this `timeout`: a free connection, connecting, and the reply."""
    return timeout + 2 * connect_within(timeout)


def environment_proxy(url: str) -> str | None:
    """The proxy that the environment names for a URL."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    scheme = {"wss": "https", "ws": "http"}.get(parts.scheme, parts.scheme)
    proxies = getproxies()
    return proxies.get(scheme) or proxies.get("all")


def verification(verify: VerifySetting) -> ssl.SSLContext | bool:
    """The setting with a path made into a context.

    Raises:
        ConfigurationError: There is no readable file with certificates.
    """
    if not isinstance(verify, str):
        return verify
    import ssl

    try:
        return ssl.create_default_context(cafile=verify)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"verify={verify!r} is no readable file with certificates") from error
