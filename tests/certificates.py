"""A certificate authority of the test's own, as a company has one."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Authority:
    """Signs certificates of servers and of people.

    Attributes:
        pem: its own certificate, to be trusted.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        certificate = (
            _builder(self._name, self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = folder / "authority.pem"
        self.pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, host: str, *, days: int = 1) -> ssl.SSLContext:
        """Return the TLS context of a server with a certificate for `host`.

        Args:
            days: until its end; a negative number for one that has ended.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server_pem(host, days=days))
        return context

    def server_pem(self, *hosts: str, days: int = 1) -> Path:
        """Return a file with the key and the certificate of a server that is good for `hosts`."""
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        return self._signed("server.pem", hosts[0], days, names, ExtendedKeyUsageOID.SERVER_AUTH)

    def client_pem(self, name: str) -> Path:
        """Return a file with the key and the certificate of a person, for browsers to show."""
        names = x509.SubjectAlternativeName([x509.RFC822Name(f"{name.lower()}@example.com")])
        return self._signed(f"{name}.pem", name, 1, names, ExtendedKeyUsageOID.CLIENT_AUTH)

    def _signed(
        self,
        file: str,
        name: str,
        days: int,
        alternatives: x509.SubjectAlternativeName,
        usage: x509.ObjectIdentifier,
    ) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_name(name), self._name, key, days)
            .add_extension(alternatives, critical=False)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        pem = self._folder / file
        pem.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return pem


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int = 1
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
    )
