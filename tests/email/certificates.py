"""A certificate authority of a test's own, and the certificate of a server on loopback."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificate:
    """``authority`` is what a client has to trust."""

    chain: Path
    key: Path
    authority: Path

    def context(self) -> ssl.SSLContext:
        """For a server."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.chain, self.key)
        return made


def made(folder: Path, host: str = "127.0.0.1") -> Certificate:
    """A certificate for ``host``, signed by an authority that nobody knows."""
    own, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A centre of its own")])
    authority = _signed(issuer, issuer, own, own, x509.BasicConstraints(ca=True, path_length=None))
    try:
        name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        name = x509.DNSName(host)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    leaf = _signed(subject, issuer, server, own, x509.SubjectAlternativeName([name]))
    found = Certificate(folder / "server.pem", folder / "server.key", folder / "authority.pem")
    pem = serialization.Encoding.PEM
    found.chain.write_bytes(leaf.public_bytes(pem) + authority.public_bytes(pem))
    found.authority.write_bytes(authority.public_bytes(pem))
    found.key.write_bytes(server.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return found


def _signed(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(extension, critical=False)
        .sign(by, hashes.SHA256())
    )
