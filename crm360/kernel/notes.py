"""Signed notes: a text anybody can check offline with a public key, in the format of c2sp.org/signed-note.

A note is its text, an empty line, and one line a signature: `— <name> <base64(key id ‖ Ed25519 signature)>`.
"""

from __future__ import annotations

import base64
import hashlib
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_MARK = "— "


class BadNote(ValueError):
    """The note is not signed by this key, or was changed."""


class Signer(NamedTuple):
    """Who signs: a name without spaces, and 32 secret bytes."""

    name: str
    seed: bytes

    @property
    def public_key(self) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    @property
    def verifier(self) -> str:
        """What a checker needs, as one line: `name+hash+base64(type ‖ public key)`."""
        named = base64.b64encode(_ED25519 + self.public_key).decode()
        return f"{self.name}+{key_id(self.name, self.public_key).hex()}+{named}"


def new_seed() -> bytes:
    """32 secret bytes to sign with."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def key_id(name: str, public_key: bytes) -> bytes:
    """Four bytes that tell keys apart."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:4]


def sign(text: str, signer: Signer) -> str:
    """`text` (made to end in a line break) as a signed note."""
    body = text if text.endswith("\n") else text + "\n"
    signature = Ed25519PrivateKey.from_private_bytes(signer.seed).sign(body.encode())
    proof = base64.b64encode(key_id(signer.name, signer.public_key) + signature).decode()
    return f"{body}\n{_MARK}{signer.name} {proof}\n"


def opened(note: str, verifier: str) -> str:
    """The text of a note signed by `verifier` (as `Signer.verifier` gives it). Raises BadNote."""
    name, _, rest = verifier.partition("+")
    public_key = base64.b64decode(rest.partition("+")[2])[1:]
    text, blank, signatures = note.rpartition("\n\n")
    if not blank:
        raise BadNote("The note has no signature.")
    for line in signatures.splitlines():
        if line.startswith(f"{_MARK}{name} ") and _signed(text + "\n", line.rpartition(" ")[2], name, public_key):
            return text + "\n"
    raise BadNote("No signature of the note is right.")


def _signed(text: str, proof: str, name: str, public_key: bytes) -> bool:
    try:
        raw = base64.b64decode(proof, validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(raw[4:], text.encode())
    except (InvalidSignature, ValueError):
        return False
    # The same bytes may be written in several ways; only the one we write is ours.
    return raw[:4] == key_id(name, public_key) and base64.b64encode(raw).decode() == proof
