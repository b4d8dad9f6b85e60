"""A campaign from draft to end: who is considered, what leaves, what is held, and what each person gets."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from sqlalchemy import select, update

from crm360.flows import campaigns, review
from crm360.kernel import tickets
from crm360.outbox.models import Letter, Permit
from crm360.outreach import audience, launching, queries
from crm360.outreach.models import Campaign, Link, Recipient
from crm360.profiles.models import TimelineEntry
from tests.outreach import crowd
from tests.outreach.crowd import HOUSE

DAY = timedelta(days=1)


@pytest.fixture
def people(session: Any, now: datetime, plain_model: None) -> dict[str, tuple[int, int]]:
    """Name → contact and profile; everybody agreed to offers."""
    names = ("anna", "ewa", "piotr", "jan", "olga")
    given = {"anna": "Anna", "piotr": "Piotr"}
    fields = [
        {"given_name": given.get(name, ""), "country": "PL"} if name in given else {"country": "GB"} for name in names
    ]
    made = crowd.many(
        now - 9 * DAY, [((f"{name}@example.com",), each) for name, each in zip(names, fields, strict=True)]
    )
    found = dict(zip(names, made, strict=True))
    for name, (contact, _) in found.items():
        crowd.say(contact, f"{name}@example.com", "given", now - 8 * DAY)
    from crm360.flows import refresh

    refresh.profiles({profile for _, profile in made}, now=now)
    session.commit()
    return found


def launched(people: dict[str, tuple[int, int]], now: datetime, **chosen: Any) -> Campaign:
    campaign = crowd.draft(now, [profile for _, profile in people.values()], **chosen)
    return campaigns.launch(campaign_id=campaign.id, house=chosen.pop("house", HOUSE), by="ola", now=now)


def outcomes(session: Any, campaign: Campaign) -> dict[str, str]:
    session.expire_all()
    rows = session.scalars(select(Recipient).where(Recipient.campaign_id == campaign.id).order_by(Recipient.id))
    return {str(each.profile_id): f"{each.state} {each.reason}".strip() for each in rows}


def test_everybody_gets_the_message_in_their_language(session: Any, people: Any, now: datetime) -> None:
    campaign = launched(people, now)
    wire = crowd.Wire()
    crowd.work(wire, now)
    assert queries.get_campaign(campaign.id).state == "finished"
    assert set(outcomes(session, campaign).values()) == {"sent consent_given"}
    sent = {
        address: message_from_bytes(raw, policy=policy.default)
        for address, raw in zip(wire.carried, wire.messages, strict=True)
    }
    assert sent["anna@example.com"]["Subject"] == "Nowa kawa, Anno"
    assert sent["jan@example.com"]["Subject"] == "New coffee"
    message = sent["anna@example.com"]
    token = message["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    assert tickets.parts("unsubscribe", token, 4, key=HOUSE.key)[1:3] == ["marketing", "email"]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    html = message.get_body(("html",)).get_content()
    [link] = session.scalars(select(Link.url))
    assert link == "https://shop.example/coffee"
    assert link not in html
    assert "https://crm.example/c/" in html
    assert "Wypisz mnie" in message.get_body(("plain",)).get_content()
    lines = session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "email.sent")).all()
    assert len(lines) == 5
    permits = session.scalars(select(Permit)).all()
    assert [len(each.evidence) for each in permits] == [1] * 5


def test_the_waterfall_says_who_is_left_behind_and_why(session: Any, people: Any, now: datetime) -> None:
    crowd.say(people["ewa"][0], "ewa@example.com", "withdrawn", now - DAY)
    crowd.happened(people["jan"][0], "jan@example.com", "hard_bounced", now - DAY)
    nobody = crowd.known(now, "nobody@example.com")
    silent = crowd.known(now, fields={"given_name": "Zofia"})
    campaign = launched(people | {"nobody": nobody, "silent": silent}, now)
    falls = audience.waterfall(step for step, many in campaign.promised.items() for _ in range(many))
    assert [(fall.step, fall.lost, fall.left) for fall in falls if fall.lost or fall.step == "matched"] == [
        ("matched", 0, 7), ("no_address", 1, 6), ("undeliverable", 1, 5), ("no_consent", 1, 4), ("withdrawn", 1, 3),
    ]  # fmt: skip
    wire = crowd.Wire()
    crowd.work(wire, now)
    assert sorted(wire.carried) == ["anna@example.com", "olga@example.com", "piotr@example.com"]
    assert Counter(each.split()[0] for each in outcomes(session, campaign).values()) == {"skipped": 4, "sent": 3}


def test_a_withdrawal_in_the_middle_is_heeded(session: Any, people: Any, now: datetime) -> None:
    campaign = launched(people, now)
    campaigns.run(house=HOUSE, now=now)
    wire = crowd.Wire()
    crowd.send(wire, now, limit=2)
    left = [name for name in people if f"{name}@example.com" not in wire.carried]
    for name in left:
        crowd.say(people[name][0], f"{name}@example.com", "withdrawn", now)
    crowd.work(wire, now + timedelta(minutes=1))
    assert len(wire.carried) == 2
    assert Counter(outcomes(session, campaign).values()) == {"sent consent_given": 2, "stopped withdrawn": 3}


def test_pausing_takes_letters_back_and_resuming_sends_each_once(session: Any, people: Any, now: datetime) -> None:
    campaign = launched(people, now)
    campaigns.run(house=HOUSE, now=now)
    wire = crowd.Wire()
    crowd.send(wire, now, limit=2)
    campaigns.pause(campaign_id=campaign.id, now=now)
    crowd.work(wire, now)
    assert len(wire.carried) == 2
    with pytest.raises(launching.NotNow):
        campaigns.pause(campaign_id=campaign.id, now=now)
    campaigns.resume(campaign_id=campaign.id)
    crowd.work(wire, now)
    assert sorted(wire.carried) == sorted(f"{name}@example.com" for name in people)
    assert queries.get_campaign(campaign.id).state == "finished"


def test_cancelling_settles_everybody(session: Any, people: Any, now: datetime) -> None:
    campaign = launched(people, now)
    campaigns.run(house=HOUSE, now=now)
    wire = crowd.Wire()
    crowd.send(wire, now, limit=1)
    campaigns.cancel(campaign_id=campaign.id, now=now)
    crowd.work(wire, now)
    assert len(wire.carried) == 1
    assert Counter(outcomes(session, campaign).values()) == {"sent consent_given": 1, "cancelled cancelled": 4}


def test_the_cap_counts_what_other_campaigns_send(session: Any, people: Any, now: datetime) -> None:
    strict = HOUSE._replace(cap_messages=1)
    first = launched(people, now)
    second = crowd.draft(now, [people["anna"][1]])
    campaigns.launch(campaign_id=second.id, house=strict, by="ola", now=now)
    assert set(outcomes(session, second).values()) == {"skipped capped"}
    crowd.work(crowd.Wire(), now)
    assert len(outcomes(session, first)) == 5
    third = crowd.draft(now, [people["anna"][1]])
    campaigns.launch(campaign_id=third.id, house=strict, by="ola", now=now + 8 * DAY)
    assert set(outcomes(session, third).values()) == {"waiting consent_given"}


def test_nobody_is_written_to_at_night(session: Any, people: Any, now: datetime) -> None:
    night = HOUSE._replace(quiet_from=21, quiet_until=8)
    late = now.replace(hour=21, minute=30)  # 22:30 in Warsaw, 21:30 in London
    campaign = launched(people, late)
    campaigns.run(house=night, now=late)
    wire = crowd.Wire()
    assert crowd.send(wire, late, house=night).held == 5
    crowd.send(wire, late.replace(hour=7, minute=5) + DAY, house=night)
    assert sorted(wire.carried) == ["anna@example.com", "piotr@example.com"], "in London it is five past seven"
    crowd.send(wire, late.replace(hour=8, minute=0) + DAY, house=night)
    assert len(wire.carried) == 5
    assert set(outcomes(session, campaign).values()) == {"sent consent_given"}


def test_two_profiles_merged_meanwhile_get_one_message(session: Any, people: Any, now: datetime) -> None:
    campaign = launched(people, now)
    campaigns.run(house=HOUSE, now=now)
    wire = crowd.Wire()
    crowd.send(wire, now, limit=1)
    first = wire.carried[0].partition("@")[0]
    other = next(name for name in people if name != first)
    review.merge(profile_ids=[people[first][1], people[other][1]], by="marta", now=now)
    crowd.work(wire, now)
    assert len(wire.carried) == 4
    assert Counter(outcomes(session, campaign).values()) == {"sent consent_given": 4, "stopped already_received": 1}


def test_a_shared_address_gets_one_message(session: Any, people: Any, now: datetime) -> None:
    same = crowd.known(
        now, "anna@example.com", fields={"given_name": "Adam", "birth_date": "1960-01-01", "family_name": "Inny"}
    )
    campaign = launched(people | ({"same": same} if same[1] != people["anna"][1] else {}), now)
    crowd.work(crowd.Wire(), now)
    letters = session.scalars(select(Letter.to_address).where(Letter.subject_of == f"campaign:{campaign.id}")).all()
    assert len(letters) == len(set(letters)) == 5


def test_the_control_group_and_variants_are_drawn_the_same_way_again(session: Any, people: Any, now: datetime) -> None:
    more = dict(people)
    made = crowd.many(now, [((f"p{number}@example.com",), {}) for number in range(60)])
    for number, each in enumerate(made):
        crowd.say(each[0], f"p{number}@example.com", "given", now - DAY)
        more[f"p{number}"] = each
    pair = [crowd.template(now), crowd.template(now)]
    campaign = launched(more, now, control_percent=30, templates=pair, test_percent=50, decide_after_hours=2)
    rows = list(session.scalars(select(Recipient).where(Recipient.campaign_id == campaign.id)))
    control = {each.profile_id for each in rows if each.state == "control"}
    assert 8 <= len(control) <= 32
    assert {each.variant for each in rows if each.state == "waiting"} == {"A", "B", ""}
    again = launching.consider(campaign, [profile for _, profile in more.values()], house=HOUSE, now=now)
    assert {each.profile_id for each in again if each.step == "control"} == control
    wire = crowd.Wire()
    crowd.work(wire, now)
    tested = len(wire.carried)
    assert 0 < tested < 65 - len(control)
    crowd.work(wire, now + timedelta(hours=2, minutes=1))
    winner = queries.get_campaign(campaign.id).winner
    assert (winner["variant"], winner["significant"], winner["p_value"]) == ("A", False, 1.0)
    assert len(wire.carried) == 65 - len(control)


def test_what_was_scheduled_starts_by_itself(session: Any, people: Any, now: datetime) -> None:
    campaign = crowd.draft(now, [profile for _, profile in people.values()])
    launching.schedule(campaign_id=campaign.id, at=now + DAY, by="ola", now=now)
    wire = crowd.Wire()
    crowd.work(wire, now)
    assert wire.carried == []
    crowd.work(wire, now + DAY)
    assert len(wire.carried) == 5


def test_an_unknown_outcome_is_flagged_and_not_sent_again(session: Any, people: Any, now: datetime) -> None:
    campaign = launched(people, now)
    campaigns.run(house=HOUSE, now=now)

    def die(_: str) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crowd.send(crowd.Wire(die), now)
    session.rollback()
    session.execute(update(Letter).values(claimed_until=now - DAY))
    wire = crowd.Wire()
    crowd.work(wire, now)
    assert len(wire.carried) == 4
    assert Counter(each.split()[0] for each in outcomes(session, campaign).values()) == {"sent": 4, "unknown": 1}
