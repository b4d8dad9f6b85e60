"""What a backup says of itself: what is in it, by which it is checked, and what is deliberately not in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

FORMAT = "crm360-backup-1"
#: Never in a backup, and why: said in every manifest.
LEFT_OUT = {
    "keys": "SECRET_KEY, SUPPRESSION_KEY_FILE, LEDGER_KEY_FILE, VAPID_KEY_FILE, DKIM_KEY_FILE, SMTP_PASSWORD: keep copies elsewhere; only their fingerprints are here",
    "tombstones": "TOMBSTONE_FILE: it must be newer than any backup, so a restore never overwrites it",
    "packages": "copies of data waiting to be taken: they expire within days and can be made again",
    "watched folders": "IMPORT_ROOT belongs to those who put files there",
}


class Keys(Protocol):
    """The settings that hold keys."""

    @property
    def secret_key(self) -> str: ...

    @property
    def suppression_keys(self) -> tuple[str, ...]: ...

    @property
    def ledger_key(self) -> bytes: ...

    @property
    def vapid_key(self) -> str: ...


class Member(msgspec.Struct, frozen=True):
    """A file of the archive: its size and its SHA-256 in hex."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """`manifest.json` of a backup. `rows`: table → rows in the same snapshot as the data."""

    format: str
    name: str
    made_at: datetime
    made_by: str
    version: str
    dialect: str
    database_version: str
    migration: str
    rows: dict[str, int]
    members: dict[str, Member]
    keys: dict[str, list[str]]
    #: Roles of PostgreSQL that hold rights on the tables.
    roles: list[str] = []
    left_out: dict[str, str] = {}

    @property
    def database(self) -> str:
        """The name of the member that holds the database."""
        return DATABASE_MEMBERS[self.dialect]

    @property
    def total_rows(self) -> int:
        return sum(self.rows.values())


#: Dialect → the member of the archive that is the database.
DATABASE_MEMBERS = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


def fingerprints(settings: Keys) -> dict[str, list[str]]:
    """Setting → short names of its keys, which give nothing of them away and tell whether they are the same ones."""
    return {
        "SECRET_KEY": [_fingerprint("SECRET_KEY", settings.secret_key.encode())],
        "SUPPRESSION_KEY_FILE": [_fingerprint("SUPPRESSION_KEY", key.encode()) for key in settings.suppression_keys],
        "LEDGER_KEY_FILE": [_fingerprint("LEDGER_KEY", settings.ledger_key)],
        "VAPID_KEY_FILE": [_fingerprint("VAPID_KEY", settings.vapid_key.encode())],
    }


def missing_keys(manifest: Manifest, settings: Keys) -> list[str]:
    """Settings that no longer hold a key the backup was made under."""
    here = fingerprints(settings)
    return [name for name, marks in manifest.keys.items() if not set(marks) <= set(here.get(name, []))]


def _fingerprint(name: str, key: bytes) -> str:
    return hashlib.sha256(f"crm360 fingerprint of {name}:".encode() + key).hexdigest()[:12]


def encode(manifest: Manifest) -> bytes:
    """The manifest as the archive holds it."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=2)


def decode(raw: bytes) -> Manifest:
    """A manifest read back. Raises ValueError when it is none of ours."""
    try:
        found = msgspec.json.decode(raw, type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ValueError(str(error)) from None
    if found.format != FORMAT or found.dialect not in DATABASE_MEMBERS:
        raise ValueError(f"format {found.format!r}")
    return found


def consequences(names: Sequence[str]) -> list[str]:
    """What it means that these settings hold other keys than the backup was made under."""
    told = {
        "SECRET_KEY": "SECRET_KEY differs: passwords of sources and signing secrets of webhooks cannot be read and must be entered again; everybody signs in anew.",
        "SUPPRESSION_KEY_FILE": "SUPPRESSION_KEY_FILE lacks a key of the backup: suppressed addresses and erased people would not be known again.",
        "LEDGER_KEY_FILE": "LEDGER_KEY_FILE differs: checkpoints signed before cannot be verified.",
        "VAPID_KEY_FILE": "VAPID_KEY_FILE differs: every push subscription has ended.",
    }
    return [told[name] for name in names if name in told]
