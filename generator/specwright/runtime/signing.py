"""Signatures: HMAC-SHA256 with a secret, RSA or Ed25519 with a private key, and the bytes that they are made over.

What is signed is what is sent: `encode_pairs` makes the query or form bytes once, a signer signs exactly them, and the
transport sends exactly them.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast
from urllib.parse import quote

from .errors import ConfigurationError
from .extras import how_to_install

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from .secret import Secret

__all__ = [
    "Ed25519Signer",
    "HmacSigner",
    "PrivateKeySource",
    "RsaSigner",
    "Signer",
    "encode_pairs",
    "fingerprint",
    "private_key_signer",
    "quote_signature",
    "sorted_payload",
]

PrivateKeySource: TypeAlias = str | bytes | os.PathLike[str]
"""PEM text, PEM bytes, or the path of a PEM file."""

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch


_BLOCK = 64
_LONG = 600
"""Bytes from which OpenSSL's SHA-256 is the quicker one even between two waits for the exchange."""
"""Bytes of a block of SHA-256."""


class Signer(Protocol):
    """Signs payloads for one account."""

    @property
    def kind(self) -> Literal["HMAC", "RSA", "Ed25519"]:
        """What the key is."""
        ...

    def sign(self, payload: bytes) -> str:
        """The signature as the WebSocket API takes it; a query carries it percent-encoded."""
        ...


class HmacSigner:
    """HMAC-SHA256 with the API secret, in hexadecimal."""

    __slots__ = ("_long", "_short")
    kind: Literal["HMAC"] = "HMAC"

    def __init__(self, secret: Secret) -> None:
        # The secret is worked in once, as RFC 2104 says, and each signature goes on from copies: a third of the time
        # that the library's `hmac.digest` takes, which works it in each time.
        key = secret.reveal()
        block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        self._short, self._long = (
            (sha256(bytes(byte ^ 0x36 for byte in block)), sha256(bytes(byte ^ 0x5C for byte in block)))
            for sha256 in (_light_sha256(), hashlib.sha256)
        )

    def sign(self, payload: bytes) -> str:
        inner, outer = self._short if len(payload) < _LONG else self._long
        inner, outer = inner.copy(), outer.copy()
        inner.update(payload)
        outer.update(inner.digest())
        return outer.hexdigest()

    def __repr__(self) -> str:
        return "HmacSigner(hidden)"


def _light_sha256() -> Callable[[bytes], Any]:
    """CPython's own SHA-256, which has no contexts to allocate: for an order that takes 10 µs less than OpenSSL's when
    nothing of it is in a cache. Builds that leave it out have OpenSSL's."""
    for module in ("_sha2", "_sha256"):
        with suppress(ImportError):
            return cast("Callable[[bytes], Any]", import_module(module).sha256)
    return hashlib.sha256


class RsaSigner:
    """RSASSA-PKCS1-v1_5 with SHA-256, in base64."""

    __slots__ = ("_key",)
    kind: Literal["RSA"] = "RSA"

    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = key

    def sign(self, payload: bytes) -> str:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return base64.b64encode(self._key.sign(payload, PKCS1v15(), SHA256())).decode()

    def __repr__(self) -> str:
        return "RsaSigner(hidden)"


class Ed25519Signer:
    """Ed25519, in base64; the only kind that a WebSocket API connection can log on with."""

    __slots__ = ("_key",)
    kind: Literal["Ed25519"] = "Ed25519"

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, payload: bytes) -> str:
        return base64.b64encode(self._key.sign(payload)).decode()

    def __repr__(self) -> str:
        return "Ed25519Signer(hidden)"


def private_key_signer(source: PrivateKeySource, password: str | bytes | None = None) -> Signer:
    """The signer for a private key in PEM form; the key itself says whether it is RSA or Ed25519.

    Args:
        source: PEM text, PEM bytes, or the path of a PEM file.
        password: What the key is encrypted with.

    Raises:
        ConfigurationError: The `cryptography` package is missing, the file cannot be read, the password is wrong, or
            the key is of another kind.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as error:
        raise ConfigurationError(
            f"private_key needs the cryptography package: {how_to_install('cryptography', 'keys')}"
        ) from error
    pem = _read_pem(source)
    key: object = None
    with suppress(ValueError, TypeError, UnsupportedAlgorithm):
        key = load_pem_private_key(pem, password.encode() if isinstance(password, str) else password)
    if key is None:
        # Said outside of the library's error, whose text may quote the key.
        problem = "cannot be read with this password" if password else "cannot be read (is a password missing?)"
        raise ConfigurationError(f"private_key {problem}")
    if isinstance(key, Ed25519PrivateKey):
        return Ed25519Signer(key)
    if isinstance(key, RSAPrivateKey):
        return RsaSigner(key)
    raise ConfigurationError("private_key must be an RSA or an Ed25519 key")


def _read_pem(source: PrivateKeySource) -> bytes:
    if isinstance(source, bytes):
        return source
    if isinstance(source, str) and "-----BEGIN" in source:
        return source.encode()
    with suppress(OSError, ValueError):
        return Path(source).read_bytes()
    # Said outside of the system's error, which would show a mistyped key as a path that does not exist.
    raise ConfigurationError("private_key is neither PEM text nor the path of a readable file")


def encode_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """`name=value` joined with `&`, percent-encoded as UTF-8 (a space is `%20`), in the order given."""
    return "&".join([f"{name}={value if _PLAIN(value) else quote(value, safe='')}" for name, value in pairs])


def quote_signature(signature: str) -> str:
    """A signature as it stands in a query: base64 has characters that must be percent-encoded."""
    return signature if _PLAIN(signature) else quote(signature, safe="")


def sorted_payload(params: Mapping[str, object]) -> bytes:
    """What the WebSocket API signs: `name=value` sorted by name and joined with `&`, not percent-encoded.

    Values are as they stand in the frame: true and false in lower case, lists and objects as compact JSON.
    """
    values_of, pattern = _sorted_pattern(tuple(params))
    values = values_of(params)
    if not _PLAIN_TYPES.issuperset(map(type, values)):
        values = tuple([_plain_text(value) for value in values])
    return (pattern % values).encode()


@lru_cache(maxsize=1024)
def _sorted_pattern(names: tuple[str, ...]) -> tuple[Callable[[Mapping[str, object]], tuple[object, ...]], str]:
    """What gives the values in the order of their names, and the payload with gaps for them."""
    ordered = sorted(names)
    pattern = "&".join([f"{name.replace('%', '%%')}=%s" for name in ordered])
    # For a single name `itemgetter` gives no tuple.
    values_of = itemgetter(*ordered) if len(ordered) > 1 else lambda params: tuple(params.values())
    return values_of, pattern


_PLAIN_TYPES = frozenset({str, int})
"""What stands in a payload as `str` says it."""


def _plain_text(value: object) -> str:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list, tuple)):
        import msgspec

        return msgspec.json.encode(value).decode()
    return str(value)


def fingerprint(api_key: str) -> str:
    """A short name for an account that does not give its key away."""
    return hashlib.sha256(api_key.encode()).hexdigest()[:16]
