"""The 360 page: what it shows, to whom, at what cost, and who is told that it was read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from crm360.accounts.models import AuditEntry
from crm360.facts import ActivityNoted, ConsentStated, ContactRef, ContactSeen, Identifier
from crm360.flows import review
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.profiles import timeline
from crm360.push.models import Subscription
from tests.web import scene

MOST_STATEMENTS = 15
#: Of the head: what is open, how they are spoken to, their value, their last NPS answer, a cart left behind, answered suggestions.
OF_THE_HEAD = 6
#: Beside a search: what is open, segments, tags, colleagues and sources to choose from.
OF_THE_FILTERS = 7


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The SQL sent meanwhile, transaction control left out."""
    engine, sent = db.engine, []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_page_tells_who_she_is(visit_as, shop):
    text = visit_as("sales").page(f"/customers/{shop['anna']}").text
    for expected in (
        "Anna Kowalska",
        "Kraków",
        "602 118 447",
        "anna.kowalska@example.com",
        "31-147",
        "Order",
        "4711",
        "Possible duplicate",
    ):
        assert expected in text


def test_the_verdicts_say_why(visit_as, shop):
    text = visit_as("sales").page(f"/customers/{shop['anna']}").text
    assert "offers allowed" in text
    assert "withdrawn" in text
    assert "no valid proof" in text


def test_a_role_that_need_not_know_sees_contact_details_masked(visit_as, shop):
    client = visit_as("marketing")
    for path in (f"/customers/{shop['anna']}", f"/customers/{shop['anna']}/more"):
        html = client.get(path).get_data(as_text=True)
        assert "anna.kowalska@example.com" not in html, path
        assert "602 118 447" not in html, path
        assert "602118447" not in html, path
    assert "a•••@example.com" in client.get(f"/customers/{shop['anna']}").get_data(as_text=True)


