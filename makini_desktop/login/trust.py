"""Whom the operating system trusts beyond the engine's own list: company CAs, as the API client does.

On Windows and macOS the engine asks the system itself. On Linux it knows its own list and the person's
NSS database; the system's file or folder is read here, or those that SSL_CERT_FILE and SSL_CERT_DIR name
instead, as OpenSSL reads them. Nothing is ever trusted that they do not hold.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QByteArray
from PySide6.QtNetwork import QSsl, QSslCertificate, QSslSocket

# Where distributions keep them; importing `ssl` to ask OpenSSL's own default would take 9 ms.
_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_FOLDER = "/etc/ssl/certs"
_IN_FOLDER = re.compile(r"[0-9a-f]{8}\.[0-9]", re.IGNORECASE)  # OpenSSL looks for these names only
_PEM = re.compile(rb"-----BEGIN (?:TRUSTED )?CERTIFICATE-----(.+?)-----END", re.DOTALL)


def system_certificates() -> list[QSslCertificate]:
    """Return the certificates of the authorities that this Linux trusts; empty on other systems."""
    if sys.platform != "linux":
        return []
    # The full backend takes 120 ms to load and reads certificates no better.
    QSslSocket.setActiveBackend("cert-only")
    found = (QSslCertificate(QByteArray(der), QSsl.EncodingFormat.Der) for der in _system_ders())
    return [certificate for certificate in found if not certificate.isNull()]


def _system_ders() -> list[bytes]:
    ders: dict[bytes, None] = {}
    for place in _places():
        try:
            text = place.read_bytes()
        except OSError:
            continue
        for body in _PEM.findall(text):
            try:
                ders[base64.b64decode(body)] = None
            except binascii.Error:
                continue
    return list(ders)


def _places() -> Iterator[Path]:
    named_file, named_folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    files = [named_file] if named_file else [name for name in _FILES if Path(name).is_file()][:1]
    yield from map(Path, files)
    if named_file or named_folder or not files:
        for folder in map(Path, (named_folder or _FOLDER).split(os.pathsep)):
            if folder.is_dir():
                yield from (path for path in folder.iterdir() if _IN_FOLDER.fullmatch(path.name))
