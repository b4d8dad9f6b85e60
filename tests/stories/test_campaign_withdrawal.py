"""People unsubscribe by one click while a campaign is on its way: not one message more leaves to them, and none without a basis."""

from __future__ import annotations

import email
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm360.app import create_app
from crm360.consents import definitions
from crm360.evidence import sends
from crm360.flows import campaigns
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.outbox.models import Letter
from crm360.outreach import plan
from tests.mail_servers import HoldingSink, holding, sent_through
from tests.outreach import crowd
from tests.processes import PATIENCE_SECONDS, Instance, Process, wait_until
from tests.stories.test_campaign_crash import SENDER

pytestmark = [pytest.mark.server]

PEOPLE, HELD = 12, 4


class Sink(HoldingSink):
    """It also keeps recipient → the message's own link to unsubscribe."""

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, str] = {}

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        [recipient] = envelope.rcpt_tos
        said = email.message_from_bytes(envelope.content)
        assert said["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        self.links[recipient] = re.search(r"<(https?://[^>]+)>", said["List-Unsubscribe"].replace("\r\n ", ""))[1]  # type: ignore[index]
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    with holding(Sink()) as served:
        yield served


def test_one_click_in_the_middle_stops_what_has_not_left(instance: Instance, sink: tuple[Sink, int]) -> None:
    taking, port = sink
    instance.extra |= sent_through(port)
    app = create_app(instance.settings())
    with app.app_context():
        now, house = clock.now(), plan.house(instance.settings())
        addresses = [f"k{number}@example.com" for number in range(PEOPLE)]
        made = crowd.many(now - timedelta(days=3), [((address,), {}) for address in addresses])
        for address, (contact, _) in zip(addresses, made, strict=True):
            crowd.say(contact, address, "given", now - timedelta(days=2))
        profiles = [profile for _, profile in made]
        launch(profiles, house)
        finished(send(instance, "first"))
        assert sorted(taking.taken) == sorted(addresses)

        taking.taken.clear()
        taking.hold_at = HELD
        launch(profiles, house)
        sender = send(instance, "second")
        wait_until(taking.holding.is_set, what="the fourth message of the second campaign")
        gone = set(taking.taken)
        leaving = sorted(set(addresses) - gone)[::2]
        for address in leaving:
            link = "/" + taking.links[address].split("/", 3)[3]
            assert app.test_client().get(link).status_code == 200, "looking changes nothing"
            answer = app.test_client().post(link, data={"List-Unsubscribe": "One-Click"})
            assert answer.status_code == 200
        taking.go_on.set()
        finished(sender)
        finished(send(instance, "third"))
        assert set(taking.taken) == set(addresses) - set(leaving)
        assert len(taking.taken) == len(set(taking.taken))
        states = dict(
            db.session.execute(select(Letter.to_address, Letter.reason).where(Letter.state == "stopped")).all()
        )
        assert sorted(states) == leaving
        purposes = definitions.catalogue(now=clock.now())
        assert sends.without_basis(purposes=purposes, since=now - timedelta(days=1)) == []
        assert sends.count_left(since=now - timedelta(days=1)) == 2 * PEOPLE - len(leaving)
        db.session.remove()
        db.engine.dispose()


def send(instance: Instance, name: str) -> Process:
    return Process(name, [sys.executable, "-c", SENDER], instance).start()


def finished(sender: Process) -> None:
    assert sender.popen is not None
    assert sender.popen.wait(PATIENCE_SECONDS) == 0, sender.log.read_text()[-2000:]
    db.session.rollback()


def launch(profiles: list[int], house: plan.House) -> None:
    now = clock.now()
    campaign = crowd.draft(now, profiles)
    campaigns.launch(campaign_id=campaign.id, house=house, by="ola", now=now)
    db.session.commit()
