"""The audit of reads: who opened which customer, recorded once the visit that only read is settled."""

from __future__ import annotations

from crm360.accounts import audit, reads
from crm360.web.policy import is_fragment
from crm360.web.visitors import actor


def note_opened(profile_id: int) -> None:
    """This visit shows the personal data of a profile; a part of a page already opened is no visit of its own."""
    if not is_fragment():
        reads.note(actor=actor(), action=audit.PROFILE_OPENED, subject_kind="profile", subject_id=profile_id)
