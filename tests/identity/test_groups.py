"""Households and accounts as the database answers for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.flows import receive, reidentify
from crm360.identity import grouping, groups, value_rules
from crm360.identity.models import Contact, GroupKey
from crm360.inbox import operations as inbox
from crm360.kernel.db import db
from tests.identity.people import NOW, profile_of

HOME = {"street": "Długa", "house_number": "14/3", "postcode": "31-147", "city": "Kraków"}
OFFICE = {"street": "Polna", "house_number": "2", "postcode": "30-001", "city": "Kraków"}
GLINA, SALDO = "526-025-02-74", "7740001454"


def tell(external_id: str, given: str = "", family: str = "", *, days: int = 0, **said: Any) -> None:
    """What a shop says of a customer: names, fields, and identifiers by kind (a value or a list of them)."""
    kinds = ("email", "phone", "tax_id", "national_id")
    values = {kind: [said[kind]] if isinstance(said.get(kind), str) else said.get(kind, []) for kind in kinds}
    identifiers = tuple(Identifier(kind, value) for kind in kinds for value in values[kind])  # type: ignore[arg-type]
    fields = {"given_name": given, "family_name": family} | {name: of for name, of in said.items() if name not in kinds}
    seen = ContactSeen(
        ref=ContactRef("shop", external_id), occurred_at=NOW - timedelta(days=400 - days), identifiers=identifiers,
        fields={name: value for name, value in fields.items() if value},
    )  # fmt: skip
    source = inbox.ensure_source(name="shop", channel="shopify", now=NOW)
    receive.apply([receive.Read(None, [seen], source)], now=NOW)  # type: ignore[arg-type]
    db.session.flush()


def together(group: groups.Group | None) -> dict[str, tuple[str, ...]]:
    """External id → evidence."""
    assert group is not None
    found = {member.profile_id: member.evidence for member in group.members}
    rows = db.session.execute(select(Contact.external_id, Contact.profile_id).where(Contact.profile_id.in_(found)))
    return {external_id: found[profile_id] for external_id, profile_id in rows}


def household(external_id: str) -> groups.Group | None:
    return groups.household_of(number(external_id))


def number(external_id: str) -> int:
    found = profile_of(external_id)
    assert found is not None
    return found


def test_father_and_son_of_one_name_are_two_people_in_one_household(session: Any):
    tell("father", "Jan", "Kowalski", birth_date="1958-03-01", **HOME)
    tell("son", "Jan", "Kowalski", birth_date="1988-11-23", **HOME)
    tell("wife", "Anna", "Kowalska", **HOME)
    tell("neighbour", "Ewa", "Maj", **HOME | {"house_number": "14/4"})
    assert len({number(each) for each in ("father", "son", "wife", "neighbour")}) == 4
    for each in ("father", "son", "wife"):
        found = household(each)
        assert together(found) == {"father": ("family",), "son": ("family",), "wife": ("family",)}
        assert found is not None
        assert found.name == "Długa 14/3, 31-147 Kraków"
    assert household("neighbour") is None


def test_a_landline_joins_another_name_to_the_household(session: Any):
    tell("anna", "Anna", "Kowalska", phone="12 422 11 33", **HOME)
    tell("marek", "Marek", "Zieliński", phone="12 422 11 33", **HOME)
    tell("ewa", "Ewa", "Maj", **HOME)
    assert together(household("anna")) == {"anna": ("phone",), "marek": ("phone",)}
    assert household("ewa") is None


def test_an_office_mailbox_binds_a_household_once_staff_call_it_one_persons_own(session: Any):
    tell("anna", "Anna", "Kowalska", email="biuro@wp.pl", **HOME)
    tell("marek", "Marek", "Zieliński", email="biuro@wp.pl", **HOME)
    assert household("anna") is None
    ruled = value_rules.rule_value(kind="email", value="biuro@wp.pl", rule="personal", by="Dana", now=NOW)
    assert together(household("anna")) == {"anna": ("email",), "marek": ("email",)}
    value_rules.lift(rule_id=ruled.rule_id, by="Dana", now=NOW)
    assert household("anna") is None


def test_who_moved_out_lives_where_they_said_last(session: Any):
    tell("mother", "Anna", "Kowalska", **HOME)
    tell("son", "Jan", "Kowalski", email="jan@wp.pl", **HOME)
    assert household("son") == household("mother") != None  # noqa: E711
    tell("son2", "Jan", "Kowalski", email="jan@wp.pl", days=30, **OFFICE)
    assert number("son") == number("son2")
    assert household("son") is None
    assert household("mother") is None


def test_an_address_without_postcode_and_one_without_town_meet_through_a_third(session: Any):
    tell("by_town", "Anna", "Kowalska", **HOME | {"postcode": ""})
    tell("by_code", "Piotr", "Kowalski", **HOME | {"city": ""})
    tell("by_both", "Zofia", "Kowalska", **HOME)
    everybody = {"by_town", "by_code", "by_both"}
    assert [together(household(each)).keys() for each in sorted(everybody)] == [everybody] * 3


def test_an_office_with_nine_names_is_no_household(session: Any):
    for place, family in enumerate(("Nowak", "Maj", "Sowa", "Lis", "Wrona", "Kos", "Dudek", "Bąk", "Żuk")):
        tell(f"c{place}", "Ewa", family, phone="12 422 11 33", **OFFICE)
    assert household("c0") is None


def test_a_company_with_three_buyers_is_one_account(session: Any):
    tell("ewa", "Ewa", "Maj", email="ewa@glina.pl", tax_id=GLINA, company="Pracownia Glina")
    tell("jan", "Jan", "Lis", email="jan@glina.pl")
    tell("ola", "Ola", "Sowa", email="ola@gmail.com", tax_id="PL5260250274", company="PRACOWNIA GLINA")
    tell("other", "Iga", "Kos", email="iga@gmail.com")
    for each in ("ewa", "jan", "ola"):
        account = groups.account_of(number(each))
        assert together(account) == {
            "ewa": ("domain:glina.pl", "tax:PL5260250274"), "jan": ("domain:glina.pl",), "ola": ("tax:PL5260250274",)
        }  # fmt: skip
        assert account is not None
        assert account.name.casefold() == "pracownia glina"
        assert account.keys == ("tax:PL5260250274", "domain:glina.pl")
    assert groups.accounts_of(number("other")) == []


def test_a_domain_alone_needs_two_and_no_common_name(session: Any):
    tell("ewa", "Ewa", "Maj", email="ewa@rada.pl")
    assert groups.account_of(number("ewa")) is None
    tell("jan", "Jan", "Lis", email="jan@rada.pl")
    account = groups.account_of(number("ewa"))
    assert (account and account.name, together(account).keys()) == ("rada.pl", {"ewa", "jan"})
    tell("adam", "Adam", "Sowa", email="adam@sowa.pl")
    tell("zofia", "Zofia", "Sowa", email="zofia@sowa.pl")
    assert groups.account_of(number("adam")) is None


@pytest.mark.parametrize("tax_id", ["5260250275", "1111111111", "brak"])
def test_an_invalid_tax_id_groups_nobody(session: Any, tax_id: str):
    tell("ewa", "Ewa", "Maj", tax_id=tax_id)
    tell("jan", "Jan", "Lis", tax_id=tax_id)
    assert groups.accounts_of(number("ewa")) == []


def test_who_buys_for_two_companies_is_shown_with_both(session: Any):
    tell("clerk", "Ewa", "Maj", tax_id=[GLINA, SALDO])
    tell("jan", "Jan", "Lis", tax_id=GLINA)
    tell("ola", "Ola", "Sowa", tax_id=SALDO)
    shown = {frozenset(together(each)) for each in groups.accounts_of(number("clerk"))}
    assert shown == {frozenset({"clerk", "ola"}), frozenset({"clerk", "jan"})}
    assert together(groups.account_of(number("jan"))).keys() == {"clerk", "jan"}


def test_keys_follow_what_the_source_says(session: Any):
    def held() -> set[str]:
        return set(session.scalars(select(GroupKey.key)))

    tell("ewa", "Ewa", "Maj", email="ewa@glina.pl", **HOME)
    assert held() == {"domain:glina.pl", "door:dluga:14/3:31147", "door:dluga:14/3:krakow"}
    tell("ewa", tax_id=GLINA, days=1)
    assert "tax:PL5260250274" in held()
    tell("ewa", days=2, **OFFICE)
    assert {key for key in held() if key.startswith("door:")} == {"door:polna:2:30001", "door:polna:2:krakow"}


def test_every_member_sees_the_same_groups_as_the_whole_base_has(session: Any):
    domains = ("glina.pl", "rada.pl", "saldo.pl", "gmail.com")
    for place in range(24):
        tell(
            f"c{place}", f"Imię{place}", ("Maj", "Lis", "Kowalska")[place % 3], email=f"x{place}@{domains[place * 7 % 4]}",
            tax_id=[GLINA] if place in (4, 8) else [SALDO] if place in (5, 8, 9) else [],
            **HOME | {"house_number": str(place % 4)},
        )  # fmt: skip
    known: dict[int, set[str]] = {}
    rows = select(Contact.profile_id, GroupKey.key).join(GroupKey, GroupKey.contact_id == Contact.id)
    for profile_id, key in session.execute(rows.where(GroupKey.key.not_like("door:%"))):
        known.setdefault(profile_id, set()).add(key)
    whole = [frozenset(account.members) for account in grouping.accounts(known)]
    assert len(whole) > 2
    for profile_id in set(session.scalars(select(Contact.profile_id))):
        mine = {frozenset(each.profile_id for each in group.members) for group in groups.accounts_of(profile_id)}
        assert mine == {members for members in whole if profile_id in members}
        home = groups.household_of(profile_id)
        for member in home.members if home else ():
            assert groups.household_of(member.profile_id) == home


def test_keys_can_be_dropped_and_come_back(session: Any):
    tell("father", "Jan", "Kowalski", birth_date="1958-03-01", **HOME)
    tell("wife", "Anna", "Kowalska", email="anna@glina.pl", tax_id=GLINA, **HOME)
    rows = select(GroupKey.key, GroupKey.contact_id).order_by(GroupKey.key, GroupKey.contact_id)
    before = session.execute(rows).all()
    session.execute(delete(GroupKey))
    assert household("wife") is None
    assert reidentify.everybody(now=NOW).contacts == 2
    assert session.execute(rows).all() == before
