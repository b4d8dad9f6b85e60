"""What the doctor finds, in the reader's language: its sentences are English, found again as errors' are."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from crm360.doctor.findings import Finding
from crm360.web import error_words
from crm360.web.error_words import _, _n

SENTENCES = (
    _("settings: read; instance folder %(folder)s"), _("settings: PUBLIC_URL is https but COOKIE_SECURE is off."), _("Set COOKIE_SECURE=1."),
    _("database: not reachable (%(reason)s)."), _("See DATABASE_URL."), _("database: %(kind)s answers"),
    _("migrations: up to date"), _("migrations: the schema is not up to date."), _("Run `flask db upgrade`."),
    _("inbox: %(waiting)s waiting, %(held)s in quarantine"), _("inbox: %(waiting)s waiting, %(held)s in quarantine."),
    _("See `flask inbox quarantined`; after a fix, `flask inbox replay`."),
    _n("mail: %(due)s letter due, no server set", "mail: %(due)s letters due, no server set"), _n("mail: %(due)s letter due, no server set.", "mail: %(due)s letters due, no server set."), _("Set SMTP_URL: until then letters wait."),
    _n("mail: %(due)s letter due", "mail: %(due)s letters due"), _n("mail: %(due)s letter due; the server answers", "mail: %(due)s letters due; the server answers"), _n("mail: %(due)s letter due; what leaves is written to a folder and reaches nobody", "mail: %(due)s letters due; what leaves is written to a folder and reaches nobody"), _("Letters wait."), _("Is the worker at work?"),
    _n("mail: %(due)s letter due; the server of SMTP_URL does not take us (%(why)s).", "mail: %(due)s letters due; the server of SMTP_URL does not take us (%(why)s)."),
    _n("mail: %(due)s letter due, the oldest for %(minutes)s min.", "mail: %(due)s letters due, the oldest for %(minutes)s min."),
    _n("webhooks: %(count)s endpoint", "webhooks: %(count)s endpoints"), _n("webhooks: %(count)s endpoint, paused because nothing arrives: %(ids)s.", "webhooks: %(count)s endpoints, paused because nothing arrives: %(ids)s."), _("See `flask webhooks deliveries`."),
    _("worker: at work %(age)s s ago"), _("worker: never seen."), _("worker: last seen %(age)s s ago."), _("Start it with `make run`, or `python -m crm360.jobs.worker`."),
    _("jobs: %(known)s known, %(failing)s failing"), _("jobs: %(known)s known, %(failing)s failing: %(names)s."), _("The page Jobs says why; the log has the place."),
    _("backups: none yet"), _n("backups: the latest is %(hours)s hour old", "backups: the latest is %(hours)s hours old"), _n("backups: the latest is %(hours)s hour old.", "backups: the latest is %(hours)s hours old."),
    _("The nightly one fails, or the worker rests; the page Jobs says why."),
    _("ledger: signed up to entry %(size)s"), _("ledger: nothing signed yet"),
    _("ledger: signed up to entry %(size)s; our role of the database may rewrite it."), _("ledger: nothing signed yet; our role of the database may rewrite it."),
    _("Triggers refuse that; let another role own the tables and apply `flask ledger grants ROLE`."),
    _("clock: %(now)s UTC"), _("clock: %(skew)s s from the database's"), _("clock: %(skew)s s from the database's."), _("Let both machines follow a time server (NTP)."),
    _("write-ahead log: %(size)s"), _("write-ahead log: %(size)s."), _("Something reads without end; restart crm360 and look for long exports."),
    _("disk: %(size)s left where the instance folder is"), _("disk: %(size)s left where the instance folder is."),
    _("Make room: nothing that comes can be kept."), _("Make room, or move INSTANCE_DIR."),
    _("secrets: who may read them is the folder's business here"), _("secrets: read by this user alone"),
    _("secrets: others on this machine can read them."), _("Run `chmod 600 %(files)s`."),
    _("documents: PDF can be made"), _("documents: PDF cannot be made, %(names)s are missing."),
    _("Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core."),
    _("front-end files: present"), _("front-end files: missing."), _("Run `make setup`."),
)  # fmt: skip


class Shown(NamedTuple):
    """A finding for a page: its level, what was looked at, the rest of the sentence, what to do."""

    level: str
    area: str
    words: str
    advice: str


def shown(findings: Iterable[Finding], areas: tuple[str, ...]) -> list[Shown]:
    """Those about one of `areas` (what stands before the colon), what is wrong first."""
    found = [_shown(each) for each in findings if each.what.partition(":")[0] in areas]
    return sorted(found, key=lambda each: ("error", "warning", "ok").index(each.level))


def _shown(finding: Finding) -> Shown:
    area, _colon, words = error_words.said(finding.what, _patterns()).partition(": ")
    return Shown(finding.level, area[:1].upper() + area[1:], words, error_words.said(finding.advice, _patterns()))


@cache
def _patterns() -> error_words.Patterns:
    return error_words.patterns(SENTENCES)
