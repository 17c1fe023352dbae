"""Signatures of all three kinds, and what they are made of."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from specwright.simulator.rest import signed_payload
from specwright.simulator.signatures import hmac_signature, is_signed, load_public_key
from specwright.simulator.ws_api import signed_payload as signed_frame

SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
QUERY = (
    b"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943"
)


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_the_documented_signature() -> None:
    assert hmac_signature(SECRET, QUERY) == "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"


def test_hexadecimal_digits_may_have_either_case() -> None:
    assert is_signed(QUERY, hmac_signature(SECRET, QUERY).upper(), SECRET, None)


@pytest.mark.parametrize(
    ("query", "body", "payload"),
    [
        (b"a=1&b=2&signature=00", b"", b"a=1&b=2"),
        (b"signature=00&a=1", b"", b"&a=1"),
        (b"", b"a=1&signature=00", b"a=1"),
        (b"a=1", b"b=2&signature=00", b"a=1b=2"),
        (b"a=1&signature=00", b"b=2", b"a=1b=2"),
        (b"mysignature=1&signature=00", b"", b"mysignature=1"),
    ],
)
def test_what_a_rest_signature_is_made_of(query: bytes, body: bytes, payload: bytes) -> None:
    assert signed_payload(query, body) == payload


def test_what_a_frame_is_signed_with() -> None:
    assert signed_frame({"b": 1, "a": True, "signature": "x", "c": ["ü"]}) == 'a=true&b=1&c=["ü"]'.encode()


def test_rsa() -> None:
    key = rsa.generate_private_key(65537, 2048)
    signature = base64.b64encode(key.sign(QUERY, padding.PKCS1v15(), SHA256())).decode()
    public = load_public_key(pem(key))
    assert is_signed(QUERY, signature, None, public)
    assert not is_signed(QUERY + b"0", signature, None, public)


def test_ed25519() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    signature = base64.b64encode(key.sign(QUERY)).decode()
    public = load_public_key(pem(key).decode())
    assert is_signed(QUERY, signature, None, public)
    assert not is_signed(QUERY, "not base64!", None, public)


def test_other_keys_are_not_taken() -> None:
    with pytest.raises(ValueError, match="only RSA and Ed25519"):
        load_public_key(pem(ec.generate_private_key(ec.SECP256R1())))