def test_the_rest_of_the_page_comes_as_a_part_or_as_a_page(visit_as, shop):
    client = visit_as("sales")
    part = client.get(f"/customers/{shop['anna']}/more", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in part
    whole = client.page(f"/customers/{shop['anna']}/more").text
    for expected in ("Wool blanket, moss", "Invoice for order 4674", "Merge history", "online shop"):
        assert expected in part
        assert expected in whole


@pytest.mark.parametrize(
    ("show", "seen", "unseen"), [("order", "4711", "Looked at"), ("cart", "Added to cart", "4674")]
)
def test_the_timeline_is_filtered(visit_as, shop, show, seen, unseen):
    client = visit_as("sales")
    part = client.get(f"/customers/{shop['anna']}/timeline?show={show}", headers={"HX-Request": "true"})
    assert seen in part.get_data(as_text=True)
    assert unseen not in part.get_data(as_text=True)
    whole = client.get(f"/customers/{shop['anna']}?show={show}").get_data(as_text=True)
    assert unseen not in whole


@pytest.mark.parametrize(
    ("asked", "seen", "unseen"),
    [
        ("find=KRAKOWIE+odlozyc", "Czy mam odłożyć dwa", "4711"),
        ("find=checkout", "Started a checkout", "Added to cart"),
        ("find=wool&show=cart", "Added to cart", "Viewed a page"),
        ("find=249", "Wool blanket, moss", "Customer wrote"),
        ("find=marsupial", "No event matches", "4711"),
    ],
)
def test_the_timeline_is_searched_as_it_is_read(visit_as, shop, asked, seen, unseen):
    client = visit_as("sales")
    address = f"/customers/{shop['anna']}/timeline?{asked}"
    part = client.get(address, headers={"HX-Request": "true"}).get_data(as_text=True)
    for text in (part, client.page(address).text, client.page(f"/customers/{shop['anna']}?{asked}").text):
        found = text.partition("Dates")[2].partition("To do")[0]
        assert seen in found
        assert unseen not in found


@pytest.mark.parametrize(("role", "finds"), [("marketing", False), ("sales", True)])
def test_what_a_role_sees_masked_it_does_not_find(visit_as, shop, role, finds):
    text = visit_as(role).page(f"/customers/{shop['anna']}/timeline?find=anna.kowalska@example.com").text
    assert ("No event matches" not in text) is finds


def test_a_search_goes_on_behind_what_it_looked_through(visit_as, shop, monkeypatch):
    monkeypatch.setattr(timeline, "MOST_PER_PAGE", 20)
    monkeypatch.setattr(timeline, "MOST_LOOKED_THROUGH", 40)
    add_visits(shop["anna"], 120)
    client, seen = visit_as("sales"), []
    address = f"/customers/{shop['anna']}/timeline?find=quiz-1"
    while address:
        page = client.page(address)
        seen += [word for word in page.text.split() if word.startswith("quiz-")]
        links = [given["href"] for tag, given in page.tags if tag == "a" and "before=" in given.get("href", "")]
        address = links[0] if links else ""
    assert sorted(seen) == sorted(f"quiz-{number}" for number in range(120) if "1" in str(number))


def test_dates_bound_the_timeline(visit_as, shop):
    today = datetime.now(UTC).date()
    address = f"/customers/{shop['anna']}/timeline?from={today - timedelta(days=6)}&to={today - timedelta(days=4)}"
    text = visit_as("sales").page(address).text
    assert "4711" in text
    assert "4674" not in text


def test_older_entries_are_paged_to_the_end_without_repeats(visit_as, shop):
    add_visits(shop["anna"], 120)
    client, seen = visit_as("sales"), []
    address = f"/customers/{shop['anna']}/timeline?show=custom"
    while address:
        page = client.page(address)
        seen += [word for word in page.text.split() if word.startswith("quiz-")]
        links = [given["href"] for tag, given in page.tags if tag == "a" and "before=" in given.get("href", "")]
        address = links[0] if links else ""
    assert len(seen) == len(set(seen)) == 120


def test_an_order_opens_to_its_lines(visit_as, shop):
    client = visit_as("sales")
    page = client.page(f"/customers/{shop['anna']}?show=order")
    lines = next(given["hx-get"] for _, given in page.tags if "/orders/" in given.get("hx-get", ""))
    assert "Stoneware mug" in client.get(lines, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "Stoneware mug" in client.page(lines).text


def test_opening_a_customer_is_on_the_audit_trail_once(visit_as, shop):
    client = visit_as("sales")
    client.get(f"/customers/{shop['anna']}")
    client.get(f"/customers/{shop['anna']}/more", headers={"HX-Request": "true"})
    entries = db.session.query(AuditEntry).filter_by(action="profile.opened").all()
    assert [(entry.subject_id, entry.actor_name) for entry in entries] == [(shop["anna"], "Marta Zając")]


def test_an_id_out_of_use_leads_to_the_customer(visit_as, shop):
    review.merge(profile_ids=[shop["anna"], shop["anna_again"]], by="test", now=datetime.now(UTC))
    live = db.session.query(Contact).filter_by(external_id="8812").one().profile_id
    gone = shop["anna_again"] if live == shop["anna"] else shop["anna"]
    answer = visit_as("sales").get(f"/customers/{gone}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/customers/{live}"


def test_browsers_that_take_push_messages_are_shown(visit_as, shop):
    contact = db.session.scalar(select(Contact.id).where(Contact.profile_id == shop["anna"]).limit(1))
    now = datetime.now(UTC)
    for number, ended in enumerate((None, now)):
        db.session.add(
            Subscription(contact_id=contact, device=f"d{number}", source="web", endpoint_digest=str(number), endpoint="https://push.example/x",
                         p256dh="k", auth="a", user_agent="Firefox/140", subscribed_at=now, ended_at=ended, ended_reason="gone" if ended else "")
        )  # fmt: skip
    db.session.commit()
    text = visit_as("sales").page(f"/customers/{shop['anna']}/more").text
    assert "Push messages" in text
    assert "takes messages" in text
    assert "gone: its push service says so" in text


def test_a_big_customer_costs_no_more_statements_than_a_small_one(visit_as, shop):
    client = visit_as("sales")
    make_big(shop["anna"])
    for path, most in (
        (f"/customers/{shop['anna']}", MOST_STATEMENTS + OF_THE_HEAD),
        (f"/customers/{shop['anna']}/more", MOST_STATEMENTS),
    ):
        with counted_statements() as sent:
            assert client.get(path, headers={"HX-Request": "true"} if path.endswith("more") else {}).status_code == 200
        read = [statement for statement in sent if not statement.startswith("INSERT INTO accounts_audit_entry")]
        assert len(read) <= most, "\n\n".join(read)


def test_a_search_costs_a_fixed_number_of_statements(visit_as, shop):
    client = visit_as("sales")
    with counted_statements() as sent:
        assert "Kowalska" in client.page("/customers?q=kowalska").text
    assert len(sent) <= MOST_STATEMENTS + OF_THE_FILTERS, "\n\n".join(sent)


def add_visits(profile_id: int, count: int) -> None:
    """Custom events, one a minute."""
    now = datetime.now(UTC)
    ref = ContactRef(scene.SHOP, "8812")
    facts = [
        ActivityNoted(ref=ref, kind="custom.quiz", occurred_at=now - timedelta(minutes=number), title=f"quiz-{number}")
        for number in range(count)
    ]
    seen = ContactSeen(ref=ref, occurred_at=now)
    scene.tell([seen, *facts], now)


def make_big(profile_id: int) -> None:
    """Two hundred orders, forty addresses, as many consents, hundreds of events."""
    now, ref = datetime.now(UTC), ContactRef(scene.SHOP, "8812")
    emails = tuple(Identifier("email", f"anna.{number}@example.net") for number in range(40))
    facts: list[Any] = [ContactSeen(ref=ref, occurred_at=now, identifiers=emails)]
    facts += [
        scene.order(ref, f"B{number}", now - timedelta(days=number), first=number, count=3) for number in range(200)
    ]
    facts += [
        ConsentStated(ref=ref, identifier=email, purpose="marketing", channel="email", state="given", source="shop",
                      occurred_at=now - timedelta(days=1), evidence_grade="B", statement_id=email.value)
        for email in emails
    ]  # fmt: skip
    scene.tell(facts, now)
    add_visits(profile_id, 300)


@pytest.mark.parametrize("part", ["", "/more", "/timeline", "/split", "/compare/1"])
def test_nobodys_id_is_not_found(visit_as, part):
    assert visit_as("sales").get(f"/customers/987654321{part}").status_code == 404


def test_loyalty_points_stand_beside_the_value(visit_as, shop):
    client, now = visit_as("sales"), datetime.now(UTC)
    assert "Loyalty points" not in client.page(f"/customers/{shop['anna']}").text
    told = [ContactSeen(ref=ContactRef(scene.TILL, card), occurred_at=now, attributes={"points": points}, identifiers=(Identifier("email", "anna.kowalska@example.com"),)) for card, points in (("2900001778120", "1 200"), ("2900001778121", 50))]  # fmt: skip
    scene.tell(told, now)
    db.session.commit()
    text = client.page(f"/customers/{shop['anna']}").text
    assert "Loyalty points1,250" in text
