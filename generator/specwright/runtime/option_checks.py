"""Mistakes in options and settings, said when they are given and not at the first order."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .errors import ConfigurationError
from .retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import TypeGuard
    from urllib.parse import SplitResult

__all__ = [
    "address",
    "check_api_key",
    "check_count",
    "check_kind",
    "check_options",
    "check_proxy",
    "check_seconds",
    "is_number",
]

_PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")


def check_options(options: Mapping[str, object], known: Collection[str], *, max_recv_window: int) -> None:
    """Refuses options that there are not, and values that could only fail later.

    Args:
        options: What was given.
        known: The names of all that there are.
        max_recv_window: Milliseconds; the longest that the exchange accepts.

    Raises:
        ConfigurationError: It names the option, and the nearest right one.
    """
    for name in options:
        if name not in known:
            raise ConfigurationError(f"there is no option {name!r}{_suggestion(name, known)}")
    if "timeout" in options:
        check_seconds("timeout", options["timeout"])
    window = options.get("recv_window", 1)
    if not (isinstance(window, int) and 0 < window <= max_recv_window):
        raise ConfigurationError(f"recv_window={window!r} must be a whole number of ms from 1 to {max_recv_window}")
    if "max_wait" in options:
        check_seconds("max_wait", options["max_wait"], zero=True, endless=True)
    retry = options.get("retry")
    if retry is not None and not isinstance(retry, RetryPolicy):
        raise ConfigurationError(f"retry must be a RetryPolicy or None, not {type(retry).__name__}")
    for name in ("ws_api_url", "stream_url"):
        url = options.get(name)
        if url and (not isinstance(url, str) or address(url, ("ws", "wss")) is None):
            # The address is not quoted: it may hold a password.
            raise ConfigurationError(f"{name} must be an address like wss://host")


def check_seconds(
    name: str, value: object, *, zero: bool = False, endless: bool = False, optional: bool = False
) -> None:
    """Refuses what is no time.

    Args:
        name: What it is called.
        value: What was given.
        zero: Whether it may be 0.
        endless: Whether it may be infinite.
        optional: Whether it may be None.

    Raises:
        ConfigurationError: It says what may stand there.
    """
    if value is None and optional:
        return
    if not (is_number(value) and (value > 0 or (zero and value == 0)) and (endless or value < inf)):
        least = ", at least 0" if zero else " above 0"
        or_none = ", or None" if optional else ""
        raise ConfigurationError(f"{name}={value!r} must be a number of seconds{least}{or_none}")


def check_count(name: str, value: object, *, optional: bool = False) -> None:
    """Refuses what is no whole number of at least 1; see `check_seconds`."""
    if value is None and optional:
        return
    if not (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
        raise ConfigurationError(
            f"{name}={value!r} must be a whole number, at least 1{', or None' if optional else ''}"
        )


def check_kind(name: str, value: object, kind: type, *, optional: bool = False) -> None:
    """Refuses what is of another type, without showing it; see `check_seconds`."""
    if not (isinstance(value, kind) or (value is None and optional)):
        or_none = " or None" if optional else ""
        raise ConfigurationError(f"{name} must be of the type {kind.__name__}{or_none}, not {type(value).__name__}")


def check_proxy(proxy: object) -> None:
    """Refuses what is neither a proxy's address, nor True, nor None; see `check_seconds`."""
    if proxy is None or proxy is True:
        return
    if not (isinstance(proxy, str) and address(proxy, _PROXY_SCHEMES) is not None):
        # The address is not quoted: it may hold a password.
        raise ConfigurationError(
            "proxy must be an address like http://host:port or socks5://host, True for what the environment says, "
            "or None for none"
        )


def check_api_key(api_key: str) -> None:
    """Refuses a key that cannot stand in a header: the HTTP library would quote it in its error.

    Raises:
        ConfigurationError: It does not show the key.
    """
    if not isinstance(api_key, str) or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
        raise ConfigurationError(
            "the API key has characters that no key has, such as a blank or a line break at its end"
        )


def address(url: str, schemes: Collection[str]) -> SplitResult | None:
    """The parts of an address; None: no host can have it."""
    try:
        parts = urlsplit(url)
        is_possible = parts.port != 0 and _is_host(parts.hostname or "")  # Reading the port checks it.
    except ValueError:
        return None
    return parts if is_possible and parts.scheme in schemes else None


def _is_host(name: str) -> bool:
    if not name.isascii():
        name = name.encode("idna").decode()
    is_printable = name.isprintable() and " " not in name
    return is_printable and all(0 < len(label) <= 63 for label in name.removesuffix(".").split("."))


def is_number(value: object) -> TypeGuard[float]:
    """Whether it is a number; a truth value is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _suggestion(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(sorted(known))}"
