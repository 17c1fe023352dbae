"""Certificates for TLS on loopback: an authority of the tests, and servers that it vouches for, rightly or wrongly."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from typing import TYPE_CHECKING

from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Authority"]

_DAY = datetime.timedelta(days=1)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@define
class Authority:
    """A certificate authority that nobody trusts unless told to."""

    folder: Path
    """Where keys and certificates are written."""
    _key: ec.EllipticCurvePrivateKey = field(factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def certificate_file(self) -> str:
        """PEM file of the authority's own certificate, for those who shall trust it."""
        path = self.folder / "authority.pem"
        if not path.exists():
            usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
            builder = self._builder("Test Authority", self._key.public_key(), _now() + _DAY)
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            path.write_bytes(self._signed(builder.add_extension(usage, critical=True)))
        return str(path)

    def trusting_context(self) -> ssl.SSLContext:
        """A client's context that trusts this authority and no other."""
        return ssl.create_default_context(cafile=self.certificate_file)

    def server_context(self, address: str = "127.0.0.1", *, expired: bool = False) -> ssl.SSLContext:
        """A server's context with a certificate for an IP address."""
        key = ec.generate_private_key(ec.SECP256R1())
        until = _now() - _DAY if expired else _now() + _DAY
        name = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        builder = self._builder("Test Exchange", key.public_key(), until).add_extension(name, critical=False)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + self._signed(builder)
        path = self.folder / f"{address}-{expired}.pem"
        path.write_bytes(pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _builder(self, name: str, key: ec.EllipticCurvePublicKey, until: datetime.datetime) -> x509.CertificateBuilder:
        vouched = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named("Test Authority"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - 3 * _DAY)
            .not_valid_after(until)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(vouched, critical=False)
        )

    def _signed(self, builder: x509.CertificateBuilder) -> bytes:
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)
