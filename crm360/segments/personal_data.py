"""How what segments conclude about a person is forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom
from crm360.segments.models import Change, Due, Member, Permission


def _profiles(whom: Whom) -> Any:
    return select(Contact.profile_id).where(Contact.id.in_(whom.contact_ids), Contact.profile_id.is_not(None))


def erase_members(whom: Whom) -> None:
    """Derived: who keeps other contacts is looked at again when their golden record is made anew."""
    db.session.execute(delete(Member).where(Member.profile_id.in_(_profiles(whom))))


def erase_due(whom: Whom) -> None:
    db.session.execute(delete(Due).where(Due.profile_id.in_(_profiles(whom))))


def erase_changes(whom: Whom) -> None:
    db.session.execute(delete(Change).where(Change.profile_id.in_(_profiles(whom))))


def erase_permissions(whom: Whom) -> None:
    db.session.execute(delete(Permission).where(Permission.profile_id.in_(_profiles(whom))))


ERASERS: Erasers = {
    "segments_member": erase_members,
    "segments_due": erase_due,
    "segments_change": erase_changes,
    "segments_permission": erase_permissions,
}
KEEPS: Keeps = {
    "segments_segment": "a rule of the shop; names nobody",
    "segments_version": "a rule of the shop; names nobody",
    "segments_watched": "which purposes rules ask about; names nobody",
    "segments_drop": "where and when a segment is written to a folder; names nobody",
    "segments_dropped": "that a file was written and how many rows it had; the files themselves lose the person's lines",
}
COLUMNS: Columns = {
    "segments_segment": {
        "settings": "id name description kind marketing tag version built_version exact_at origin_id created_at archived_at",
        "staff": "created_by",
    },
    "segments_version": {"settings": "segment_id number rule made_at entered left", "staff": "made_by"},
    "segments_member": {"link": "profile_id", "conclusions": "segment_id", "time": "since"},
    "segments_due": {"link": "profile_id", "kind": "segment_id", "time": "due_at"},
    "segments_change": {
        "link": "id profile_id",
        "conclusions": "segment_id entered reason",
        "kind": "version",
        "time": "at recorded_at",
    },
    "segments_drop": {
        "settings": "id segment_id folder purpose channel form hour weekday keep_days created_at due_at claimed_until failures retry_at removed_at",
        "staff": "created_by",
    },
    "segments_dropped": {"settings": "id drop_id at state file part rows left_out problem remove_at"},
    "segments_watched": {"settings": "purpose channel definition reached built_at"},
    "segments_permission": {
        "link": "profile_id",
        "conclusions": "step",
        "kind": "purpose channel",
        "time": "recheck_at",
    },
}
ROWS: Rows = {
    "segments_member": lambda whom: Member.profile_id.in_(_profiles(whom)),
    "segments_due": lambda whom: Due.profile_id.in_(_profiles(whom)),
    "segments_change": lambda whom: Change.profile_id.in_(_profiles(whom)),
    "segments_permission": lambda whom: Permission.profile_id.in_(_profiles(whom)),
}
