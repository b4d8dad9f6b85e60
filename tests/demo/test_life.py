"""The demo world: the same every time, within its months, and with everything a shop has to live with."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from stdnum.pl import nip

from crm360.demo import catalogue, life, names_abroad, names_polish, talking, times
from crm360.demo.world import Person, World


def test_the_same_day_and_size_give_the_same_world(small: World, anchor: datetime):
    again = life.world(anchor=anchor, count=60)
    assert [person.mobile for person in again.people] == [person.mobile for person in small.people]
    assert [(bought.number, bought.at, bought.total_minor) for bought in again.purchases] == [
        (bought.number, bought.at, bought.total_minor) for bought in small.purchases
    ]
    assert [talk.turns for talk in again.talks] == [talk.turns for talk in small.talks]
    assert [visit.cart_id for visit in again.visits] == [visit.cart_id for visit in small.visits]


@pytest.mark.parametrize("day", [datetime(2026, 5, 3, tzinfo=UTC), datetime(2024, 2, 29, tzinfo=UTC)])
def test_it_ends_on_any_day(day: datetime):
    world = life.world(anchor=day, count=60)
    moments = [bought.at for bought in world.purchases] + [visit.at for visit in world.visits]
    assert times.start(day) - timedelta(days=1) < min(moments)
    assert max(moments) < day
    assert max(consent.at for consent in world.consents) < day


@pytest.mark.parametrize("count", [20, 60, 150])
def test_there_are_as_many_people_as_asked_for(count: int, anchor: datetime):
    assert len(life.world(anchor=anchor, count=count).people) == count


def test_the_words_it_is_made_of_suffice():
    assert len(catalogue.products()) >= 120
    assert len(catalogue.shelves()) >= 10
    assert len(set(names_polish.SURNAMES)) >= 250
    assert len({name for names in (*names_polish.WOMEN, *names_polish.MEN) for name in names}) >= 120
    assert len({name for names in (*names_abroad.WOMEN, *names_abroad.MEN) for name in names}) >= 150
    assert len(set(names_abroad.SURNAMES)) >= 150
    assert len(talking.scripts("chat", "pl")) + len(talking.scripts("chat", "en")) >= 40


@pytest.mark.parametrize(
    ("surname", "hers"),
    [
        ("Kowalski", "Kowalska"),
        ("Nowak", "Nowak"),
        ("Nowacki", "Nowacka"),
        ("Zawadzki", "Zawadzka"),
        ("Konieczny", "Konieczna"),
    ],
)
def test_women_bear_the_feminine_form(surname: str, hers: str):
    assert names_polish.feminine(surname) == hers


def test_nowak_is_the_commonest_surname_of_poland(whole: World):
    families = Counter(person.family for person in whole.people if person.home.country == "PL")
    assert families.most_common(1)[0][0] == "Nowak"


def test_every_company_has_a_right_nip_and_one_mailbox(whole: World):
    buyers = [person for person in whole.people if person.company]
    assert len(buyers) > 40
    assert all(nip.is_valid(person.company.tax_id) for person in buyers if person.company)
    assert any(person.company and person.email == person.company.email for person in buyers)


def test_identifiers_are_handed_out_once_apart_from_shared_mailboxes(whole: World):
    mobiles = Counter(person.mobile for person in whole.people)
    cards = Counter(person.card for person in whole.people if person.card)
    emails = Counter(person.email for person in whole.people)
    assert max(mobiles.values()) == max(cards.values()) == 1
    assert sum(count > 1 for count in emails.values()) > 40
    assert all(card.startswith("00") for card in cards)


def test_nobody_could_be_reached_by_mail(whole: World):
    assert all(person.email.endswith(".example") for person in whole.people)


def test_life_goes_wrong_now_and_then(whole: World):
    bought = whole.purchases
    assert sum(one.returned is not None for one in bought) > 100
    assert sum(one.cancelled_at is not None for one in bought) > 40
    assert sum(bool(one.store and not one.card) for one in bought) > 400
    ordered = {visit.cart_id for visit in whole.visits if visit.checkout}
    assert sum(bool(visit.added and visit.cart_id not in ordered) for visit in whole.visits) > 40
    assert sum(person.moved is not None for person in whole.people) > 80
    assert sum(person.family_since is not None for person in whole.people) > 20
    assert sum(bool(person.second_card or person.second_shop_id) for person in whole.people) > 60
    assert sum(not consent.given for consent in whole.consents) > 80


def test_a_cashier_passed_her_own_card_for_strangers(whole: World):
    beata = told(whole, "beata")
    strangers = [one for one in whole.purchases if one.card == beata.card and one.buyer is not beata]
    assert len(strangers) > 30


def test_presents_are_bought_before_christmas(whole: World):
    months = Counter(one.at.month for one in whole.purchases for item in one.items if item.product.category == "gifts")
    assert months[12] + months[11] > sum(months[month] for month in range(3, 9))


def test_annas_story(small: World, anchor: datetime):
    anna = told(small, "anna")
    assert (anna.given, anna.family, anna.home.city) == ("Anna", "Kowalska", "Kraków")
    assert sum(one.buyer is anna for one in small.purchases) >= 10
    assert {talk.medium for talk in small.talks if talk.person is anna} == {"chat", "mail"}
    said = [consent for consent in small.consents if consent.person is anna]
    stopped = next(consent for consent in said if not consent.given)
    local = times.in_poland(stopped.at)
    assert (local.day, local.month) == (3, 5)
    assert anchor - timedelta(days=366) <= stopped.at < anchor
    assert any(visit.visitor is anna and not visit.identified for visit in small.visits)


def test_father_and_son_share_everything_but_themselves(small: World):
    senior, junior = told(small, "jan-senior"), told(small, "jan-junior")
    assert (senior.given, senior.family, senior.home, senior.email, senior.landline) == (
        junior.given, junior.family, junior.home, junior.email, junior.landline,
    )  # fmt: skip
    assert senior.born_on.year + 20 < junior.born_on.year
    assert senior.card != junior.card
    assert senior.mobile != junior.mobile


def told(world: World, story: str) -> Person:
    """The person of that story."""
    return next(person for person in world.people if person.story == story)


def test_the_shop_keeps_one_account_for_an_address(whole: World):
    accounts = Counter(person.email for person in whole.people if person.shop_id)
    assert [email for email, count in accounts.items() if count > 1] == []
