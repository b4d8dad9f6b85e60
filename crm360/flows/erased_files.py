"""Files in which people stand: their lines go, the others' stay; a file that cannot be opened line by line goes whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from email.parser import BytesParser
from pathlib import Path

from sqlalchemy import select

from crm360.flows.subjects import Subject
from crm360.imports import operations as imports
from crm360.imports.models import Run
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.kernel.errors import Unavailable
from crm360.privacy.models import Case, Package
from crm360.privacy.needles import Needles

_TEXT = (".csv", ".tsv", ".txt", ".vcf", ".json", ".jsonl", ".ndjson", ".eml")
#: Statuses of an import that reads its file no more.
_OVER = ("done", "reverted", "failed", "discarded")


#: Why an import has to begin anew, in words the pages translate.
LINE_GONE = "Somebody in this file was erased and their lines are gone: check the file again, or upload it anew."


class ImportUnderWay(Unavailable):
    """A file that somebody stands in is just being read."""


def packages(subject: Subject, folder: Path) -> int:
    """Copies of the person's data made for them; returns how many files went."""
    query = select(Package).join(Case, Case.id == Package.case_id).where(Package.stored != "")
    made = [
        each
        for some in chunked(subject.contact_ids)
        for each in db.session.scalars(query.where(Case.contact_id.in_(some)))
    ]
    for package in made:
        (folder / package.stored).unlink(missing_ok=True)
        package.stored, package.state = "", "expired"
    return len(made)


def lines(subject: Subject, folders: Sequence[Path], *, stop_imports: bool = False) -> dict[str, int]:
    """Lines and whole files that named the person. An import that reads one is stopped where that is asked for: it begins
    anew. Else raises ImportUnderWay."""
    gone = {"lines": 0, "files": 0}
    if not subject.needles:
        return gone
    for file in _files(folders):
        body = file.read_bytes()
        text = _suffix(file) in _TEXT or b"\0" not in body[:4096]
        if not (subject.needles.within(body) if text else _opened(file, subject.needles)):
            continue
        _stop_reading(file, stop=stop_imports)
        if _suffix(file) in (".csv", ".tsv", ".jsonl", ".ndjson"):
            gone["lines"] += _without(file, body, subject.needles)
        else:
            file.unlink()
            gone["files"] += 1
    return gone


def _suffix(file: Path) -> str:
    """What kind of file it is, also while it is being written."""
    name = Path(file.stem) if file.suffix == ".part" else file
    return name.suffix.lower()


def letters(subject: Subject, folder: Path) -> int:
    """Letters written to a folder instead of leaving, which name the person; returns how many files went."""
    if not subject.needles:
        return 0
    naming = [file for file in sorted(folder.glob("*.eml")) if subject.needles.within(_read(file.read_bytes()))]
    for file in naming:
        file.unlink()
    return len(naming)


def _read(body: bytes) -> bytes:
    """A letter as it is and its parts as they are read, for they travel encoded."""
    parts = BytesParser().parsebytes(body).walk()
    decoded = [part.get_payload(decode=True) for part in parts if not part.is_multipart()]
    return b"\n".join([body, *(each for each in decoded if isinstance(each, bytes))])


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (each for each in sorted(folder.rglob("*")) if each.is_file() and not each.is_symlink())


def _opened(file: Path, needles: Needles) -> bool:
    """Whether a packed file (a workbook, an archive) names the person. One nobody can open counts as if it did."""
    import zipfile

    try:
        with zipfile.ZipFile(file) as packed:
            return any(needles.within(packed.read(name)) for name in packed.namelist())
    except (zipfile.BadZipFile, OSError, RuntimeError):
        return True


def _stop_reading(file: Path, *, stop: bool) -> None:
    for run in db.session.scalars(select(Run).where(Run.status.not_in(_OVER))):
        if any(part["stored"] == file.name for part in run.parts):
            if not stop:
                raise ImportUnderWay(f"Import {run.id} still reads a file the person stands in; finish or discard it.")
            imports.begin_anew(run_id=run.id, why=LINE_GONE)


def _without(file: Path, body: bytes, needles: Needles) -> int:
    """Write the file anew without the records that name the person, safe against a crash."""
    kept, dropped = [], 0
    for record in _records(body):
        if needles.within(record):
            dropped += 1
        else:
            kept.append(record)
    fresh = file.with_name(f".{file.name}.erasing")
    with fresh.open("wb") as stream:
        stream.writelines(kept)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.chmod(file.stat().st_mode & 0o777)
    fresh.replace(file)
    return dropped


def _records(body: bytes) -> Iterable[bytes]:
    """Lines, those of one quoted cell together."""
    record = b""
    for line in body.splitlines(keepends=True):
        record += line
        if record.count(b'"') % 2 == 0:
            yield record
            record = b""
    if record:
        yield record
