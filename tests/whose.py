"""Role × address × owner: something real for each hole of an address, made by somebody else, and visits that leave nothing behind."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import Connection, func, select, text
from werkzeug.test import TestResponse

from crm360.accounts import operations
from crm360.flows import review
from crm360.identity import queries as identity
from crm360.identity.models import ValueRule
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.lists import asking
from crm360.lists import operations as lists
from crm360.profiles import operations as profiles
from crm360.profiles import raw_records, tones
from crm360.profiles.models import TimelineEntry
from crm360.safeguards import holds
from crm360.sales.models import Mention
from crm360.upkeep import folder, runs
from tests import applications, cast
from tests.cast import Colleague
from tools.list_roles import Row

#: Nothing has this id.
NOBODY = "999999999"
HOLE = re.compile(r"<(?:(?P<kind>[a-z]+)(?:\((?P<of>[^>,)]*)[^>]*\))?:)?(?P<name>\w+)>")
WORDS = {"int": NOBODY, "uuid": "00000000-0000-4000-8000-000000000000"}
#: Hole → where an example of it is found.
TABLES = {
    "action_id": "lists_action", "breach_id": "safeguards_breach", "campaign_id": "outreach_campaign", "case_id": "privacy_case",
    "deal_id": "sales_deal", "delivery_id": "webhooks_delivery", "drop_id": "segments_drop", "endpoint_id": "webhooks_endpoint",
    "key_id": "accounts_key", "letter_id": "outbox_letter", "model_id": "identity_model", "pulse_id": "accounts_pulse",
    "review_id": "reviews_review", "run_id": "imports_run", "segment_id": "segments_segment", "source_id": "inbox_source",
    "survey_id": "surveys_survey", "task_id": "sales_task", "template_id": "outreach_template",
}  # fmt: skip
#: The customer in the others is one with a purchase.
BUYER = "SELECT min(c.profile_id) FROM commerce_order o JOIN identity_contact c ON c.id = o.contact_id"
OF_THE_CUSTOMER = {
    "order_id": "SELECT max(o.id) FROM commerce_order o JOIN identity_contact c ON c.id = o.contact_id WHERE c.profile_id = :who",
    "identifier_id": "SELECT max(i.id) FROM identity_identifier i JOIN identity_contact c ON c.id = i.contact_id WHERE c.profile_id = :who",
    "contact_id": "SELECT max(id) FROM identity_contact WHERE profile_id = :who",
    "other_id": "SELECT max(profile_id) FROM identity_contact WHERE profile_id <> :who",
    "profile_id": "SELECT :who",
}
#: The name of a list that is nobody's but its owner's.
PRIVATE = "Only mine, said Ewa"

Visit = Callable[..., TestResponse]


def filled(address: str, found: dict[str, str]) -> str:
    """An address with an example in each of its holes, else something that names nothing."""

    def example(hole: re.Match[str]) -> str:
        known = found.get(f"{address.partition('<')[0]}{hole['name']}", found.get(hole["name"]))
        return known or (hole["of"] if hole["kind"] == "any" else WORDS.get(hole["kind"] or "", "nothing"))

    return HOLE.sub(example, address)


def examples(app: Flask) -> dict[str, str]:
    """Hole → what names something that is there, made by whoever furnished the shop or by colleagues hired for it."""
    now, settings = clock.now(), app.config["SETTINGS"]
    who = db.session.scalar(text(BUYER))
    found = {hole: db.session.scalar(text(f"SELECT max(id) FROM {table}")) for hole, table in TABLES.items()}
    found |= {hole: db.session.scalar(text(query), {"who": who}) for hole, query in OF_THE_CUSTOMER.items()}
    worded = TimelineEntry.kind.in_(tones.KINDS), TimelineEntry.subject.is_not(None)
    payloads = db.session.scalars(text("SELECT id FROM inbox_payload ORDER BY id"))
    told = review.distinguish(profile_ids=[who, found["other_id"]], by="Somebody else", now=now)
    rule = ValueRule(key="phone:+48602555111", value="602555111", rule="blocked", made_at=now, made_by="Somebody else")
    db.session.add(rule)
    db.session.flush()
    found |= {
        "entry_id": db.session.scalar(select(func.max(TimelineEntry.id)).where(*worded)), "decision_id": told.decision_id,
        "payload_id": next(each for each in payloads if raw_records.is_of(who, each)), "rule_id": rule.id, "code": "marketing",
        "slug": runs.slug_of(runs.all_runs(settings.instance_dir)[0].name), "/customers/<int:profile_id>/fields/name": "email",
        "/admin/backups/name": folder.all_backups(settings.backup_dir)[0].name,
        "staff_id": cast.hire_as("sales", now, name="nobody.in.particular").id,
    }  # fmt: skip
    return {hole: str(value) for hole, value in (found | own_things("sales")._asdict()).items() if value is not None}


def examples_of(hole: str) -> dict[str, str]:
    """The same for one hole."""
    return {hole: str(db.session.scalar(text(f"SELECT max(id) FROM {TABLES[hole]}")))}


class Own(NamedTuple):
    """What belongs to one colleague, by hole; `list_id` is theirs alone, `offered` is offered to all."""

    maker: Colleague
    list_id: int
    offered: int
    mention_id: int
    hold_id: int


def own_things(role: str) -> Own:
    """A new colleague of a role, who keeps two lists, is named in a note and asked for a legal hold."""
    now = clock.now()
    maker = cast.hire_as(role, now, name=f"ewa.{role}")
    kept = [
        lists.save(name=name, asked=asking.read([]), shared=shared, staff_id=maker.id, now=now).id
        for name, shared in ((PRIVATE, False), (f"For all, by {role}", True))
    ]
    who = db.session.scalar(text(BUYER))
    mention = Mention(note_id=profiles.add_note(profile_id=who, body="Look", by="x", now=now).id, staff_id=maker.id)
    db.session.add(mention)
    hold = holds.ask(
        contact_ids=[identity.anchor(who)], ground="Claim 7", review_on=now.date() + timedelta(days=9),
        by=holds.By(maker.id, maker.name), now=now,
    )  # fmt: skip
    db.session.commit()
    return Own(maker, *kept, mention.id, hold.id)


@contextmanager
def undone(instance: Path, aside: Path) -> Iterator[Connection]:
    """One transaction for all that is written and visited inside; rolled back at the end, and the files of `instance` put back."""
    of_database = shutil.ignore_patterns("*.sqlite3*")
    shutil.copytree(instance, aside, ignore=of_database)
    try:
        with applications.one_transaction() as connection:
            yield connection
    finally:
        shutil.copytree(aside, instance, dirs_exist_ok=True)


def visitor(app: Flask, who: Colleague, connection: Connection) -> Visit:
    """`visit(row, found, after, **form)`: what the colleague, or a key of their role, is answered at an address; the visit is
    taken back, once `after` has looked at what it did."""
    _, secret = operations.create_key(kind="api", name=who.email, role=who.role, now=clock.now())
    client: Any = app.test_client()
    cast.sign_in(client, who)

    def visit(row: Row, found: dict[str, str], after: Callable[[], Any] = lambda: None, **form: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {secret}"} if row.address.startswith("/api/") else {}
        db.session.commit()
        made = connection.begin_nested()
        try:
            address, sent = filled(row.address, found), {"data": form} if form else {}
            answer: TestResponse = client.open(address, method=row.method, headers=headers, buffered=True, **sent)
            after()
            return answer
        finally:
            db.session.remove()
            made.rollback()

    return visit
