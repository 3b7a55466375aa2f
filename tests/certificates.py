"""Certificates of an own authority for the tests that speak TLS, good and bad."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey


def own_authority(
    folder: Path, *, days: tuple[int, int] = (-1, 9), host: str = "127.0.0.1"
) -> tuple[Path, ssl.SSLContext]:
    """The authority's file, and a server's context with a certificate of it."""
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificate("Own", root, "Own", root, days=(-9, 99), ca=True)
    (folder / "ca.pem").write_bytes(pem(authority))
    (folder / "server.pem").write_bytes(pem(certificate("server", key, "Own", root, days=days, host=host), key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return folder / "ca.pem", context


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certificate(
    subject: str, key: Key, issuer: str, by: Key, *, days: tuple[int, int], ca: bool = False, host: str = "127.0.0.1"
) -> x509.Certificate:
    """A certificate that is good from and until so many days from now."""
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + timedelta(days=days[0]))
        .not_valid_after(today + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_at(host)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if ca:
        signs = {"key_cert_sign": True, "crl_sign": True}
        others = dict.fromkeys(
            ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
        )
        usage = x509.KeyUsage(**signs, **others, encipher_only=False, decipher_only=False)
        made = made.add_extension(usage, critical=True)
    return made.sign(by, hashes.SHA256())


def _at(host: str) -> x509.GeneralName:
    """An address, or a name."""
    return x509.IPAddress(IPv4Address(host)) if host[0].isdigit() else x509.DNSName(host)


def pem(certificate: x509.Certificate, key: Key | None = None) -> bytes:
    text = certificate.public_bytes(serialization.Encoding.PEM)
    if key is None:
        return text
    form = serialization.PrivateFormat.PKCS8
    return text + key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
