"""The audit trail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from crm360.accounts import audit
from crm360.accounts.audit import Actor

ANN, BOB, SYSTEM = Actor("staff", 1, "Ann"), Actor("staff", 2, "Bob"), Actor("system", None, "worker")


def opened(actor: Actor, *profile_ids: int) -> list[audit.Act]:
    return [
        audit.Act(actor=actor, action=audit.PROFILE_OPENED, subject_kind="profile", subject_id=profile_id)
        for profile_id in profile_ids
    ]


def test_the_profiles_a_person_opened_last(session: Any, now: datetime) -> None:
    audit.record_all(acts=opened(ANN, 10, 11, 10), now=now)
    audit.record_all(acts=opened(BOB, 99), now=now)
    audit.record(actor=ANN, action="merge.decided", subject_kind="profile", subject_id=98, now=now)
    audit.record_all(acts=opened(ANN, *range(20, 30), 11), now=now + timedelta(minutes=1))
    assert audit.recently_opened(1) == [11, 29, 28, 27, 26, 25, 24, 23]
    assert audit.recently_opened(2) == [99]
    assert audit.recently_opened(3) == []


def test_what_happened_to_a_subject_is_read_page_by_page(session: Any, now: datetime) -> None:
    for number in range(5):
        details = {"number": number}
        audit.record(
            actor=SYSTEM, action="tested", subject_kind="key", subject_id=7, details=details, request_id="r", now=now
        )
    audit.record(actor=SYSTEM, action="tested", subject_kind="staff", subject_id=7, now=now)
    first = audit.entries_of("key", 7, limit=3)
    rest = audit.entries_of("key", 7, before=first[-1].id, limit=3)
    assert [entry.details["number"] for entry in (*first, *rest)] == [4, 3, 2, 1, 0]
    assert (first[0].actor_kind, first[0].actor_id, first[0].request_id, first[0].at) == ("system", None, "r", now)
    assert len(audit.latest_entries()) == 6


def test_nothing_to_record_is_nothing_written(session: Any, now: datetime) -> None:
    audit.record_all(acts=[], now=now)
    assert audit.latest_entries() == []
