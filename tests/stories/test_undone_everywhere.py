"""A merge, a season with something in every table that knows a customer, and the undo: row by row as if nobody had merged.

`tests/stories/test_undone_merges.py` draws what happens by chance; here nothing that hangs on a customer may be missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select

from crm360.commerce import valuing
from crm360.consents import attachments, stopping
from crm360.facts import ActivityNoted, CartSnapshot, ContactSeen, PushSubscribed, ReviewWritten, SamePerson
from crm360.flows import campaigns, review, segmenting
from crm360.identity import queries as identity
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.lists.models import Action, Target
from crm360.models import Base
from crm360.outbox import operations as outbox
from crm360.privacy import handling
from crm360.profiles import operations as profiles
from crm360.profiles import timeline, tones
from crm360.safeguards import holds
from crm360.sales import operations as sales
from crm360.sales import suggesting
from crm360.segments import operations as segments
from crm360.surveys import operations as surveys
from tests.identity.people import NOW, profile_of
from tests.outreach import crowd
from tests.stories.test_undone_merges import carted, consented, known, labelled, ordered, ref, tell, wrote

pytestmark = pytest.mark.usefixtures("app")

PEOPLE = ("a", "b")
#: One that sends as often as it likes: a cap is about the customer as known on that day.
HOUSE = crowd.HOUSE._replace(cap_messages=99)
#: Tables that know a customer and are not compared, and why.
APART = {
    "identity_decision_link": "is the decision itself",
    "identity_lineage": "tells of the moves there and back",
    "identity_redirect": "leads from a retired number, and is gone after the undo",
    "identity_unresolved": "empty when everybody has been resolved",
    "profiles_waiting_term": "of contacts of an import that wait",
    "profiles_mark": "a mark that something happened, gone when worked off",
    "commerce_value_mark": "the same",
    "segments_change": "tells who came and went, the merge and its undo included",
    "webhooks_event": "what other systems were told, of the merge, too",
    "webhooks_delivery": "the same",
    "imports_change": "what an import did to a contact, written by the import alone",
}
#: Numbers that differ between two runs, and moments at which something was derived.
_DIFFER = (
    "id",
    "since",
    "refreshed_at",
    "as_of",
    "subject",
    "dedup_key",
    "origin",
    "message_id",
    "evidence",
    "subject_key",
)


def season(colleague: int, whom: Callable[[str], int], number: int, day: int) -> None:
    """Everything that can happen to both people: to `a` and `b` what sources tell, to `whom` what colleagues do."""
    at = NOW + timedelta(days=day)
    for who in PEOPLE:
        tell(facts(who, number, day))
        tell([known(who, "till", "Gdynia", day), known(who, "chat", at=day), same(who, day)])
        desk(whom(who), identity.anchor(whom(who)), colleague, f"{who}{number}", at)


def lives(seen: ContactSeen) -> ContactSeen:
    return replace(seen, fields={**seen.fields, "street": "Długa", "house_number": str(len(seen.fields["given_name"]))})


def same(who: str, day: int) -> SamePerson:
    return SamePerson(ref=ref(who, "shop"), former=ref(who, "old"), occurred_at=NOW + timedelta(days=day))


def facts(who: str, number: int, day: int) -> list[Any]:
    at = NOW + timedelta(days=day)
    return [
        ordered(who, number, day),
        wrote(who, number, day),
        carted(who, number, day),
        consented(who, "given", day),
        labelled(who, day),
        CartSnapshot(ref=ref(who), source="shop", cart_id=f"{who}{number}", occurred_at=at),
        ActivityNoted(ref=ref(who), kind="page.viewed", occurred_at=at, title="Lamps", activity_id=f"{who}{number}"),
        ReviewWritten(ref=ref(who), source="shop", external_id=f"{who}{number}", occurred_at=at, updated_at=at, rating=2, body="Meh"),
        PushSubscribed(ref=ref(who), device=f"dev-{who}", endpoint=f"https://push.example/{who}{number}", occurred_at=at, p256dh="x", auth="y"),
    ]  # fmt: skip


def desk(customer: int, anchor: int, colleague: int, text: str, at: Any) -> None:
    """What a colleague, or a job, writes of one customer."""
    said: dict[str, Any] = {"by": "Marta", "now": at}
    profiles.add_note(profile_id=customer, body=text, **said)
    profiles.set_tag(profile_id=customer, name=text, **said)
    profiles.pin(profile_id=customer, field="city", value=f"City {text}", **said)
    sales.add_task(profile_id=customer, title=text, owner_id=colleague, **said)
    sales.log_call(
        profile_id=customer, direction="out", outcome="reached", body=text, staff_id=colleague, at=at, now=at
    )
    sales.set_owner(profile_id=customer, staff_id=colleague, **said)
    sales.open_deal(profile_id=customer, offer=sales.Offer(title=text, owner_id=colleague), **said)
    suggesting.answer(profile_id=customer, rule="offer", subject=f"offer:{text}", about="", answer="dismissed", **said)
    mine = identity.contacts_of(customer)[0].external_id[0]
    written = (entry for entry in timeline.page(profile_id=customer).entries if entry.kind == "message.in")
    line = next(entry for entry in written if entry.contact_id == contact_of(f"{mine}-shop"))
    tones.correct(entry_id=line.id, tone="positive", **said)
    handling.open_by_staff(
        right="access", contact_id=anchor, via="letter", received_on=at, number=text, country="PL", **said
    )
    stopping.place(contact_ids=[anchor], kind="objection_interests", since=at, ground=text, **said)
    attachments.keep(contact_id=anchor, name=text, content=b"%PDF-" + text.encode(), **said)
    holds.ask(
        contact_ids=[anchor],
        ground=text,
        review_on=at.date() + timedelta(days=9),
        by=holds.By(colleague, "Marta"),
        now=at,
    )
    letter = outbox.NewLetter(dedup_key=text, subject_of=f"case:{text}", to_address="x@example.com", purpose="service", subject=text,
                              text=text, contact_id=anchor)  # fmt: skip
    outbox.promise(letters=[letter], domain="example.com", now=at)
    wording = surveys.Wording(name=text, kind="nps", question_en="How?", question_pl="Jak?", owner_id=colleague)
    survey = surveys.create(wording=wording, now=at).id
    surveys.plan(survey_id=survey, planned=[surveys.Planned(anchor, f"order:{text}", at)])
    surveys.answer(
        survey_id=survey, said=surveys.Said(score=3, channel="link", answered_at=at, contact_id=anchor), now=at
    )
    action = Action(deed="tag.add", said={"tag": text}, staff_id=colleague, made_by="Marta", made_at=at)
    db.session.add(action)
    db.session.flush()
    db.session.add(Target(action_id=action.id, number=int(text[1:]), contact_id=anchor))
    listed = segments.create(name=f"List {text}", kind="static", by="Marta", now=at)
    segments.add_members(segment_id=listed.id, profile_ids=[customer], **said)
    campaign = crowd.draft(at, [customer])
    campaigns.launch(campaign_id=campaign.id, house=HOUSE, by="Marta", now=at)
    settle(at)


def settle(at: Any) -> None:
    while valuing.work_off(now=at):
        pass
    while segmenting.work_off(now=at):
        pass


def watching() -> None:
    """Segments that have to do with time and consents, and an endpoint that hears everything."""
    ordered_lately = {
        "if": "did",
        "what": {"event": "order"},
        "op": "at_least",
        "n": 1,
        "when": {"kind": "last", "span": {"n": 400}},
    }
    may = {"if": "consent", "purpose": "marketing", "channel": "email", "op": "may"}
    for name, one in {"lately": ordered_lately, "may": may}.items():
        segments.create(
            name=name, by="Ola", now=NOW, rule={"version": 1, "match": {"group": "all", "of": [one]}}, marketing=False
        )


def knowing() -> list[Table]:
    """Every table with a column that says whose a row is."""
    return [table for table in Base.metadata.sorted_tables if table.name != "identity_contact" and list(_whose(table))]


def _whose(table: Table) -> Iterator[str]:
    for column in table.columns:
        aims = {key.column.table.name for key in column.foreign_keys}
        if aims & {"identity_contact", "identity_profile"} or column.name.endswith(("contact_id", "profile_id")):
            yield column.name


def held(session: Any) -> dict[str, Counter[Any]]:
    """table → (the people it is of: a or b or both, the rest of the row), how often."""
    of_contact, of_profile = {}, {}
    for number, name, profile in session.execute(select(Contact.id, Contact.external_id, Contact.profile_id)):
        of_contact[number] = name[0]
        of_profile.setdefault(profile, set()).add(name[0])
    found: dict[str, Counter[Any]] = {}
    for table in knowing():
        mine = list(_whose(table))
        rest = [column for column in table.columns if column.name not in mine and not _differs(column)]
        for row in session.execute(select(table)).mappings():
            whose = [_person(column, row[column], of_contact, of_profile) for column in mine]
            told = [f"{column.name}={_told(row[column.name])!r}" for column in rest]
            found.setdefault(table.name, Counter())[(*whose, *told)] += 1
    return found


def _told(value: Any) -> Any:
    """Without numbers that count up and, of a golden record's fields, when each was said."""
    if isinstance(value, dict):
        return {
            key: _told(of)
            for key, of in sorted(value.items())
            if key not in ("at", "source") and not key.endswith("_id")
        }
    return [_told(each) for each in value] if isinstance(value, list) else value


