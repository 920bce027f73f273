"""Makes an NSS database as browsers on Linux keep one: certificates of the person's, with their keys.

NSS is used through its library, in a process of its own, since it has one database in each process:

    python -m tests.nss_database FOLDER PEM...
"""

import ctypes
import subprocess
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


class _Item(ctypes.Structure):
    """`SECItem`."""

    _fields_ = (("type", ctypes.c_int), ("data", ctypes.c_char_p), ("length", ctypes.c_uint))


def make_database(folder: Path, *pems: Path) -> None:
    """Make a database in `folder` that holds what `pems` hold: an EC key and its certificate each."""
    folder.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "tests.nss_database", str(folder), *map(str, pems)], check=True)


def _make(folder: str, pems: list[str]) -> None:
    nss = ctypes.CDLL("libnss3.so")
    nss.PK11_GetInternalKeySlot.restype = ctypes.c_void_p
    _check(nss.NSS_InitReadWrite(f"sql:{folder}".encode()))
    slot = ctypes.c_void_p(nss.PK11_GetInternalKeySlot())
    _check(nss.PK11_InitPin(slot, None, b""))
    for pem in map(Path, pems):
        key = serialization.load_pem_private_key(pem.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(pem.read_bytes())
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        pkcs8 = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        point = key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        usage = 0xFF
        _check(
            nss.PK11_ImportDERPrivateKeyInfo(
                slot, _item(pkcs8), _item(pem.stem.encode()), _item(point), 1, 1, usage, None
            )
        )
        der = certificate.public_bytes(serialization.Encoding.DER)
        _check(nss.PK11_ImportDERCert(slot, _item(der), ctypes.c_ulong(0), pem.stem.encode(), 0))
    nss.PK11_FreeSlot(slot)
    _check(nss.NSS_Shutdown())


def _item(data: bytes) -> object:
    return ctypes.byref(_Item(0, data, len(data)))


def _check(status: int) -> None:
    if status:
        raise OSError(f"NSS refused: {ctypes.CDLL('libnspr4.so').PR_GetError()}")


if __name__ == "__main__":
    _make(sys.argv[1], sys.argv[2:])
