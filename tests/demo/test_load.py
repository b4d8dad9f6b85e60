"""Loading the demo through the real doors, on both databases."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm360.accounts import queries as accounts
from crm360.commerce.models import Order
from crm360.consents.models import Statement
from crm360.conversations.models import Message
from crm360.demo import load as loading
from crm360.demo import shop
from crm360.demo.staff import SIGN_INS
from crm360.demo.world import World
from crm360.facts import ContactRef
from crm360.identity import queries as identity
from crm360.inbox import operations as inbox
from crm360.inbox.models import Source
from crm360.kernel.db import db as flask_db
from crm360.outreach import results
from crm360.outreach.models import Campaign, Recipient
from crm360.profiles import queries as profiles
from crm360.segments import queries as segments
from crm360.sources.contact_keys import card_key
from tests import applications

PEOPLE = 60


def silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def loaded(
    database: str, anchor: datetime, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[tuple[Flask, loading.Summary]]:
    """An application with sixty people's life in its database, loaded once."""
    with applications.migrated(database, tmp_path_factory.mktemp(database), f"{worker_id}_demo") as app:
        with app.app_context():
            done = loading.load(app, anchor=anchor, people=PEOPLE, report=silent)
            flask_db.session.remove()
        yield app, done


@pytest.fixture
def app(request: pytest.FixtureRequest, database: str) -> Iterator[Flask]:
    """The loaded application for tests that ask for its summary, else an empty one."""
    peopled = "summary" in request.fixturenames
    kept: Flask = request.getfixturevalue("loaded")[0] if peopled else request.getfixturevalue("migrated_app")
    with applications.undone(kept):
        yield kept


@pytest.fixture
def summary(app: Flask, loaded: tuple[Flask, loading.Summary]) -> loading.Summary:
    """Sixty people's life in the database."""
    return loaded[1]


def test_everything_sent_has_its_effect(summary: loading.Summary, small: World, session: Any):
    counts = summary.counts
    receipts = [one for one in small.purchases if one.store]
    returns = sum(one.returned is not None for one in receipts)
    assert counts["inbox_waiting"] == counts["quarantined"] == 0
    assert counts["orders"] == len(small.purchases) + returns
    assert counts["contacts"] > counts["profiles"] > PEOPLE / 2
    turns = sum(len(talk.turns) for talk in small.talks)
    assert session.scalar(select(func.count()).select_from(Message)) == turns
    assert session.scalar(select(func.count()).select_from(Statement)) > 50
    assert len(session.scalars(select(Source)).all()) == 8


def test_the_same_day_gives_the_same_shop(app: Flask, anchor: datetime, loaded: tuple[Flask, loading.Summary]) -> None:
    assert loading.load(app, anchor=anchor, people=PEOPLE, report=silent).counts == loaded[1].counts


def test_anna_is_one_customer_of_every_source(summary: loading.Summary, small: World, session: Any):
    anna = next(person for person in small.people if person.story == "anna")
    profile_ids = {
        contact.profile_id
        for ref in (ContactRef(shop.SHOP, f"customer:{anna.shop_id}"), ContactRef(shop.WEB, f"user:{anna.shop_id}"),
                    ContactRef(shop.LOYALTY, card_key(anna.card)), ContactRef(shop.TILLS, card_key(anna.card)))
        if (contact := identity.find(ref))
    }  # fmt: skip
    assert len(profile_ids) == 1
    profile_id = profile_ids.pop()
    contacts = identity.contact_ids(profile_id)
    assert session.scalar(select(func.count()).select_from(Order).where(Order.contact_id.in_(contacts))) == 13
    assert len(profiles.notes(profile_id)) == 2


def test_father_and_son_stay_two(summary: loading.Summary, small: World):
    cards = [card_key(person.card) for person in small.people if person.story in ("jan-senior", "jan-junior")]
    found = [identity.find(ContactRef(shop.LOYALTY, card)) for card in cards]
    assert len({contact.profile_id for contact in found if contact}) == 2


def test_ola_and_aleksandra_are_for_a_person_to_decide(summary: loading.Summary, small: World):
    shopper, cardholder = (next(one for one in small.people if one.story == story) for story in ("aleksandra", "ola"))
    account = identity.find(ContactRef(shop.SHOP, f"customer:{shopper.shop_id}"))
    card = identity.find(ContactRef(shop.LOYALTY, card_key(cardholder.card)))
    assert account is not None
    assert card is not None
    assert account.profile_id != card.profile_id
    assert card.profile_id in {alike.profile_id for alike in identity.lookalikes(account.profile_id)}


def test_a_newcomer_sees_segments_and_what_a_campaign_brought(summary: loading.Summary, session: Any):
    assert len(segments.listed()) == 4
    states = dict(session.execute(select(Campaign.name, Campaign.state)).all())
    assert states == {"Jesienna kawa": "finished", "Prezenty na święta": "draft"}
    left = Counter(session.scalars(select(Recipient.state)))
    assert left["sent"] > 5
    assert left["skipped"] > 5
    number = session.scalar(select(Campaign.id).where(Campaign.state == "finished"))
    assert results.happened(number)[""]["opened"][0] > 1


def test_everybody_can_sign_in(summary: loading.Summary):
    for one in SIGN_INS:
        staff = accounts.authenticate(one.email, one.password)
        assert staff is not None
        assert staff.role == one.role
    assert accounts.find_key(summary.write_key, "write") is not None


def test_a_loaded_demo_is_not_loaded_again(summary: loading.Summary, runner: Any):
    result = runner.invoke(args=["demo", "load"])
    assert result.exit_code == 1
    assert "already" in result.output


def test_customers_are_not_mixed_with_the_demo(app: Flask, runner: Any, now: datetime):
    source = inbox.ensure_source(name="ours", channel="tracking", now=now)
    inbox.keep(source_id=source.id, channel="tracking", items=[inbox.NewPayload("id:1", b"{}")], now=now)
    result = runner.invoke(args=["demo", "load", "--people", "20"])
    assert result.exit_code == 1
    assert "empty" in result.output


def test_an_interrupted_load_goes_on(app: Flask, anchor: datetime):
    class Stopped(Exception):
        pass

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "processing":
            raise Stopped

    with pytest.raises(Stopped):
        loading.load(app, anchor=anchor, people=20, report=stop)
    flask_db.session.rollback()
    later = anchor.replace(year=anchor.year + 1)
    summary = loading.load(app, anchor=later, people=500, report=silent)
    assert summary.anchor == anchor
    assert summary.counts["quarantined"] == summary.counts["inbox_waiting"] == 0
    assert summary.counts["profiles"] < 100


def test_the_command_prints_what_it_loaded(runner: Any):
    result = runner.invoke(args=["demo", "load", "--people", "20", "--ends-on", "2026-03-02", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["ends_on"] == "2026-03-02"
    assert told["orders"] > 20
    assert told["write_key"].startswith("wk_")


@pytest.mark.parametrize(("given", "said"), [(["--people", "3"], "--people"), (["--ends-on", "2999-01-01"], "future")])
def test_nonsense_is_refused(runner: Any, given: list[str], said: str):
    result = runner.invoke(args=["demo", "load", *given])
    assert result.exit_code == 2
    assert said in result.output
