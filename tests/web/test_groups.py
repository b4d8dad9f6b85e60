"""Household and company beside the customer: members, links, joint value, nothing merged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.identity import queries as identity
from crm360.identity.models import Contact
from crm360.kernel.db import db
from tests.web import scene
from tests.web.test_customer_page import MOST_STATEMENTS, counted_statements

HOME = {"street": "Lipowa", "house_number": "7", "postcode": "30-702", "city": "Kraków"}
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def family(shop) -> dict[str, int]:
    """Father and son of one name at one address, and a company with three buyers. External id → profile id."""
    now = datetime.now(UTC)
    people = [
        seen("father", now, birth_date="1958-03-01", **HOME), seen("son", now, birth_date="1988-11-23", **HOME),
        seen("ewa", now, given_name="Ewa", family_name="Lis", company="Glina s.c.", email="ewa@glina.pl", tax_id="5260250274"),
        seen("iga", now, given_name="Iga", family_name="Kos", email="iga@glina.pl"),
        seen("ola", now, given_name="Ola", family_name="Bąk", tax_id="PL 526-025-02-74"),
    ]  # fmt: skip
    orders = [
        scene.order(ContactRef(scene.SHOP, who), f"G{place}", now - timedelta(days=place + 1), first=place, count=1)
        for place, who in enumerate(("father", "son", "ewa", "ola"))
    ]
    scene.tell([*people, *orders], now)
    db.session.commit()
    return {contact.external_id: contact.profile_id for contact in db.session.query(Contact)}


def seen(external_id: str, now: datetime, **said: str) -> ContactSeen:
    kinds = ("email", "tax_id")
    fields = {"given_name": "Jan", "family_name": "Malinowski"} | {k: v for k, v in said.items() if k not in kinds}
    identifiers = tuple(Identifier(kind, said[kind]) for kind in kinds if kind in said)  # type: ignore[arg-type]
    return ContactSeen(ref=ContactRef(scene.SHOP, external_id), occurred_at=now, fields=fields, identifiers=identifiers)


def test_father_and_son_of_one_name_are_two_people_in_one_household(visit_as, family):
    assert family["father"] != family["son"]
    client = visit_as("sales")
    for one, other in (("father", "son"), ("son", "father")):
        page = client.page(f"/customers/{family[one]}/groups")
        assert "Household" in page.text
        assert "Lipowa 7, 30-702 Kraków" in page.text
        assert "the same family name" in page.text
        links = [given.get("href") for tag, given in page.tags if tag == "a"]
        assert f"/customers/{family[other]}" in links
        assert "2 orders" in page.text
    assert len(identity.contacts_of(family["father"])) == 1


def test_a_company_with_three_buyers_is_one_account(visit_as, family):
    client = visit_as("sales")
    for each in ("ewa", "iga", "ola"):
        text = client.get(f"/customers/{family[each]}/groups", headers=FRAGMENT).get_data(as_text=True)
        assert "<html" not in text
        for expected in (
            "Glina s.c.",
            "3 customers",
            "Ewa Lis",
            "Iga Kos",
            "Ola Bąk",
            "tax id PL5260250274",
            "glina.pl",
        ):
            assert expected in text


def test_the_page_asks_for_groups_after_itself(visit_as, family):
    page = visit_as("sales").page(f"/customers/{family['son']}")
    address = f"/customers/{family['son']}/groups"
    assert [given["hx-trigger"] for _, given in page.tags if given.get("hx-get") == address] == ["load"]


def test_who_shares_nothing_is_told_so_on_a_page_and_shown_nothing_beside_others(visit_as, shop):
    client = visit_as("sales")
    assert "Nobody shares an address" in client.page(f"/customers/{shop['piotr']}/groups").text
    assert client.get(f"/customers/{shop['piotr']}/groups", headers=FRAGMENT).get_data(as_text=True).strip() == ""
    assert client.get("/customers/987654321/groups").status_code == 404


@pytest.mark.parametrize("who", ["son", "ewa", "iga"])
def test_groups_take_few_statements(visit_as, family, who):
    client = visit_as("sales")
    with counted_statements() as sent:
        assert client.get(f"/customers/{family[who]}/groups", headers=FRAGMENT).status_code == 200
    assert 2 < len(sent) <= MOST_STATEMENTS, "\n\n".join(sent)
