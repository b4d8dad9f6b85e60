"""Papers and recordings that prove what staff wrote down: kept beside the ledger, gone with the person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from crm360.consents.models import Attachment
from crm360.kernel.db import db
from crm360.kernel.errors import Invalid, NotFound

LARGEST = 5_000_000
#: First bytes of what is taken → its content type; never what the browser says it is.
KINDS = (
    (b"%PDF-", "application/pdf"), (b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"OggS", "audio/ogg"), (b"ID3", "audio/mpeg"), (b"RIFF", "audio/wav"),
)  # fmt: skip


class UnusableAttachment(Invalid):
    """A file that cannot be kept as proof."""


class AttachmentNotFound(NotFound):
    """There is no such file, or it went with the person."""


def keep(*, contact_id: int, name: str, content: bytes, by: str, now: datetime) -> str:
    """Keep a file; returns its SHA-256 in hex, for the statement it proves. Raises UnusableAttachment."""
    kind = next((kind for start, kind in KINDS if content.startswith(start)), "")
    if not kind or len(content) > LARGEST:
        text = "A proof is a PDF, a picture (PNG, JPEG) or a recording (OGG, MP3, WAV) of at most 5 MB."
        raise UnusableAttachment(text, errors={"attachment": [text]})
    found = sha256(content).hexdigest()
    made = Attachment(
        contact_id=contact_id,
        name=name[:200],
        content_type=kind,
        sha256=found,
        content=content,
        kept_at=now,
        kept_by=by,
    )
    db.session.add(made)
    db.session.flush()
    return found


def get(attachment_id: int) -> Attachment:
    """Raises AttachmentNotFound."""
    found: Attachment | None = db.session.get(Attachment, attachment_id)
    if found is None:
        raise AttachmentNotFound("This file is not kept here any more.")
    return found


def of_contacts(contact_ids: Collection[int]) -> list[Attachment]:
    """The files of a person, the newest first."""
    query = select(Attachment).where(Attachment.contact_id.in_(contact_ids)).order_by(Attachment.id.desc())
    return list(db.session.scalars(query))
