"""A backup as one zip: written beside its place, on the disk before it gets its name; read back and checked by hash."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from crm360.kernel import notes
from crm360.upkeep import manifest as manifests
from crm360.upkeep.errors import DamagedBackup
from crm360.upkeep.manifest import Manifest, Member

MANIFEST, NOTE, PUBLIC = "manifest.json", "manifest.json.note", "manifest.pub"
CHUNK = 1 << 20
#: Told how many bytes were gone through since the last time.
Tell = Callable[[int], None]


def quiet(_bytes: int) -> None:
    """Nobody is told."""


def write(
    target: Path, members: Mapping[str, Path], made: Callable[[dict[str, Member]], Manifest], signer: notes.Signer, tell: Tell = quiet
) -> Manifest:  # fmt: skip
    """Write the archive and its signed manifest, which `made` makes from the hashes. On the disk when this returns."""
    with target.open("xb") as raw:
        target.chmod(0o600)
        listed = {}
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, file in members.items():
                listed[name] = _add(archive, name, file, tell)
            manifest = made(listed)
            text = manifests.encode(manifest)
            archive.writestr(MANIFEST, text)
            archive.writestr(NOTE, notes.sign(text.decode(), signer))
            archive.writestr(PUBLIC, signer.verifier + "\n")
        raw.flush()
        os.fsync(raw.fileno())
    return manifest


def _add(archive: zipfile.ZipFile, name: str, file: Path, tell: Tell) -> Member:
    info = zipfile.ZipInfo.from_file(file, name, strict_timestamps=False)
    # pg_dump's own format is compressed already
    info.compress_type = zipfile.ZIP_STORED if name.endswith(".dump") else zipfile.ZIP_DEFLATED
    with file.open("rb") as source, archive.open(info, "w", force_zip64=True) as sink:
        return _copied(source, sink, tell)


def _copied(source: IO[bytes], sink: IO[bytes] | None, tell: Tell) -> Member:
    """Copy to `sink` where there is one; returns the size and the hash of what went by."""
    hashed, size = hashlib.sha256(), 0
    while block := source.read(CHUNK):
        hashed.update(block)
        size += len(block)
        if sink is not None:
            sink.write(block)
        tell(len(block))
    return Member(bytes=size, sha256=hashed.hexdigest())


def read_manifest(file: Path) -> Manifest:
    """What a backup says of itself. Raises DamagedBackup when it says nothing."""
    try:
        with zipfile.ZipFile(file) as archive:
            return manifests.decode(archive.read(MANIFEST))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DamagedBackup(f"{file.name} is no backup of crm360, or it is damaged: {_why(error)}.") from None


def is_signed(file: Path, verifier: str) -> bool:
    """Whether the manifest was signed by this installation, and is as it was signed."""
    try:
        with zipfile.ZipFile(file) as archive:
            told = notes.opened(archive.read(NOTE).decode(), verifier)
            return told.rstrip("\n") == archive.read(MANIFEST).decode().rstrip("\n")
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return False


def check(file: Path, manifest: Manifest, tell: Tell = quiet) -> list[str]:
    """Read every member to its end; what differs from the manifest, in words."""
    faults = []
    with zipfile.ZipFile(file) as archive:
        there = set(archive.namelist()) - {MANIFEST, NOTE, PUBLIC}
        faults += [f"{name} is missing." for name in sorted(set(manifest.members) - there)]
        faults += [f"{name} is not in the manifest." for name in sorted(there - set(manifest.members))]
        for name in sorted(there & set(manifest.members)):
            try:
                with archive.open(name) as source:
                    found = _copied(source, None, tell)
            except (OSError, zipfile.BadZipFile, ValueError, EOFError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
                faults.append(f"{name} cannot be read: {_why(error)}.")
                continue
            if found != manifest.members[name]:
                faults.append(f"{name} is not what was written: its hash differs.")
    return faults


def extract(file: Path, manifest: Manifest, name: str, target: Path, tell: Tell = quiet) -> None:
    """One member to `target`, checked against its hash and on the disk when this returns. Raises DamagedBackup."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(file) as archive, archive.open(name) as source, target.open("wb") as sink:
            target.chmod(0o600)
            found = _copied(source, sink, tell)
            sink.flush()
            os.fsync(sink.fileno())
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise DamagedBackup(f"{name} of {file.name} cannot be read: {_why(error)}.") from None
    if found != manifest.members[name]:
        raise DamagedBackup(f"{name} of {file.name} is not what was written: its hash differs.")


def _why(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
