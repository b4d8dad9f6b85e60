"""Where what we know comes from: raw records, the identity graph, marks on shared values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from crm360.accounts.models import AuditEntry
from crm360.commerce.models import Order
from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.flows import review
from crm360.identity.models import Contact, WeakValue
from crm360.identity.shared_values import Weak, marked_identifiers
from crm360.inbox.models import Payload
from crm360.kernel.db import db
from crm360.profiles.overview import overview
from tests.web import scene


def this_moment() -> datetime:
    return datetime.now(UTC)  # asked by each test: a long run must not age what it tells


@pytest.fixture
def called(shop) -> int:
    """The payload of Anna's call."""
    scene.with_payloads(this_moment())
    return int(db.session.query(Payload).one().id)


def raw_links(page) -> Iterator[str]:
    return (given["href"] for tag, given in page.tags if tag == "a" and "/payloads/" in given.get("href", ""))


def test_a_line_leads_to_its_source_record_as_received(visit_as, shop, called):
    client = visit_as("sales")
    (address,) = raw_links(client.page(f"/customers/{shop['anna']}"))
    assert address == f"/customers/{shop['anna']}/payloads/{called}"
    text = client.page(address).text
    for expected in ('  "type": "message"', "Odebrała", "phone system", "event"):
        assert expected in text
    entry = db.session.query(AuditEntry).filter_by(action="record.opened").one()
    assert (entry.subject_id, entry.details) == (shop["anna"], {"payload_id": called})


@pytest.mark.parametrize("customer", ["piotr", "anna_again"])
def test_another_customers_record_is_not_found(visit_as, shop, called, customer):
    assert visit_as("sales").get(f"/customers/{shop[customer]}/payloads/{called}").status_code == 404
    assert db.session.query(AuditEntry).filter_by(action="record.opened").count() == 0


def test_nobodys_record_is_not_found(visit_as, shop, called):
    assert visit_as("admin").get(f"/customers/{shop['anna']}/payloads/{called + 1}").status_code == 404


def test_a_role_that_sees_masked_details_sees_no_raw_record(visit_as, shop, called):
    client = visit_as("marketing")
    assert list(raw_links(client.page(f"/customers/{shop['anna']}"))) == []
    answer = client.get(f"/customers/{shop['anna']}/payloads/{called}")
    assert answer.status_code == 403
    assert "Odebrała" not in answer.get_data(as_text=True)


def test_lines_of_another_customers_order_are_not_found(visit_as, shop):
    client, order = visit_as("sales"), db.session.query(Order).filter_by(number="4711").one()
    assert client.get(f"/customers/{shop['anna']}/orders/{order.id}").status_code == 200
    assert client.get(f"/customers/{shop['piotr']}/orders/{order.id}").status_code == 404
    order.contact_id = None
    assert client.get(f"/customers/{shop['anna']}/orders/{order.id}").status_code == 404


def test_the_last_contact_is_found_however_much_happened_since(visit_as, shop, called):
    scene.tell([scene.order(ContactRef(scene.SHOP, "8812"), f"Z{at}", this_moment() + timedelta(minutes=at), first=at, count=1)
                for at in range(60)], this_moment())  # fmt: skip
    assert "Last contact 3 hours ago, phone" in " ".join(
        visit_as("sales").page(f"/customers/{shop['anna']}").text.split()
    )


def test_an_overview_counts_what_the_timeline_holds(shop):
    known = overview(shop["anna"])
    assert known.counts["order"] == 15
    assert known.last_contact is not None
    assert known.last_contact.properties["channel"] == "chat"
    assert overview(987654321) == ({}, None)


def test_the_graph_tells_why_her_records_are_one_person(visit_as, shop):
    page = visit_as("sales").page(f"/customers/{shop['anna']}/graph")
    text = " ".join(page.text.split())
    assert "4 source records" in text
    assert "E-mail: the same" in text
    assert len([tag for tag, given in page.tags if tag == "circle" and given.get("class") == "record"]) == 4
    assert len([tag for tag, given in page.tags if "is-joining" in given.get("class", "")]) == 3


def test_a_decision_is_drawn_and_named(visit_as, shop):
    review.merge(profile_ids=[shop["anna"], shop["anna_again"]], by="Marta", now=this_moment())
    living = db.session.query(Contact).filter_by(external_id="8812").one().profile_id
    client = visit_as("sales")
    page = client.page(f"/customers/{living}/graph")
    assert "decided by Marta" in page.text
    assert any("is-decision" in given.get("class", "") for _, given in page.tags)
    assert "from customer #" in client.page(f"/customers/{living}").text


def test_the_graph_of_an_old_id_leads_on_and_of_nobody_is_not_found(visit_as, shop):
    client = visit_as("sales")
    review.merge(profile_ids=[shop["anna"], shop["anna_again"]], by="Marta", now=this_moment())
    living = db.session.query(Contact).filter_by(external_id="8812").one().profile_id
    gone = ({shop["anna"], shop["anna_again"]} - {living}).pop()
    assert client.get(f"/customers/{gone}/graph").headers["Location"] == f"/customers/{living}/graph"
    assert client.get("/customers/987654321/graph").status_code == 404


def test_values_that_join_nobody_say_why(visit_as, shop):
    shared = [Identifier("email", "kwiaciarnia.tulipan@example.com"), Identifier("email", "biuro@example.com"),
              Identifier("phone", "000 000 000")]  # fmt: skip
    people = [("Jan", "Nowak"), ("Ewa", "Zielona"), ("Piotr", "Mazur"), ("Olga", "Wrona")]
    scene.tell([ContactSeen(ref=ContactRef(scene.TILL, f"card:77{at}"), occurred_at=this_moment(), identifiers=tuple(shared),
                            fields={"given_name": given, "family_name": family})
                for at, (given, family) in enumerate(people)], this_moment())  # fmt: skip
    jan = db.session.query(Contact).filter_by(external_id="card:770").one().profile_id
    text = visit_as("sales").page(f"/customers/{jan}").text
    assert "seen with at least 3 different names; joins nobody" in text
    assert "an office’s address" in text


def test_a_mark_is_found_under_the_key_that_blocking_uses(session, shop):
    session.add(WeakValue(key="card:2900001778120", reason="carried by too many contacts", count=121))
    session.flush()
    marks = {each.identifier.value: each.weak for each in marked_identifiers(shop["anna"]) if each.weak}
    assert marks == {"2900001778120": Weak("carried by too many contacts", 121)}
