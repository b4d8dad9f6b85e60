"""Colleagues of the privacy desk are reminded of cases 14, 7 and 2 days before their last day, and on it."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale, format_date, gettext

from crm360.accounts import queries as accounts
from crm360.accounts.models import Staff
from crm360.jobs.job import Limits
from crm360.kernel import clock, mail
from crm360.outbox import operations as outbox
from crm360.outbox.operations import NewLetter
from crm360.privacy import handling, queries
from crm360.privacy.models import Case


def something_waits() -> bool:
    """Whether a case passed a mark nobody was told of."""
    return bool(queries.alarming(clock.now().date()))


def run(*, limits: Limits, now: datetime) -> int:
    """Returns how many cases colleagues were reminded of."""
    found = queries.alarming(now.date())
    desk = [staff for staff in accounts.all_staff() if staff.role == "privacy" and staff.disabled_at is None]
    for case, days in found:
        letters = [_letter(case, days, staff, limits) for staff in desk] if limits.smtp_url else []
        outbox.promise(letters=letters, domain=mail.domain_of(limits.mail_from), now=now)
        told = {"days": days, "due": case.due_on.isoformat()}
        handling.note(case_id=case.id, what="alarmed", by="system", now=now, details=told)
    return len(found)


def _letter(case: Case, days: int, staff: Staff, limits: Limits) -> NewLetter:
    with force_locale(staff.locale or limits.default_locale):
        day = format_date(case.due_on, "long")
        subject = gettext("Request no. %(number)s is due on %(day)s", number=case.id, day=day)
        text = gettext("A request about personal data has to be met by %(day)s. Open it here:", day=day)
    return NewLetter(
        dedup_key=f"alarm:{case.id}:{case.due_on}:{days}:{staff.id}", subject_of=f"alarm:{case.id}", to_address=staff.email,
        purpose="rights", subject=subject, text=f"{text}\n\n{limits.public_url}/privacy/cases/{case.id}\n",
    )  # fmt: skip
