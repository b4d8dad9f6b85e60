"""Signing answers for machines that check an X.509 certificate: ECDSA on P-256 with SHA-256 (FIPS 186).

The key is derived from the installation's signing key, so there is no second secret to keep; the certificate is made
anew each time and comes out the same byte for byte. It is signed by itself: an installation of one's own has no
authority to sign for it, so whoever checks pins it.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID

_CURVE = ec.SECP256R1()
_FROM, _UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def sign(body: bytes, *, seed: bytes) -> str:
    """The signature of `body` in base64 (DER within)."""
    made = _key(seed).sign(body, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    return base64.b64encode(made).decode()


def certificate(domain: str, *, seed: bytes) -> bytes:
    """The certificate for `domain`, in PEM."""
    key, name = _key(seed), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domain[:64])])
    serial = int.from_bytes(hashlib.sha256(_public(key) + domain.encode()).digest()[:16], "big")
    builder = x509.CertificateBuilder(
        issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=serial,
        not_valid_before=_FROM, not_valid_after=_UNTIL,
    )  # fmt: skip
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
    made = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    return made.public_bytes(serialization.Encoding.PEM)


def _key(seed: bytes) -> ec.EllipticCurvePrivateKey:
    """384 bits, of which the remainder by the curve's order is as good as even (FIPS 186-5, A.2.1)."""
    drawn = HKDF(hashes.SHA256(), 48, salt=None, info=b"crm360 answers P-256").derive(seed)
    return ec.derive_private_key(int.from_bytes(drawn, "big") % (_ORDER - 1) + 1, _CURVE)


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
