"""Mistakes in a client's options, said when the client is made and not at the first order."""

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

__all__ = ["address", "check_api_key", "check_options", "is_number"]


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
    if "timeout" in options and not (is_number(timeout := options["timeout"]) and 0 < timeout < inf):
        raise ConfigurationError(f"timeout={timeout!r} must be a number of seconds above 0")
    window = options.get("recv_window", 1)
    if not (isinstance(window, int) and 0 < window <= max_recv_window):
        raise ConfigurationError(f"recv_window={window!r} must be a whole number of ms from 1 to {max_recv_window}")
    if "max_wait" in options and not (is_number(longest := options["max_wait"]) and longest >= 0):
        raise ConfigurationError(f"max_wait={longest!r} must be a number of seconds")
    retry = options.get("retry")
    if retry is not None and not isinstance(retry, RetryPolicy):
        raise ConfigurationError(f"retry must be a RetryPolicy or None, not {type(retry).__name__}")
    for name in ("ws_api_url", "stream_url"):
        url = options.get(name)
        if url and (not isinstance(url, str) or address(url, ("ws", "wss")) is None):
            # The address is not quoted: it may hold a password.
            raise ConfigurationError(f"{name} must be an address like wss://host")


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
