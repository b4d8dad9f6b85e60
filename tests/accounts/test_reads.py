"""Reads noted in a visit that may not write, handed over once."""

from __future__ import annotations

from typing import Any

from crm360.accounts import reads
from crm360.accounts.audit import Actor
from crm360.kernel.db import db

SOMEBODY = Actor(kind="key", id=3, name="erp")


def test_what_was_noted_is_handed_over_once(app: Any):
    reads.note(actor=SOMEBODY, action="profile.opened", subject_kind="profile", subject_id=7)
    reads.note(actor=SOMEBODY, action="profiles.listed", details={"profile_ids": [7]})
    assert [(act.action, act.subject_id, act.details) for act in reads.taken()] == [
        ("profile.opened", 7, {}),
        ("profiles.listed", None, {"profile_ids": [7]}),
    ]
    assert reads.taken() == []


def test_notes_end_with_the_visit(app: Any):
    reads.note(actor=SOMEBODY, action="profile.opened", subject_id=7)
    db.session.remove()
    assert reads.taken() == []
