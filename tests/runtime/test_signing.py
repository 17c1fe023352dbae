"""Signatures over exactly the bytes that are sent, for the three kinds of keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import pickle
import sys
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from specwright.runtime.errors import ConfigurationError
from specwright.runtime.secret import Secret
from specwright.runtime.signing import (
    HmacSigner,
    encode_pairs,
    fingerprint,
    private_key_signer,
    quote_signature,
    sorted_payload,
)

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTED_SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey, password: str = "") -> bytes:
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    ("payload", "signature"),
    [
        (
            "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC"
            "&recvWindow=5000&timestamp=1591702613943",
            "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9",
        ),
        (
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
            "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943",
            "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4",
        ),
    ],
    ids=["query", "query followed by body"],
)
def test_hmac_gives_the_documented_signatures(payload: str, signature: str) -> None:
    assert HmacSigner(Secret(DOCUMENTED_SECRET)).sign(payload.encode()) == signature


@given(
    st.text(min_size=1) | st.text("k", min_size=60, max_size=70),
    st.binary() | st.integers(550, 650).map(lambda length: b"x" * length),
)
def test_hmac_equals_an_independent_computation(secret: str, payload: bytes) -> None:
    secret = secret.encode("utf-8", "ignore").decode()
    expected = hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()
    assert HmacSigner(Secret(secret)).sign(payload) == expected


def test_rsa_signs_pkcs1_v15_with_sha256(rsa_key: rsa.RSAPrivateKey) -> None:
    signature = private_key_signer(pem(rsa_key)).sign(b"symbol=BTCUSDT")
    rsa_key.public_key().verify(base64.b64decode(signature), b"symbol=BTCUSDT", padding.PKCS1v15(), SHA256())


def test_ed25519_signs_the_payload_itself(ed25519_key: ed25519.Ed25519PrivateKey) -> None:
    signature = private_key_signer(pem(ed25519_key)).sign(b"symbol=BTCUSDT")
    ed25519_key.public_key().verify(base64.b64decode(signature), b"symbol=BTCUSDT")


def test_a_private_key_may_be_text_bytes_or_a_file(ed25519_key: ed25519.Ed25519PrivateKey, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(pem(ed25519_key))
    signatures = {
        private_key_signer(source).sign(b"x")
        for source in (pem(ed25519_key), pem(ed25519_key).decode(), file, str(file))
    }
    assert len(signatures) == 1


def test_an_encrypted_key_is_read_with_its_password(rsa_key: rsa.RSAPrivateKey) -> None:
    assert private_key_signer(pem(rsa_key, "open sesame"), "open sesame").kind == "RSA"


@pytest.mark.parametrize(
    ("source", "password", "said"),
    [
        (b"-----BEGIN PRIVATE KEY-----\nbm9uc2Vuc2U=\n-----END PRIVATE KEY-----", None, "is a password missing"),
        ("/nowhere/key.pem", None, "neither PEM text nor the path of a readable file"),
        ("encrypted", "wrong", "cannot be read with this password"),
        ("elliptic", None, "must be an RSA or an Ed25519 key"),
    ],
)
def test_an_unusable_key_is_explained_without_being_shown(
    source: str | bytes, password: str | None, said: str, rsa_key: rsa.RSAPrivateKey
) -> None:
    if source == "encrypted":
        source = pem(rsa_key, "right")
    elif source == "elliptic":
        source = pem(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(ConfigurationError, match=said) as raised:
        private_key_signer(source, password)
    assert str(source) not in str(raised.value)


def test_a_missing_package_names_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(ConfigurationError, match=r"needs the cryptography package: pip install cryptography$"):
        private_key_signer(b"-----BEGIN PRIVATE KEY-----")


wire_values = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(st.from_regex(r"[a-zA-Z]{1,10}", fullmatch=True), wire_values)))
def test_what_is_encoded_is_plain_ascii_and_reads_back_unchanged(pairs: list[tuple[str, str]]) -> None:
    text = encode_pairs(pairs)
    assert text.isascii()
    assert " " not in text
    assert "+" not in text
    assert parse_qsl(text, keep_blank_values=True, strict_parsing=bool(pairs)) == pairs


def test_chinese_symbols_spaces_plus_signs_and_lists_are_percent_encoded() -> None:
    pairs = [("symbol", "币安人生USDT"), ("note", "a b+c"), ("list", '["BTCUSDT","1.5"]')]
    assert encode_pairs(pairs) == (
        "symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&note=a%20b%2Bc&list=%5B%22BTCUSDT%22%2C%221.5%22%5D"
    )


def test_base64_signatures_are_quoted_for_a_query() -> None:
    assert quote_signature("a+b/c==") == "a%2Bb%2Fc%3D%3D"


def test_the_websocket_api_signs_sorted_parameters_as_they_stand_in_the_frame() -> None:
    params: dict[str, object] = {
        "timestamp": 1700000000000,
        "symbol": "币安人生USDT",
        "reduceOnly": True,
        "apiKey": "key",
        "orders": [{"a": 1}],
    }
    assert sorted_payload(params).decode() == (
        'apiKey=key&orders=[{"a":1}]&reduceOnly=true&symbol=币安人生USDT&timestamp=1700000000000'
    )


def test_keys_show_in_no_repr_and_no_pickle(rsa_key: rsa.RSAPrivateKey) -> None:
    secret = Secret("hush-hush")
    signers = [HmacSigner(secret), private_key_signer(pem(rsa_key))]
    assert "hush" not in repr([secret, *signers])
    with pytest.raises(TypeError, match="secrets"):
        pickle.dumps(secret)


def test_an_account_has_a_short_name_that_does_not_give_its_key_away() -> None:
    assert fingerprint("my-api-key") == fingerprint("my-api-key")
    assert fingerprint("my-api-key") != fingerprint("another-key")
    assert "my-api-key" not in fingerprint("my-api-key")
