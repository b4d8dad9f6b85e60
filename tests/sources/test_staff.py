"""What colleagues write down, as facts."""

from __future__ import annotations

import pytest

from crm360.facts import ContactRef, Identifier
from crm360.sources.base import Unreadable
from crm360.sources.staff import read
from tests.sources.fixture_files import RECEIVED_AT, payload, sample


def test_a_statement_names_the_customer_the_fields_and_who_wrote_it():
    (seen,) = read(sample("staff", "correction"))
    assert seen.ref == ContactRef("web", "customer:5f0c1d2e")
    assert seen.fields == {"given_name": "Łucja", "family_name": "Kania", "birth_date": "1984-11-02", "city": "Gdynia"}
    assert seen.identifiers == (Identifier("email", "lucja.kania@example.com"), Identifier("phone", "601 700 801"))
    assert (seen.occurred_at, seen.attributes) == (RECEIVED_AT, {"written_by": "Marta Zając"})
    assert not seen.anonymous


@pytest.mark.parametrize("birth_date", ["yesterday", "1990-02-31", " "])
def test_a_birth_date_that_is_none_is_not_stated(birth_date):
    (seen,) = read(payload({"external_id": "1", "fields": {"birth_date": birth_date}}))
    assert seen.fields == {}


@pytest.mark.parametrize("external_id", ["", None, "null", []])
def test_nobody_is_refused(external_id):
    with pytest.raises(Unreadable, match="external_id"):
        read(payload({"external_id": external_id}))
