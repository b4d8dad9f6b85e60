"""The files of segments in their folders: written beside their place, placed under their name, removed when nobody took them."""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from openpyxl import Workbook

from crm360.flows import segment_export
from crm360.kernel import durable
from crm360.kernel.csvfile import safe_row
from crm360.kernel.errors import Invalid, Unavailable
from crm360.segments import queries
from crm360.segments.drops import Claim
from crm360.segments.models import Dropped

#: The server's own may write, its group may read and take away.
_MODE = 0o640


class RefusedFolder(Invalid):
    """Nothing may be written there."""


class NoFolder(Unavailable):
    """The root of all folders is not there: perhaps it is not mounted."""


class ArchivedSegment(Unavailable):
    """The segment is put away and kept up to date no more."""


def place(root: Path, folder: str, *, apart_from: Path) -> Path:
    """The folder `folder` below `root`; it may not be there yet. Raises RefusedFolder: nothing is written outside, and
    nothing where imports would take it in again."""
    base = root.resolve()
    try:
        found = (base / folder.strip()).resolve()
    except (OSError, ValueError):
        raise RefusedFolder("That is no folder.") from None
    if not folder.strip() or "\0" in folder or found == base or not found.is_relative_to(base):
        raise RefusedFolder("The folder must lie below EXPORT_ROOT.")
    if found.is_relative_to(apart_from.resolve()):
        raise RefusedFolder("Imports watch this folder; choose another one.")
    return found


def write(mine: Claim, folder: Path, *, zone: ZoneInfo, now: datetime) -> tuple[Path, Path, segment_export.Export]:
    """Write the file of a turn, whole and safe on the disk, under another name; returns (its name to be, that other name,
    what is in it). Raises NoSuchSegment, ArchivedSegment."""
    segment = queries.get(mine.segment_id)
    if segment.archived_at is not None:
        raise ArchivedSegment("The segment is archived.")
    found = segment_export.rows(segment_id=segment.id, purpose=mine.purpose, channel=mine.channel, now=now)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{slug(segment.name)}-{mine.id}-{mine.due_at.astimezone(zone):%Y-%m-%dT%H%M%S}.{mine.form}"
    part = folder / f".{mine.until:%H%M%S%f}.{name}.part"
    body = (
        packed(segment_export.HEADER, found.rows) if mine.form == "xlsx" else spelled(segment_export.HEADER, found.rows)
    )
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE), "wb") as stream:
        stream.write(body)
        stream.flush()
        os.fsync(stream.fileno())
    return folder / name, part, found


def settle(root: Path, turn: Dropped) -> None:
    """Give a written file its name, or remove one whose days are over; what is done already stays done."""
    file = root / turn.file
    if turn.state == "placed":
        file.unlink(missing_ok=True)
        turn.state = "removed"
        return
    part = root / turn.part
    if part.exists():
        part.replace(file)
        durable.sync(file.parent)  # the name, too
    turn.state = "placed"


def spelled(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """CSV in UTF-8 for other programs: no byte order mark, and still no cell that a spreadsheet takes for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(safe_row(row) for row in rows)
    return text.getvalue().encode()


def packed(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook whose cells are texts, none a formula."""
    book, out = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("segment")
    sheet.append(list(header))
    for row in rows:
        sheet.append(safe_row(row))
    book.save(out)
    return out.getvalue()


def slug(name: str) -> str:
    """A name as files bear it: a to z, digits and dashes."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("ł", "l")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "segment"
