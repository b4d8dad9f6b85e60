"""The record of processing activities (GDPR Art. 30), read from what the installation does: nobody has to keep it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from crm360.accounts import queries as accounts
from crm360.consents import definitions, ledger
from crm360.consents.purposes import Purpose
from crm360.flows import personal_map
from crm360.identity import queries as identity
from crm360.inbox import queries as inbox
from crm360.inbox.models import Source
from crm360.kernel import urls
from crm360.kernel.db import db
from crm360.kernel.personal_data import CATEGORIES
from crm360.safeguards import retention
from crm360.safeguards.models import RetentionRule
from crm360.webhooks.models import Endpoint


class Data(NamedTuple):
    """A category of data (a code of `kernel.personal_data.CATEGORIES`) and the tables that hold it."""

    code: str
    tables: Sequence[str]


class Recipient(NamedTuple):
    """Who receives data. `kind`: webhook, api_key, mail_server, declared; `what`: kinds of events, a role, purposes."""

    kind: str
    name: str
    what: Sequence[str]


class Measure(NamedTuple):
    """A security measure: its code, and the value it has here ("" for one that always holds)."""

    code: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The record as of a moment. `counts`: contacts, anonymous_visitors, profiles."""

    at: datetime
    purposes: Sequence[Purpose]
    counts: Mapping[str, int]
    data: Sequence[Data]
    sources: Sequence[Source]
    recipients: Sequence[Recipient]
    rules: Sequence[RetentionRule]
    stays: Sequence[personal_map.Stays]
    measures: Sequence[Measure]


def record(installation: Any, *, now: datetime) -> Record:
    """`installation`: the settings, of which only what follows is told."""
    purposes = list(definitions.catalogue(now=now).known.values())
    return Record(
        at=now, purposes=sorted(purposes, key=lambda each: each.code), counts=identity.counts(), data=_data(),
        sources=inbox.all_sources(), recipients=_recipients(installation, purposes), rules=retention.in_force(),
        stays=personal_map.stays(), measures=_measures(installation),
    )  # fmt: skip


def _data() -> list[Data]:
    columns = personal_map.columns()
    return [
        Data(code, sorted(table for table, held in columns.items() if code in held.values()))
        for code, category in CATEGORIES.items()
        if category.personal and category.told
    ]


def _recipients(installation: Any, purposes: Sequence[Purpose]) -> list[Recipient]:
    endpoints = [
        Recipient("webhook", urls.place(each.url).host or each.url, tuple(each.kinds))
        for each in db.session.scalars(select(Endpoint).order_by(Endpoint.id))
    ]
    keys = [
        Recipient("api_key", key.name, (key.role,))
        for key in accounts.all_keys()
        if key.kind == "api" and key.revoked_at is None
    ]
    server = urls.place(installation.smtp_url).host if installation.smtp_url else ""
    mail = [Recipient("mail_server", server, ())] if server else []
    declared = sorted({(name, purpose.code) for purpose in purposes for name in purpose.recipients})
    return [*endpoints, *keys, *mail, *(Recipient("declared", name, (code,)) for name, code in declared)]


def _measures(installation: Any) -> list[Measure]:
    roles: dict[str, int] = {}
    for each in accounts.all_staff():
        if each.disabled_at is None:
            roles[each.role] = roles.get(each.role, 0) + 1
    mark = ledger.last_checkpoint()
    always = ("passwords", "roles_masked", "reads_logged", "ledger", "sealed", "suppression", "no_bodies_out")
    measured = [
        Measure("transport", "https" if installation.public_url.startswith("https://") else "http"),
        Measure("cookies", "yes" if installation.cookie_secure else "no"),
        Measure("sessions", str(installation.session_hours)),
        Measure("attempts", installation.sign_in_limit),
        Measure("staff", ", ".join(f"{role} {count}" for role, count in sorted(roles.items()))),
        Measure("signed", mark.made_at.isoformat() if mark else ""),
        Measure("dkim", "yes" if installation.dkim_key_file else "no"),
        Measure("database", db.session.get_bind().dialect.name),
    ]
    return [*(Measure(code) for code in always), *measured]
