"""Imports taken back: as if they had never been, on both databases, in any order, and never to permit anything."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from crm360.consents.models import Statement
from crm360.facts import ContactRef, ContactSeen
from crm360.flows import forgetting, import_reverting, import_runs
from crm360.identity import operations
from crm360.identity import queries as identity
from crm360.identity.models import Contact
from crm360.imports import queries
from crm360.imports.operations import CannotDo
from crm360.profiles import operations as profiles
from tests.flows.importing import bring_in, differing, passing, permitted, revert, snapshot, write

HOUR = timedelta(hours=1)

ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "customer_id": st.sampled_from(["1", "2", "3", "4"]),
            "given_name": st.sampled_from(["Anna", "Jan", "Ewa", "Łukasz"]),
            "family_name": st.sampled_from(["Nowak", "Kowalska", "Żółć"]),
            "email": st.sampled_from(
                ["a@example.com", "b@example.com", "c@example.com", "a@example.com ::: d@example.com"]
            ),
            "phone": st.sampled_from(["501 234 567", "+48 602 345 678", "not a number"]),
            "birth_date": st.sampled_from(["03.04.1988", "1990-01-02"]),
            "city": st.sampled_from(["Kraków", "Łódź"]),
            "tax_id": st.sampled_from(["5260250274", ""]),
            "tags": st.sampled_from(["vip", "vip, hurt"]),
            "Shoe size": st.sampled_from(["38", "44"]),
            "consent_email": st.sampled_from(["yes", "no", "wypisany"]),
            "consent_sms": st.sampled_from(["yes", ""]),
            "optin_at": st.sampled_from(["2024-01-01 10:00:00", "2025-01-01 10:00:00"]),
            "confirmed_at": st.just("2025-01-01 10:05:00"),
        },
    ).filter(lambda row: any(row.values())),
    min_size=1,
    max_size=9,
)
PROPERTY = settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SOURCES = st.sampled_from(["list", "other"])


class TestAsIfNeverImported:
    @given(before=ROWS, rows=ROWS, source=SOURCES)
    @PROPERTY
    def test_import_and_revert_change_nothing(
        self, app: Any, now: datetime, before: Any, rows: Any, source: str
    ) -> None:
        with passing() as folder:
            bring_in(write(folder / "before.csv", before), now=now)
            known, allowed = snapshot(now), permitted(now)
            run = bring_in(write(folder / "rows.csv", rows), source=source, now=now + HOUR)
            allowed_between = permitted(now + HOUR)
            done = revert(run, folder, now=now + 2 * HOUR)
            assert (done.status, done.undone.get("left", 0)) == ("reverted", 0)
            assert differing(now, known) == {}
            after = permitted(now + 3 * HOUR)
            assert [
                key for key, may in after.items() if may and not (allowed.get(key) and allowed_between.get(key))
            ] == []

    @given(rows=ROWS, others=ROWS, first_back=st.booleans(), source=SOURCES)
    @PROPERTY
    def test_two_imports_taken_back_in_either_order(
        self, app: Any, now: datetime, rows: Any, others: Any, first_back: bool, source: str
    ) -> None:
        with passing() as folder:
            known = snapshot(now)
            one = bring_in(write(folder / "one.csv", rows), now=now)
            other = bring_in(write(folder / "other.csv", others), source=source, now=now + HOUR)
            for run in (one, other) if first_back else (other, one):
                revert(run, folder, now=now + 2 * HOUR)
            assert differing(now, known) == {}
            assert not any(permitted(now + 3 * HOUR).values())

    @given(rows=ROWS, others=ROWS)
    @PROPERTY
    def test_what_a_later_import_says_stays(self, app: Any, now: datetime, rows: Any, others: Any) -> None:
        """Without the first import there are the customers of the later one alone, and all it said of them."""
        with passing() as folder:
            bring_in(write(folder / "other.csv", others), now=now, step=100)
            alone = values(now)
        with passing() as folder:
            one = bring_in(write(folder / "one.csv", rows), now=now - HOUR)
            bring_in(write(folder / "other.csv", others), now=now, step=100)
            revert(one, folder, now=now + 2 * HOUR)
            found = values(now)
            assert found.keys() == alone.keys()
            assert [(ref, said) for ref, said in alone.items() if not found[ref].items() >= said.items()] == []


def values(now: datetime) -> dict[Any, dict[str, str]]:
    """Contact → field → value."""
    contacts = snapshot(now)["contacts"].items()
    return {ref: {name: entry["value"] for name, entry in contact[0].items()} for ref, contact in contacts}


PERSON = {"given_name": "Anna", "family_name": "Nowak", "email": "a@example.com", "phone": "501 234 567"}
YES = {"consent_email": "yes", "optin_at": "2025-01-01 10:00:00", "confirmed_at": "2025-01-01 10:05:00"}


class TestConsents:
    def test_a_consent_it_brought_counts_no_more_and_the_ledger_only_grows(
        self, session: Any, tmp_path: Path, now: datetime
    ) -> None:
        run = bring_in(write(tmp_path / "a.csv", [PERSON | YES]), now=now)
        assert permitted(now) == {("a@example.com", "email"): True}
        done = revert(run, tmp_path, now=now + HOUR)
        assert permitted(now + HOUR) == {("a@example.com", "email"): False}
        said = list(session.scalars(select(Statement).order_by(Statement.id)))
        assert [(each.state, each.invalidates_id) for each in said] == [("given", None), ("invalidated", said[0].id)]
        assert done.undone["consents_invalidated"] == 1
        assert identity.counts()["contacts"] == identity.counts()["profiles"] == 0
        assert forgetting.purge_anonymous(before=now + 1000 * HOUR) == 0
        bring_in(write(tmp_path / "a.csv", [PERSON | YES]), now=now + 2 * HOUR)
        assert permitted(now + 2 * HOUR) == {("a@example.com", "email"): True}
        assert identity.counts()["contacts"] == 1

    def test_a_withdrawal_it_brought_stays(self, session: Any, tmp_path: Path, now: datetime) -> None:
        bring_in(write(tmp_path / "a.csv", [PERSON | YES]), now=now)
        run = bring_in(write(tmp_path / "b.csv", [PERSON | {"consent_email": "wypisana"}]), source="b", now=now + HOUR)
        assert permitted(now + HOUR) == {("a@example.com", "email"): False}
        done = revert(run, tmp_path, now=now + 2 * HOUR)
        assert permitted(now + 2 * HOUR) == {("a@example.com", "email"): False}
        assert (done.undone["refusals_kept"], done.undone["consents_invalidated"]) == (1, 0)

    def test_a_claim_heard_again_is_not_added_again(self, session: Any, tmp_path: Path, now: datetime) -> None:
        file = write(tmp_path / "a.csv", [PERSON | {"consent_email": "yes"}])
        for hours in range(3):
            bring_in(file, now=now + hours * HOUR)
        assert session.scalar(select(func.count()).select_from(Statement)) == 1


class TestChangedSince:
    def test_what_was_used_since_is_left_and_listed(self, session: Any, tmp_path: Path, now: datetime) -> None:
        run = bring_in(
            write(tmp_path / "a.csv", [PERSON | YES, PERSON | {"email": "b@example.com", "family_name": "Lis"}]),
            now=now,
        )
        noted = session.scalar(select(Contact.profile_id).where(Contact.external_id == "email:a@example.com"))
        profiles.add_note(profile_id=noted, body="Wants a call", by="Ola", now=now)
        done = revert(run, tmp_path, now=now + HOUR)
        assert (done.undone["removed"], done.undone["left"]) == (1, 1)
        (left,) = queries.left(run.id)
        assert (left.line_no, left.left) == (2, import_reverting.USED_SINCE)
        assert [each.external_id for each in session.scalars(select(Contact))] == ["email:a@example.com"]
        assert permitted(now + HOUR) == {("a@example.com", "email"): False}, "a customer stays, a consent does not"

    def test_what_another_payload_changed_since_stays(self, session: Any, tmp_path: Path, now: datetime) -> None:
        base = {"customer_id": "7", "given_name": "Anna", "city": "Kraków"}
        bring_in(write(tmp_path / "a.csv", [base]), now=now)
        run = bring_in(write(tmp_path / "b.csv", [base | {"city": "Łódź", "given_name": "Ania"}]), now=now + HOUR)
        ref = ContactRef("list", "customer:7")
        seen = ContactSeen(ref=ref, occurred_at=now + 2 * HOUR, fields={"city": "Gdynia"})
        recorded = operations.record_contacts(seen=[seen], now=now + 2 * HOUR)
        operations.resolve(contact_ids=recorded.changed, now=now)
        session.commit()
        done = revert(run, tmp_path, now=now + 3 * HOUR)
        assert done.undone["left"] == 1
        contact = session.scalars(select(Contact)).one()
        assert {name: entry["value"] for name, entry in contact.fields.items()} == {
            "given_name": "Anna",
            "city": "Gdynia",
        }
        assert [each.left for each in queries.left(run.id)] == [import_reverting.CHANGED_SINCE]

    def test_what_a_later_import_says_too_goes_with_that_one(self, session: Any, tmp_path: Path, now: datetime) -> None:
        file = write(tmp_path / "a.csv", [PERSON])
        known = snapshot(now)
        one, other = bring_in(file, now=now), bring_in(file, now=now + HOUR)
        assert revert(one, tmp_path, now=now + 2 * HOUR).undone["left"] == 1
        assert identity.counts()["contacts"] == 1
        revert(other, tmp_path, now=now + 3 * HOUR)
        assert differing(now, known) == {}

    def test_it_is_taken_back_once_and_only_when_it_rests(self, session: Any, tmp_path: Path, now: datetime) -> None:
        run = bring_in(write(tmp_path / "a.csv", [PERSON]), now=now)
        revert(run, tmp_path, now=now)
        with pytest.raises(CannotDo):
            import_runs.revert(run_id=run.id, by="Ola", now=now)
