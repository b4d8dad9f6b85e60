from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm360.flows import review
from crm360.identity import queries as identity
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.kernel.errors import Invalid, NotFound
from crm360.profiles import operations, pinning, queries, search
from crm360.profiles.models import GoldenRecord
from tests.profiles import people


def value(profile_id: int, field: str) -> str:
    db.session.expire_all()
    return str(queries.golden([profile_id])[profile_id].fields[field]["value"])


def test_a_pin_stands_until_it_is_taken_off(session: Any, now: datetime) -> None:
    anna = people.customer(now, given_name="Anna", family_name="Zolkiewska")
    assert operations.pin(profile_id=anna, field="family_name", value=" Żółkiewska ", by="Ola", now=now) == "Żółkiewska"
    session.expire_all()
    record = queries.golden([anna])[anna]
    assert record.display_name == "Anna Żółkiewska"
    said = record.fields["family_name"]
    assert (said["rule"], said["by"], said["at"], said["source"]) == ("pinned", "Ola", now.isoformat(), "staff")
    assert [other["value"] for other in said["others"]] == ["Zolkiewska"]
    operations.refresh(profile_ids=[anna], now=now + timedelta(days=1))
    assert value(anna, "family_name") == "Żółkiewska"
    assert operations.unpin(profile_id=anna, field="family_name", by="Jan", now=now)
    assert value(anna, "family_name") == "Zolkiewska"
    assert not operations.unpin(profile_id=anna, field="family_name", by="Jan", now=now)


def test_a_customer_is_found_by_what_is_pinned(session: Any, now: datetime) -> None:
    anna = people.customer(now, given_name="Anna", family_name="Maj")
    operations.pin(profile_id=anna, field="family_name", value="Brzezińska", by="Ola", now=now)
    assert [hit.profile_id for hit in search.find(query="brzezinska")] == [anna]
    operations.unpin(profile_id=anna, field="family_name", by="Ola", now=now)
    assert search.find(query="brzezinska") == []
    assert [hit.profile_id for hit in search.find(query="maj")] == [anna]


def test_the_newest_pin_wins_a_merge_and_undo_gives_each_its_own_back(session: Any, now: datetime) -> None:
    anna = people.customer(now, given_name="Anna", city="Kraków")
    ania = people.customer(now, given_name="Ania", city="Gdynia")
    operations.pin(profile_id=anna, field="city", value="Wieliczka", by="Ola", now=now + timedelta(hours=2))
    operations.pin(profile_id=ania, field="city", value="Sopot", by="Jan", now=now + timedelta(hours=1))
    outcome = review.merge(profile_ids=[anna, ania], by="Ola", now=now)
    together = identity.current(anna)
    assert value(together, "city") == "Wieliczka"
    operations.unpin(profile_id=together, field="city", by="Ola", now=now + timedelta(hours=3))
    assert value(together, "city") in ("Kraków", "Gdynia")
    review.undo(decision_id=outcome.decision_id, by="Ola", now=now)
    assert {value(ania, "city"), value(anna, "city")} == {"Sopot", "Kraków"}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("email", "a@x.pl"),
        ("nonsense", "x1"),
        ("city", "  "),
        ("city", "brak"),
        ("city", "x" * 201),
        ("birth_date", "May"),
    ],
)
def test_what_cannot_be_pinned_is_refused(session: Any, now: datetime, field: str, typed: str) -> None:
    anna = people.customer(now, given_name="Anna")
    with pytest.raises(Invalid) as refused:
        operations.pin(profile_id=anna, field=field, value=typed, by="Ola", now=now)
    assert "value" in refused.value.errors
    assert queries.pins([anna]) == {}


def test_nobody_has_no_pins(session: Any, now: datetime) -> None:
    with pytest.raises(NotFound):
        operations.pin(profile_id=10**9, field="city", value="Kraków", by="Ola", now=now)


def test_a_date_is_kept_as_one() -> None:
    assert pinning.written("birth_date", "06.05.1984") == "1984-05-06"


def test_records_believe_the_sources_this_installation_trusts(session: Any, now: datetime) -> None:
    anna = people.profile(now)
    people.contact(anna, now, source="shop", joined_on="2024-01-01")
    people.contact(anna, now - timedelta(days=9), source="till", joined_on="2020-02-02")
    session.connection().execution_options(trusted_sources=("till", "shop"))
    operations.refresh(profile_ids=[anna], now=now)
    assert value(anna, "joined_on") == "2020-02-02"
    operations.refresh(profile_ids=[anna], now=now, trust=["shop"])
    assert value(anna, "joined_on") == "2024-01-01"
    assert session.scalars(select(GoldenRecord.profile_id)).all() == [anna]
    assert len(session.scalars(select(Contact)).all()) == 2
