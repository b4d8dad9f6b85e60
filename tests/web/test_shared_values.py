"""The page of identifiers that join nobody: why, whose word it was, blocking and lifting; and what roles may."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm360.accounts.models import AuditEntry
from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.identity.models import Contact
from crm360.kernel.db import db
from tests.web import scene

PAGE = "/duplicates/values"


@pytest.fixture
def crowd(shop) -> None:
    """A cashier's card on receipts of three people, and two customers on one real address."""
    now = datetime.now(UTC)
    card, mail = Identifier("card", "70047"), Identifier("email", "dom@wp.pl")
    people = (("1", "Anna", "Kubicka", card), ("2", "Piotr", "Lis", card), ("3", "Ewa", "Mazur", card),
              ("4", "Jan", "Wrona", mail), ("5", "Jan", "Wrona", mail))  # fmt: skip
    told = [
        ContactSeen(ref=ContactRef(scene.TILL, f"t{number}"), occurred_at=now, identifiers=(held,),
                    fields={"given_name": given, "family_name": family})
        for number, given, family, held in people
    ]  # fmt: skip
    scene.tell(told, now)
    db.session.commit()


def profile_of(number: str) -> int:
    return int(db.session.query(Contact).filter_by(external_id=f"t{number}").one().profile_id)


def test_a_learned_value_stands_there_with_its_reason_and_can_be_overruled(visit_as, crowd):
    client = visit_as("admin")
    assert "seen with at least 3 different names; joins nobody" in client.page(PAGE).text
    sent = next(form.values for form in client.page(PAGE).forms if form.values.get("rule") == "personal")
    assert (sent["kind"], sent["value"]) == ("card", "70047")
    assert client.post(PAGE, data=sent).status_code == 303
    page = client.page(PAGE)
    assert "one person’s own" in page.text
    assert "No value was seen with three" in page.text
    assert client.post(page.form(action="/removal").action, data=page.form(action="/removal").values).status_code == 303
    assert "seen with at least 3 different names" in client.page(PAGE).text
    acts = [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert acts.count("value.ruled") == acts.count("value.freed") == 1


def test_an_office_mailbox_is_overruled_from_the_list_of_what_is_nobodys_by_nature(visit_as, shop):
    now = datetime.now(UTC)
    office = Identifier("email", "biuro@wrona.pl")
    told = [
        ContactSeen(ref=ContactRef(scene.TILL, f"t{number}"), occurred_at=now, identifiers=(office,),
                    fields={"given_name": "Jan", "family_name": "Wrona"})
        for number in "67"
    ]  # fmt: skip
    scene.tell(told, now)
    db.session.commit()
    assert profile_of("6") != profile_of("7")
    client = visit_as("admin")
    sent = next(form.values for form in client.page(PAGE).forms if form.values.get("value") == "biuro@wrona.pl")
    assert client.post(PAGE, data=sent).status_code == 303
    assert profile_of("6") == profile_of("7")
    page = client.page(f"{PAGE}?value=biuro@wrona.pl")
    assert "one person’s own by" in page.text
    assert "an office’s address" not in page.text
    assert "an office’s address" not in client.page(f"/customers/{profile_of('6')}").text


def test_blocking_parts_and_lifting_joins_again(visit_as, crowd):
    client = visit_as("admin")
    assert profile_of("4") == profile_of("5")
    sent = {"kind": "email", "value": "Dom@WP.pl", "reason": "the kiosk’s own"}
    assert client.submit(PAGE, form_id="block-value", **sent).status_code == 303
    assert profile_of("4") != profile_of("5")
    page = client.page(f"{PAGE}?value=dom@wp.pl")
    assert "blocked by a colleague; joins nobody" in page.text
    assert "the kiosk’s own" in page.text
    assert "blocked by a colleague" in client.page(f"/customers/{profile_of('4')}").text
    lift = page.form(action="/removal")
    assert client.post(lift.action, data=lift.values).status_code == 303
    assert profile_of("4") == profile_of("5")
    assert "lifted by Ewa Sowa" in client.page(PAGE).text


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("brak@brak.pl", "a value that fills a form; joins nobody"),
        ("000000000", "a value that fills a form; joins nobody"),
        ("70047", "seen with at least 3 different names"),
        ("dom@wp.pl", "joins records"),
        ("ola.zet@ever.pl", "No record carries this value."),
    ],
)
def test_a_value_can_be_asked_about(visit_as, crowd, value, told):
    assert told in visit_as("sales").page(f"{PAGE}?value={value}").text


@pytest.mark.parametrize("value", ["", "x" * 201])
def test_nonsense_is_refused_in_place(visit_as, shop, value):
    client = visit_as("admin")
    answer = client.submit(PAGE, form_id="block-value", kind="email", value=value)
    assert answer.status_code == 422
    assert "Type a value" in answer.get_data(as_text=True)


def test_blocking_twice_is_told(visit_as, crowd):
    client = visit_as("admin")
    for status in (303, 409):
        assert client.submit(PAGE, form_id="block-value", kind="email", value="dom@wp.pl").status_code == status


def test_sales_reads_and_rules_nothing(visit_as, crowd):
    client = visit_as("sales")
    page = client.page(PAGE)
    assert not [form for form in page.forms if form.action.startswith(PAGE) and form.method == "post"]
    token = client.page("/duplicates").forms[-1].values["csrf_token"]
    sent = {"csrf_token": token, "kind": "email", "value": "dom@wp.pl", "rule": "blocked"}
    assert client.post(PAGE, data=sent).status_code == 403


def test_marketing_sees_no_identifiers(visit_as, crowd):
    assert visit_as("marketing").get(PAGE).status_code == 403
