"""How connections to the exchange are made: addresses, proxies, certificates. Nothing here connects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from attrs import field, frozen

from .errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

__all__ = ["ProxySetting", "TransportOptions", "VerifySetting", "environment_proxy", "verification"]

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
