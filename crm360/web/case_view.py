"""What the page of a case shows, gathered from the rooms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from flask_babel import gettext

from crm360.accounts.disclosure import masked
from crm360.flows import meeting, personal_map
from crm360.kernel.personal_data import CATEGORIES
from crm360.privacy import deadlines, handling, recipients, verifying
from crm360.privacy.models import Case
from crm360.privacy.rights import GROUNDS, STAYS, needs_proof
from crm360.profiles import queries as profiles
from crm360.web import case_words

UNFINISHED = ("open", "working", "done")


class Clock(NamedTuple):
    """How long there is: days left, and which alarm that rings (14, 7, 2, 0)."""

    left: int
    alarm: int | None


def shown(case: Case, *, now: datetime) -> dict[str, Any]:
    """Everything the page needs."""
    profile_id = meeting.profile_of(case)
    told_of = case.plan.get("profile_id") or profile_id
    since = case.decided_at or case.opened_at
    return {
        "case": case,
        "title": case_words.right(case.right),
        "status": case_words.status(case.status),
        "clock": clock_of(case, now.date()) if case.status in UNFINISHED else None,
        "profile_id": profile_id,
        "name": _name(profile_id),
        "log": [(line, case_words.event(line.what), case_words.details(line)) for line in handling.log_of(case.id)],
        "steps": [(step, case_words.step(step.name), _counts(step.counts)) for step in handling.steps_of(case.id)],
        "packages": handling.packages_of(case.id),
        "proof_needed": needs_proof(case.right) and not case.verification,
        "address": _address(case, now),
        "code_sent": verifying.waiting(case.id, "verify", now=now),
        "tries": verifying.attempts(case.id),
        "grounds": {code: gettext(words) for code, words in GROUNDS.items()},
        "plan": _plan(case.plan),
        "stays": [(gettext(what), ground) for _, what, ground in STAYS],
        "recipients": recipients.told(told_of, since=since) if told_of else [],
        "standing": meeting.standing(case),
        "fields": case_words.fields(),
        "now": now,
    }


def rights() -> list[tuple[str, str]]:
    """What may be asked for, in the reader's words."""
    return case_words.asked_by_people()


def clock_of(case: Case, today: date) -> Clock:
    """How long there is."""
    return Clock((case.due_on - today).days, deadlines.alarm(case.due_on, today))


def _name(profile_id: int | None) -> str:
    found = profiles.golden([profile_id]).get(profile_id) if profile_id is not None else None
    return found.display_name if found else ""


def _address(case: Case, now: datetime) -> dict[str, Any] | None:
    try:
        found = meeting.address_of(case, now=now)
    except meeting.NoAddress:
        return None
    return {"shown": masked(found.value, "email"), "weak": found.weak}


def _plan(plan: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """(table, what it holds, rows), the most rows first."""
    columns, link = personal_map.columns(), CATEGORIES["link"].title
    told = []
    for name, count in plan.get("counts", {}).items():
        codes = dict.fromkeys(columns.get(name, {}).values())
        titles = [gettext(CATEGORIES[code].title) for code in codes if CATEGORIES[code].personal and code != "link"]
        told.append((name, ", ".join(titles) or gettext(link), count))
    return sorted(told, key=lambda row: -row[2])


def _counts(counts: Mapping[str, Any]) -> str:
    """The numbers of a step in one line."""
    plain = {name: number for name, number in counts.items() if name not in ("after", "begun") and number}
    return ", ".join(f"{name.replace('_', ' ')}: {number}" for name, number in plain.items())