def _differs(column: Any) -> bool:
    return column.name in _DIFFER or bool(column.foreign_keys) or column.name.endswith("_id")


def _person(column: str, number: Any, of_contact: dict[int, str], of_profile: dict[int, set[str]]) -> str:
    of = of_profile.get(number, set()) if "profile" in column else set(of_contact.get(number, ""))
    return f"{column}={''.join(sorted(of))}"


def test_what_is_not_compared_knows_a_customer() -> None:
    assert APART.keys() <= {table.name for table in knowing()}


def test_every_row_of_every_table_stands_where_it_would_stand_had_nobody_merged(session: Any, alice: Any) -> None:
    told = []
    for merged in (True, False):
        point = session.begin_nested()
        try:
            watching()
            for who in PEOPLE:
                tell([lives(known(who, "old")), known(who)])
            season(alice.id, number_of, 1, day=1)
            survivor, other = number_of("a"), number_of("b")
            if merged:
                outcome = review.merge(profile_ids=[survivor, other], by="Marta", now=NOW + timedelta(days=10))
                settle(NOW + timedelta(days=10))
            season(alice.id, lambda _: number_of("a"), 2, day=40)
            if merged:
                review.undo(decision_id=outcome.decision_id, by="Marta", now=NOW + timedelta(days=90))
            settle(NOW + timedelta(days=90))
            session.expire_all()
            assert (number_of("a"), number_of("b")) == (survivor, other)
            told.append(held(session))
        finally:
            point.rollback()
            session.expire_all()
    after, never = told
    assert {table.name for table in knowing()} - never.keys() <= APART.keys()
    quiet, _ = unlike(after.pop("consents_stop"), never.pop("consents_stop"))
    assert {(row[0], row[-1]) for row in quiet} == {("contact_id=b", "recorded_by='identity'")}, "stays with both"
    compared = never.keys() - APART.keys()
    assert {name: unlike(after[name], never[name]) for name in compared if after[name] != never[name]} == {}


def unlike(one: Counter[Any], other: Counter[Any]) -> list[Any]:
    """Rows of one alone and of the other alone."""
    return [sorted((one - other).elements()), sorted((other - one).elements())]


def contact_of(external_id: str) -> int:
    return int(db.session.scalar(select(Contact.id).where(Contact.external_id == external_id)) or 0)


def number_of(who: str) -> int:
    return int(profile_of(f"{who}-shop") or 0)
