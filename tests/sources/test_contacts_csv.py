from datetime import UTC, datetime

import pytest

from crm360.facts import ConsentStated, ContactRef, Identifier, TagsStated
from crm360.sources.base import Unreadable
from crm360.sources.contacts_csv import read
from tests.sources.fixture_files import RECEIVED_AT, payload, sample


def rows(row, **options):
    return read(payload({"row": row, "options": options}))


def consents(row, **options):
    return [fact for fact in rows(row, **options) if isinstance(fact, ConsentStated)]


def test_a_polish_loyalty_list():
    seen, email, sms = read(sample("contacts_csv", "polish_loyalty"))
    assert seen.ref == ContactRef("web", "card:0004711")
    assert seen.fields == {
        "given_name": "Łukasz",
        "family_name": "Żółć",
        "street": "ul. Długa",
        "house_number": "5/7",
        "city": "Kraków",
        "postcode": "31-146",
        "birth_date": "1988-04-03",
        "joined_on": "2023-01-05",
    }
    assert seen.identifiers == (
        Identifier("card", "0004711"),
        Identifier("email", "LUKASZ@EXAMPLE.COM"),
        Identifier("phone", "501 234 567"),
    )
    assert seen.attributes == {"points": "120", "Obrót": "1 234,50"}
    assert (email.channel, email.state, email.evidence_grade) == ("email", "given", "D")
    assert (sms.channel, sms.state, sms.evidence_grade) == ("sms", "refused", "D")


def test_a_google_list_with_several_addresses_in_a_cell():
    seen, tags = read(sample("contacts_csv", "google"))
    assert [found.value for found in seen.identifiers if found.kind == "email"] == [
        "anna@firma.example",
        "anna2@firma.example",
        "anna@example.com",
    ]
    assert seen.ref.external_id == "email:anna@firma.example"
    assert isinstance(tags, TagsStated)
    assert tags.tags == ("Klienci",)


def test_a_mailing_list_brings_its_own_evidence():
    seen, consent, tags = read(sample("contacts_csv", "mailchimp"))
    assert seen.ref.external_id == "record:89501affba"
    assert (seen.fields["street"], seen.fields["house_number"]) == ("ul. Długa", "5/7")
    assert (seen.fields["city"], seen.fields["postcode"], seen.fields["country"]) == ("Kraków", "31-146", "PL")
    assert (consent.state, consent.evidence_grade) == ("given", "A")
    assert consent.occurred_at == datetime(2024, 3, 14, 9, 14, tzinfo=UTC)
    assert consent.evidence["optin_ip"] == "10.0.0.1"
    assert tags.tags == ("VIP", "Newsletter")


def test_a_benchmark_row():
    (seen,) = read(sample("contacts_csv", "febrl"))
    assert seen.ref.external_id == "record:rec-1496-org"
    assert seen.fields["birth_date"] == "1956-04-09"
    assert (seen.fields["street"], seen.fields["house_number"]) == ("wallaby place", "7")
    assert seen.identifiers == (Identifier("national_id", "1804974"),)


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"external_id": "7", "email": "a@example.com"}, "record:7"),
        ({"full_name": "Artur Malinowski", "email": "Biuro@firma.pl"}, "email:biuro@firma.pl/artur malinowski"),
        ({"email": "biuro@firma.pl"}, "email:biuro@firma.pl"),
        ({"customer_id": "'7210448301122", "email": "a@example.com"}, "customer:7210448301122"),
        ({"card_no": "0001", "email": "a@example.com"}, "card:0001"),
        ({"email": " A@Example.com ", "phone": "1"}, "email:a@example.com"),
        ({"phone": "501 234 567"}, "phone:+48501234567"),
    ],
)
def test_keys(row, key):
    assert rows(row)[0].ref.external_id == key


def test_a_row_without_any_key_keeps_to_its_content():
    first, again, other = (rows({"full_name": name})[0].ref for name in ("Anna Nowak", "Anna Nowak", "Jan Nowak"))
    assert first == again != other
    assert first.external_id.startswith("row:")


def test_full_names_are_parted_unless_they_are_given():
    assert rows({"full_name": "Nowak, Anna"})[0].fields == {
        "full_name": "Nowak, Anna",
        "given_name": "Anna",
        "family_name": "Nowak",
    }
    assert rows({"full_name": "X Y", "given_name": "Anna"})[0].fields == {"full_name": "X Y", "given_name": "Anna"}


@pytest.mark.parametrize("cell", ["", "  ", "n/a", "NULL", "brak", "-", "?", "'"])
def test_cells_that_say_nothing(cell):
    assert rows({"email": "a@example.com", "phone": cell, "city": cell})[0].fields == {}
    with pytest.raises(Unreadable, match="empty"):
        rows({"city": cell})


@pytest.mark.parametrize(
    ("said", "states"),
    [
        ("TAK", ["given"]),
        ("yes", ["given"]),
        ("1", ["given"]),
        ("Subscribed", ["given"]),
        ("NIE", ["refused"]),
        ("0", ["refused"]),
        ("unsubscribed", ["withdrawn"]),
        ("", []),
        ("może", []),
        ("Active", []),
    ],
)
def test_consent_cells(said, states):
    assert [found.state for found in consents({"email": "a@example.com", "consent_email": said})] == states


def test_consents_need_an_address_and_evidence_raises_their_grade():
    assert consents({"full_name": "X Y", "consent_email": "yes", "consent_sms": "yes"}) == []
    row = {"email": "a@example.com", "phone": "501234567", "consent_email": "yes", "consent_sms": "yes"}
    email, sms = consents({**row, "optin_at": "2024-01-01 10:00:00"}, timezone="Europe/Warsaw")
    assert (email.evidence_grade, email.occurred_at) == ("B", datetime(2024, 1, 1, 9, tzinfo=UTC))
    assert (sms.evidence_grade, sms.occurred_at, sms.evidence) == ("D", RECEIVED_AT, {})


def test_the_files_name_and_the_unsubscription_outweigh_the_cell():
    row = {"email": "a@example.com", "consent_email": "yes"}
    assert [found.state for found in consents(row, list_state="unsubscribed")] == ["withdrawn"]
    (found,) = consents({**row, "unsubscribed_at": "2024-02-02 08:00:00"}, list_state="subscribed")
    assert (found.state, found.evidence_grade) == ("withdrawn", "B")
    assert found.occurred_at == datetime(2024, 2, 2, 8, tzinfo=UTC)


def test_month_first_files():
    assert (
        rows({"full_name": "X Y", "birth_date": "04/03/1988"}, date_order="mdy")[0].fields["birth_date"] == "1988-04-03"
    )
    assert rows({"full_name": "X Y", "birth_date": "04/03/1988"})[0].fields["birth_date"] == "1988-03-04"


@pytest.mark.parametrize(
    ("written", "born"),
    [
        ("12.03.45", "1945-03-12"),
        ("12.03.85", "1985-03-12"),
        ("12.03.05", "2005-03-12"),
        ("29.02.44", "1944-02-29"),
        ("12 marca 1985 r.", "1985-03-12"),
        ("12 III 1985", "1985-03-12"),
    ],
)
def test_a_date_of_birth_is_read_as_people_write_it(written: str, born: str) -> None:
    assert rows({"full_name": "X Y", "birth_date": written})[0].fields["birth_date"] == born


@pytest.mark.parametrize("written", ["12.03.2945", "2945-03-12", "12 marca 2945"])
def test_nobody_is_born_after_the_list_was_written(written: str) -> None:
    assert "birth_date" not in rows({"full_name": "X Y", "birth_date": written})[0].fields
