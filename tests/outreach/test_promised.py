"""Promised = sent: in simulated launches everybody considered has one outcome, and nobody without a permission a message.

`CRM360_LAUNCHES` says how many launches are tried (a few by default; a thousand take some minutes).
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm360.consents import stopping
from crm360.flows import campaigns, review
from crm360.flows.restricted import Locked
from crm360.identity import queries as identity
from crm360.kernel.smtp import Outcome
from crm360.outbox.models import Letter
from crm360.outreach import audience, queries
from crm360.outreach.models import Campaign, Recipient
from tests.outreach import crowd
from tests.outreach.crowd import HOUSE

LAUNCHES = int(os.environ.get("CRM360_LAUNCHES", "6"))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Simulation:
    """One launch: people, a campaign, and whatever happens while it runs. An oracle of its own knows who may be written to."""

    def __init__(self, seed: int, session: Any, now: datetime):
        self.random, self.session, self.now = random.Random(seed), session, now
        self.label = f"s{seed}"
        #: Address → whether it may be written to, as plain rules say.
        self.permitted: dict[str, bool] = {}
        self.stopped: set[int] = set()
        self.people: list[tuple[int, int, list[str]]] = []
        self.wire = crowd.Wire(self.answer)
        self.wrongs: list[str] = []

    def populate(self) -> None:
        size = self.random.randint(6, 14)
        addresses = [
            [f"{self.label}-{person}-{n}@example.com" for n in range(self.random.choice((0, 1, 1, 1, 2)))]
            for person in range(size)
        ]
        made = crowd.many(
            self.now - 20 * DAY,
            [(tuple(each), {"given_name": f"N{self.label}{n}"}) for n, each in enumerate(addresses)],
        )
        self.people = [(contact, profile, mine) for (contact, profile), mine in zip(made, addresses, strict=True)]
        for contact, _, mine in self.people:
            for address in mine:
                self.state_consent(contact, address)
                if self.random.random() < 0.1:
                    self.bounce(contact, address)

    def state_consent(self, contact: int, address: str) -> None:
        chosen = self.random.random()
        self.permitted[address] = chosen < 0.7
        if chosen < 0.7:
            crowd.say(contact, address, "given", self.now - 10 * DAY, self.random.choice("ABC"))
        elif chosen < 0.8:
            crowd.say(contact, address, "given", self.now - 10 * DAY, "D")
        elif chosen < 0.9:
            crowd.say(contact, address, "given", self.now - 10 * DAY, "A")
            crowd.say(contact, address, "withdrawn", self.now - 9 * DAY)

    def launch(self) -> Campaign:
        templates = [crowd.template(self.now) for _ in range(self.random.choice((1, 1, 2)))]
        self.house = HOUSE._replace(cap_messages=self.random.choice((1, 3)))
        profiles = [profile for _, profile, _ in self.people]
        if self.random.random() < 0.5:  # an earlier campaign uses up the cap of some
            earlier = crowd.draft(self.now, self.random.sample(profiles, len(profiles) // 2), templates=templates[:1])
            campaigns.launch(campaign_id=earlier.id, house=HOUSE, by="ola", now=self.now - DAY)
            crowd.work(self.wire, self.now - DAY)
        chosen = {
            "control_percent": self.random.choice((0, 20)),
            "test_percent": self.random.choice((100, 60)),
            "decide_after_hours": 1,
        }
        campaign = crowd.draft(self.now, profiles, templates=templates, **chosen)
        self.wire.carried.clear()
        return campaigns.launch(campaign_id=campaign.id, house=self.house, by="ola", now=self.now)

    def run(self, campaign: Campaign) -> None:
        for step in range(60):
            at = self.now + step * 5 * MINUTE
            if queries.get_campaign(campaign.id).state == "finished":
                return
            self.random.choice(self.acts)(campaign, at)
            self.session.commit()
            campaigns.run(house=self.house, now=at)
            self.session.commit()
            crowd.send(self.wire, at, limit=self.random.randint(1, 4), house=self.house)

    @property
    def acts(self) -> list[Callable[[Campaign, datetime], None]]:
        return [
            self.nothing,
            self.nothing,
            self.withdraw,
            self.withdraw,
            self.bounce_one,
            self.merge,
            self.rest,
            self.restrict,
            self.agree_late,
        ]

    def nothing(self, campaign: Campaign, at: datetime) -> None:
        """Time passes."""

    def withdraw(self, campaign: Campaign, at: datetime) -> None:
        contact, address = self.somebody()
        crowd.say(contact, address, "withdrawn", at)
        self.permitted[address] = False

    def agree_late(self, campaign: Campaign, at: datetime) -> None:
        """Who was not permitted at launch is not written to because of a later yes: nothing promised that."""
        contact, address = self.somebody()
        if not self.permitted[address]:
            crowd.say(contact, address, "given", at, "D")

    def bounce_one(self, campaign: Campaign, at: datetime) -> None:
        self.bounce(*self.somebody(), at)

    def bounce(self, contact: int, address: str, at: datetime | None = None) -> None:
        crowd.happened(
            contact,
            address,
            self.random.choice(("hard_bounced", "complained", "unsubscribed")),
            at or self.now - 5 * DAY,
        )
        self.permitted[address] = False

    def restrict(self, campaign: Campaign, at: datetime) -> None:
        contact, _ = self.somebody()
        stopping.place(contact_ids=[contact], kind="restriction", since=at, ground="asked", by="jan", now=at)
        self.stopped.add(contact)

    def merge(self, campaign: Campaign, at: datetime) -> None:
        one, other = (identity.current(profile) for _, profile, _ in self.random.sample(self.people, 2))
        if one != other:
            with suppress(Locked):  # nobody joins by hand whose data are restricted
                review.merge(profile_ids=[one, other], by="marta", now=at)

    def rest(self, campaign: Campaign, at: datetime) -> None:
        if queries.get_campaign(campaign.id).state == "running":
            campaigns.pause(campaign_id=campaign.id, now=at)
            campaigns.resume(campaign_id=campaign.id)

    def somebody(self) -> tuple[int, str]:
        contact, _, mine = self.random.choice(
            [each for each in self.people if each[2]] or [(0, 0, ["none@example.com"])]
        )
        return contact, self.random.choice(mine)

    def answer(self, recipient: str) -> Outcome:
        """The mail server: asks the oracle, then answers as servers do."""
        holder = next(contact for contact, _, mine in self.people if recipient in mine)
        theirs = set(identity.profile_ids(self.stopped).values())
        if not self.permitted[recipient] or identity.profile_ids([holder])[holder] in theirs:
            self.wrongs.append(recipient)
        chosen = self.random.random()
        if chosen < 0.8:
            return Outcome("sent", 250, "queued")
        return Outcome("refused", 550, "no") if chosen < 0.9 else Outcome("unknown", 0, "TimeoutError")


@pytest.mark.parametrize("launch", range(LAUNCHES))
def test_promised_is_sent(session: Any, now: datetime, plain_model: None, launch: int) -> None:
    simulation = Simulation(launch, session, now)
    simulation.populate()
    campaign = simulation.launch()
    promised = audience.waterfall(step for step, many in campaign.promised.items() for _ in range(many))[-1].left
    simulation.run(campaign)
    session.expire_all()
    rows = list(session.scalars(select(Recipient).where(Recipient.campaign_id == campaign.id)))
    counted = Counter(each.state for each in rows)
    assert queries.get_campaign(campaign.id).state == "finished"
    assert len(rows) == len({each.profile_id for each in rows}) == len(simulation.people), "one row for everybody"
    assert set(counted) <= {"skipped", "control", "sent", "refused", "unknown", "stopped"}
    assert simulation.wrongs == [], "nobody without a permission"
    assert len(simulation.wire.carried) == len(set(simulation.wire.carried)), "nobody twice"
    left = counted["sent"] + counted["refused"] + counted["unknown"]
    assert left == len(simulation.wire.carried), "what is told is what the mail server saw"
    assert promised == left + counted["stopped"], "the last number of the waterfall, and those stopped in between"
    assert all(each.reason for each in rows if each.state in ("skipped", "stopped", "control"))
    assert {each.contact_id for each in rows if each.state == "sent"} <= set(session.scalars(select(Letter.contact_id)))
