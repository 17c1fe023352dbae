"""Whether a request was signed by the account that it names."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PublicKey: TypeAlias = "RSAPublicKey | Ed25519PublicKey"


def load_public_key(pem: bytes | str) -> PublicKey:
    """An RSA or Ed25519 public key from its PEM text.

    Raises:
        ValueError: The text is no such key.
        ModuleNotFoundError: The package `cryptography` is not installed.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(pem.encode() if isinstance(pem, str) else pem)
    if not isinstance(key, RSAPublicKey | Ed25519PublicKey):
        raise ValueError("only RSA and Ed25519 keys sign requests")
    return key


def is_ed25519(key: PublicKey | None) -> bool:
    """Whether a session may be opened with this key."""
    return type(key).__name__.endswith("Ed25519PublicKey")


def hmac_signature(secret: str, payload: bytes) -> str:
    """HMAC-SHA256 of a payload, in hexadecimal."""
    return hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()


def is_signed(payload: bytes, signature: str, secret: str | None, key: PublicKey | None) -> bool:
    """Whether `signature` was made of `payload` with the account's secret or with the private half of its key.

    Args:
        payload: The bytes that were signed.
        signature: Hexadecimal (HMAC, either case) or base64 (RSA, Ed25519).
        secret: The account's HMAC secret, if it has one.
        key: The account's public key, if it has one.
    """
    if key is not None:
        return _verifies(key, payload, signature)
    return secret is not None and hmac.compare_digest(
        hmac_signature(secret, payload).encode(), signature.lower().encode()
    )


def _verifies(key: PublicKey, payload: bytes, signature: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        raw = base64.b64decode(signature, validate=True)
        if isinstance(key, RSAPublicKey):
            key.verify(raw, payload, PKCS1v15(), SHA256())
        else:
            key.verify(raw, payload)
    except (InvalidSignature, binascii.Error):
        return False
    return True
