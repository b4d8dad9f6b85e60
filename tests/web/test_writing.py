"""Writing a customer down and correcting one, through the forms."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm360.accounts.models import AuditEntry
from crm360.facts import ContactRef
from crm360.identity import queries as identity
from crm360.identity.models import Contact, Decision
from crm360.inbox.models import Payload
from crm360.kernel.db import db
from crm360.web import written_form
from tests.pages import Page

NEW = {"given_name": "Bogumiła", "family_name": "Rzepecka", "email": "bogumila.rzepecka@example.net", "city": "Opole"}


def test_a_search_in_vain_offers_to_write_down_what_was_typed(visit_as):
    client = visit_as("sales")
    page = client.page("/customers?q=Bogumiła Rzepecka")
    (address,) = (given["href"] for tag, given in page.tags if given.get("href", "").startswith("/customers/new"))
    html = client.get(address).get_data(as_text=True)
    assert 'value="Bogumiła"' in html
    assert 'value="Rzepecka"' in html


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("a@b.pl", {"email": "a@b.pl"}),
        ("602 118", {"phone": "602 118"}),
        ("Kowalska", {"given_name": "Kowalska", "family_name": ""}),
        ("", {"given_name": "", "family_name": ""}),
    ],
)
def test_what_was_typed_goes_into_the_fitting_field(typed, values):
    assert written_form.guessed(typed).values == values


def test_a_new_customer_is_a_record_of_the_source_staff(visit_as):
    client = visit_as("sales")
    answer = client.submit("/customers/new", form_id="written", **NEW)
    assert answer.status_code == 303
    contact = db.session.query(Contact).filter_by(source="staff").one()
    assert answer.headers["Location"] == f"/customers/{contact.profile_id}"
    assert contact.fields["city"]["value"] == "Opole"
    assert contact.attributes["written_by"]["value"] == "Marta Zając"
    page = client.page(answer.headers["Location"])
    assert "Bogumiła Rzepecka" in page.text
    assert "bogumila.rzepecka@example.net" in page.text
    assert "Rzepecka" in client.page("/customers?q=rzepecka").text
    payload = db.session.query(Payload).one()
    assert (payload.channel, payload.state) == ("staff", "processed")
    assert db.session.query(AuditEntry).filter_by(action="customer.created").one().subject_id == contact.profile_id


@pytest.mark.parametrize(
    "typed",
    [
        {"given_name": "Anna", "family_name": "Kowalska"},
        {"email": "Anna.Kowalska@example.com"},
        {"phone": "602118447"},
    ],
)
def test_look_alikes_are_shown_before_anybody_is_made_twice(visit_as, shop, typed):
    client = visit_as("sales")
    shown = client.submit("/customers/new", form_id="written", **typed)
    assert shown.status_code == 200
    html = shown.get_data(as_text=True)
    assert "Is it one of these?" in html
    assert f'href="/customers/{shop["anna"]}"' in html
    assert db.session.query(Contact).filter_by(source="staff").count() == 0
    typed = typed | {"family_name": "Zupełnie-Inna", "given_name": "Zdzisława", "email": "", "phone": ""}
    assert client.submit("/customers/new", form_id="written", confirmed="1", **typed).status_code == 303
    assert db.session.query(Contact).filter_by(source="staff").count() == 1


HTMX = {"HX-Request": "true"}


def typed_so_far(client, **typed) -> str:
    form = client.page("/customers/new").form(form_id="written")
    return client.post("/customers/new/alike", data=form.values | typed, headers=HTMX).get_data(as_text=True)


ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@ONE
def test_while_typing_whoever_is_here_is_shown_with_the_reason(visit_as, shop):
    client = visit_as("sales")
    html = typed_so_far(client, email="anna.kowalska@example.com", given_name="Ania", family_name="Kowalska")
    assert f'href="/customers/{shop["anna"]}"' in html
    assert "E-mail: the same" in html
    assert "joined with this customer by itself" in html
    assert db.session.query(Contact).filter_by(source="staff").count() == 0


@ONE
@pytest.mark.parametrize("typed", [{}, {"given_name": "Anna"}, {"email": "anna.kow"}, {"city": "Kraków"}])
def test_too_little_was_typed_to_look_for_anybody(visit_as, typed):
    assert typed_so_far(visit_as("sales"), **typed).strip() == ""


@ONE
def test_a_masked_role_is_told_the_reason_and_no_address(visit_as, shop):
    html = typed_so_far(visit_as("marketing"), phone="602118447", given_name="Anna", family_name="Kowalska")
    assert f'href="/customers/{shop["anna"]}"' in html
    assert "anna.kowalska@" not in html
    assert "Phone: the same" in html


def test_somebody_who_shares_an_address_is_still_written_down_as_another(visit_as, shop):
    client = visit_as("sales")
    typed = {"given_name": "Anna", "family_name": "Kowalska", "email": "anna.kowalska@example.com", "city": "Kraków"}
    asked = client.submit("/customers/new", form_id="written", **typed)
    form = Page(asked.get_data(as_text=True)).form(form_id="written")
    assert client.post("/customers/new", data=form.values | {"confirmed": "1"}).status_code == 303
    new = db.session.query(Contact).filter_by(source="staff").one()
    assert new.profile_id not in (shop["anna"], shop["anna_again"])
    assert {each.reason for each in db.session.query(Decision)} == {"Written down as another"}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"email": "not an address", "given_name": "A"}, "This is no e-mail address."),
        ({"phone": "12", "given_name": "A"}, "This is no phone number."),
        ({"birth_date": "1990-02-31", "given_name": "A"}, "This is no birth date."),
        ({"city": ""}, "Give a name"),
    ],
)
def test_what_cannot_be_kept_is_told_and_stays_typed(visit_as, typed, told):
    answer = visit_as("sales").submit("/customers/new", form_id="written", **typed)
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert told in html
    assert all(f'value="{value}"' in html for value in typed.values() if value)
    assert db.session.query(Contact).filter_by(source="staff").count() == 0


def test_a_correction_stays_with_the_customer_and_is_theirs_to_find(visit_as, shop):
    client = visit_as("sales")
    path = f"/customers/{shop['piotr']}/edit"
    answer = client.submit(path, form_id="written", city="Sopot", email="piotrek@example.net")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/customers/{shop['piotr']}"
    page = client.page(f"/customers/{shop['piotr']}")
    assert "piotrek@example.net" in page.text
    assert "Sopot" in page.text
    assert "Piotr Wiśniewski" in client.page("/customers?q=piotrek@example.net").text
    contact = db.session.query(Contact).filter_by(source="staff").one()
    assert contact.profile_id == shop["piotr"]
    assert sorted(contact.fields) == ["city", "family_name", "given_name"]
    assert db.session.query(Decision).one().reason == "Corrected by staff"


def test_a_second_correction_uses_the_same_record(visit_as, shop):
    client, path = visit_as("sales"), f"/customers/{shop['piotr']}/edit"
    client.submit(path, form_id="written", city="Sopot")
    client.submit(path, form_id="written", city="Gdynia")
    contact = db.session.query(Contact).filter_by(source="staff").one()
    assert contact.fields["city"]["value"] == "Gdynia"
    assert db.session.query(Decision).count() == 1


def test_an_address_of_another_customer_is_asked_about_and_never_pulls_them_in(visit_as, shop):
    client, path = visit_as("sales"), f"/customers/{shop['piotr']}/edit"
    shown = client.submit(path, form_id="written", email="anna.kowalska@example.com")
    assert shown.status_code == 200
    assert "Another customer has this address" in shown.get_data(as_text=True)
    assert db.session.query(Contact).filter_by(source="staff").count() == 0
    client.submit(path, form_id="written", email="anna.kowalska@example.com", confirmed="1")
    staff = db.session.query(Contact).filter_by(source="staff").one()
    anna = identity.find(ContactRef("online shop", "8812"))
    assert staff.profile_id == shop["piotr"] != anna.profile_id


def test_nothing_changed_states_nothing_new(visit_as, shop):
    client = visit_as("sales")
    client.submit(f"/customers/{shop['piotr']}/edit", form_id="written")
    assert sorted(db.session.query(Contact).filter_by(source="staff").one().fields) == ["family_name", "given_name"]


def test_privacy_reads_and_does_not_write(visit_as, shop):
    client = visit_as("privacy")
    for path in ("/customers/new", f"/customers/{shop['anna']}/edit"):
        assert client.get(path).status_code == 403
    assert "/edit" not in client.get(f"/customers/{shop['anna']}").get_data(as_text=True)


def test_nobody_is_not_corrected(visit_as, shop):
    assert visit_as("sales").get("/customers/987654321/edit").status_code == 404


def test_a_masked_role_sees_no_address_in_the_form(visit_as, shop):
    html = visit_as("marketing").get(f"/customers/{shop['anna']}/edit").get_data(as_text=True)
    assert "Kowalska" in html
    assert "anna.kowalska@example.com" not in html


def test_times_are_those_of_the_visit(visit_as, shop):
    before = datetime.now(UTC)
    visit_as("sales").submit("/customers/new", form_id="written", **NEW)
    assert before <= db.session.query(Contact).filter_by(source="staff").one().first_seen_at <= datetime.now(UTC)
