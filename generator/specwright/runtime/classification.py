"""What an error reply means: from its status, code and message to one typed error, by the tables of the product.

In this order: a message that the spec names for the status (the meanings of a 503), a ban, the code, the status alone.
What no table knows is judged by its status, and for the worst: a 5xx may have been executed.
"""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING

import msgspec
from attrs import frozen

from .errors import KINDS, ApiError
from .headers import Headers
from .lenient_json import read_or_none

if TYPE_CHECKING:
    from .effects import Reply
    from .product import ErrorCode, ErrorKind, Execution, HttpError, Product

__all__ = ["api_error", "item_error", "redact"]

SHORTEST_BAN = 120.0
"""Seconds; the exchange's bans start with two minutes."""
_BANNED_UNTIL = re.compile(r"banned until (\d{13})")
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_SECRET_PAIRS = re.compile(rb"(?i)((?:signature|listenkey|apikey)(?:=|\"\s*:\s*\"))[^&\s\"'<>]+")


@frozen
class _Meaning:
    kind: ErrorKind
    execution: Execution
    error: str | None
    """Class in the product's `errors` module."""


def api_error(
    product: Product,
    reply: Reply,
    *,
    operation: str,
    request: str,
    now: float,
    weight_used: int | None = None,
    api_key: bytes = b"",
) -> ApiError:
    """The error that a reply stands for.

    Args:
        product: Whose tables to go by.
        reply: Any reply that is no success.
        operation: Id of the operation.
        request: What was sent, for the reader.
        now: Seconds since 1970, for the end of a ban.
        weight_used: What the exchange said it has counted.
        api_key: Is taken out of the body, as signatures and listen keys are.
    """
    body = redact(reply.body, api_key)
    code, message = _payload(body)
    meaning = _meaning(product, reply.status, code, message)
    headers = Headers([(name, redact(value, api_key)) for name, value in reply.headers])
    retry_after = _retry_after(headers.get("retry-after"), now)
    until: float | None = None
    if meaning.kind == "ban":
        stated = _BANNED_UNTIL.search(message)
        until = int(stated[1]) / 1000 if stated else now + (retry_after if retry_after is not None else SHORTEST_BAN)
        retry_after = max(0.0, until - now)
    kind = _error_class(product.module, meaning)
    return kind(
        message,
        code=code,
        status=reply.status,
        headers=headers,
        operation=operation,
        request=request,
        weight_used=weight_used,
        execution=meaning.execution,
        retry_after=retry_after,
        until=until,
        body=body,
    )


def item_error(module: str, code: int, message: str) -> ApiError:
    """The error of one item of a batch, which has no reply of its own.

    Args:
        module: Import name of the product's package.
        code: The item's code.
        message: The item's message.
    """
    product: Product = importlib.import_module(f"{module}.product").PRODUCT
    entry = product.errors().get(code)
    meaning = _Meaning(entry.kind, entry.execution, entry.error) if entry else _Meaning("rejected", "rejected", None)
    return _error_class(module, meaning)(message, code=code, execution=meaning.execution)


def redact(body: bytes, api_key: bytes = b"") -> bytes:
    """A body (or a URL) without signatures, listen keys and the API key, which some proxies echo."""
    if api_key:
        body = body.replace(api_key, b"***")
    return _SECRET_PAIRS.sub(rb"\1***", body)


def _payload(body: bytes) -> tuple[int | None, str]:
    """Code and message of a body, whatever it is."""
    payload = read_or_none(msgspec.json.decode, body)
    if not isinstance(payload, dict):
        return None, _text(body)
    code = payload.get("code")
    message = payload.get("msg", payload.get("message"))
    return (
        code if isinstance(code, int) and not isinstance(code, bool) else None,
        message if isinstance(message, str) else _text(body),
    )


def _text(body: bytes) -> str:
    """What a reader can make of a body that is not an error object: the title of a page, or its start."""
    title = _TITLE.search(body)
    text = " ".join((title[1] if title else body[:400]).decode("utf-8", "replace").split())
    if not text:
        return "empty reply"
    return f"reply is not JSON: {text[:200]}" if not body.lstrip().startswith((b"{", b"[")) else text[:200]


def _meaning(product: Product, status: int, code: int | None, message: str) -> _Meaning:
    known = product.errors().get(code) if code is not None else None
    by_status = [entry for entry in product.http_errors() if entry.status == status]
    for named in by_status:
        if named.message is not None and message.startswith(named.message):
            # The message says what happened to the request, the code what the error is called.
            return _of(named) if known is None else _Meaning(known.kind, named.execution, known.error)
    plain = next((entry for entry in by_status if entry.message is None), None)
    if _BANNED_UNTIL.search(message) or status == 418 or (plain is not None and plain.kind == "ban"):
        ban = plain or next((entry for entry in product.http_errors() if entry.kind == "ban"), None)
        return _of(ban) if ban is not None and ban.kind == "ban" else _Meaning("ban", "not_executed", None)
    if known is not None:
        # Refused for its content, yet a failure of the server: the two do not fit together, so the worse is assumed.
        doubtful = known.execution == "rejected" and status >= 500
        return _Meaning(known.kind, "unknown" if doubtful else known.execution, known.error)
    if plain is not None:
        return _of(plain)
    return _by_status_alone(status)


def _of(entry: HttpError | ErrorCode) -> _Meaning:
    return _Meaning(entry.kind, entry.execution, entry.error)


def _by_status_alone(status: int) -> _Meaning:
    if status == 429:
        return _Meaning("limit", "not_executed", None)
    if status == 401:
        return _Meaning("authentication", "rejected", None)
    if 400 <= status < 500 and status != 408:
        return _Meaning("rejected", "rejected", None)
    return _Meaning("server", "unknown", None)


def _error_class(module: str, meaning: _Meaning) -> type[ApiError]:
    """The class by name from the product's `errors` module, or the base of its kind where it has none."""
    base = KINDS[meaning.kind]
    if meaning.error is None:
        return base
    named: object = getattr(importlib.import_module(f"{module}.errors"), meaning.error, base)
    return named if isinstance(named, type) and issubclass(named, ApiError) else base


def _retry_after(value: str | None, now: float) -> float | None:
    """Seconds from a `Retry-After` header: a number of seconds or an HTTP date."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        from email.utils import parsedate_to_datetime

        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - now)
        except ValueError:
            return None
