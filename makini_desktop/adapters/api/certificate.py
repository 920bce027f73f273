"""Why a server's certificate is not trusted, in words that say who has to act."""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

from makini_desktop.core.text import _
from makini_desktop.domain.errors import CertificateRejected

_PATIENCE = 5.0
"""Seconds after which the issuer's name is done without."""

_UNKNOWN_ISSUER = frozenset({2, 19, 20, 21, 0x800B0109, 0x800B0109 - 2**32, -67843})
"""Codes for a chain that ends at nobody this computer trusts: OpenSSL's, Windows', macOS'."""


def cause_of(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """Return the failed verification behind an error, None where something else went wrong."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None


async def rejected(error: ssl.SSLCertVerificationError, url: str, proxy: str | None) -> CertificateRejected:
    """Return the error for a certificate that failed its verification.

    Args:
        proxy: host and port of the proxy in between, None without any.
    """
    host = urlsplit(url).hostname or url
    if error.verify_code not in _UNKNOWN_ISSUER:
        return CertificateRejected(
            _("The certificate of {host} is not trusted on this computer: {why}.").format(
                host=host, why=error.verify_message
            )
        )
    issuer = await _issuer(url) if proxy is None else None
    return CertificateRejected(
        _(
            "The certificate of {host} is signed by {issuer}, which this computer does not trust; {proxy} "
            "may be inspecting TLS. Ask for its certificate to be installed on this computer."
        ).format(
            host=host,
            issuer=f"“{issuer}”" if issuer else _("an issuer"),
            proxy=_("the proxy {proxy}").format(proxy=proxy) if proxy else _("a company proxy"),
        )
    )


async def _issuer(url: str) -> str | None:
    """Return the name of who signed the server's certificate.

    It is fetched on a connection of its own, over which nothing is sent and nothing else is read.
    """
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or 443)
    try:
        return await asyncio.to_thread(_signer, address)
    except (OSError, ValueError):
        return None


def _signer(address: tuple[str, int]) -> str | None:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    pem = ssl.get_server_certificate(address, timeout=_PATIENCE)
    issuer = x509.load_pem_x509_certificate(pem.encode()).issuer
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for name in issuer.get_attributes_for_oid(kind):
            words = "".join(letter for letter in str(name.value) if letter.isprintable())
            if words.strip():
                return words.strip()[:100]
    return None
