"""kill -9 of the sender in the middle of a campaign: nobody gets the message twice, and what is unknown is said to be."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from crm360.app import create_app
from crm360.flows import campaigns
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.outbox.models import Letter
from crm360.outreach import plan
from crm360.outreach.models import Recipient
from tests.mail_servers import HoldingSink, holding, sent_through
from tests.outreach import crowd
from tests.processes import PATIENCE_SECONDS, Instance, Process, wait_until

pytestmark = [pytest.mark.server]

PEOPLE, HELD = 12, 5
#: What the worker does for campaigns, once each.
SENDER = """
from wsgi import app
from crm360.jobs import run_campaigns, send_letters
from crm360.jobs.job import Job, perform
from datetime import timedelta
with app.app_context():
    for job in (run_campaigns, send_letters, run_campaigns):
        perform(Job("once", job.run, every=timedelta(1)), limits=app.config["SETTINGS"])
"""


@pytest.fixture
def sink() -> Iterator[tuple[HoldingSink, int]]:
    with holding(HoldingSink(hold_at=HELD)) as served:
        yield served


def test_a_killed_sender_sends_nothing_twice(instance: Instance, sink: tuple[HoldingSink, int]) -> None:
    taking, port = sink
    instance.extra |= sent_through(port)
    app = create_app(instance.settings())
    with app.app_context():
        number = launched(plan.house(instance.settings()))
        sender = Process("sender", [sys.executable, "-c", SENDER], instance).start()
        wait_until(taking.holding.is_set, what="the fifth message")
        sender.kill()
        taking.go_on.set()
        db.session.execute(update(Letter).values(claimed_until=clock.now() - timedelta(seconds=1)))
        db.session.commit()
        again = Process("sender", [sys.executable, "-c", SENDER], instance).start()
        assert again.popen is not None
        assert again.popen.wait(PATIENCE_SECONDS) == 0, again.log.read_text()[-2000:]
        rows = list(db.session.scalars(select(Recipient).where(Recipient.campaign_id == number)))
        letters = set(db.session.scalars(select(Letter.state)))
        db.session.remove()
        db.engine.dispose()
    assert Counter(each.state for each in rows) == {"sent": PEOPLE - 1, "unknown": 1}
    assert letters == {"sent", "unknown"}
    assert len(taking.taken) == len(set(taking.taken)) == PEOPLE
    assert not re.search(r"example\.com", again.log.read_text()), "no address in the logs"


def launched(house: plan.House) -> int:
    now = clock.now()
    made = crowd.many(now - timedelta(days=3), [((f"k{number}@example.com",), {}) for number in range(PEOPLE)])
    for number, (contact, _) in enumerate(made):
        crowd.say(contact, f"k{number}@example.com", "given", now - timedelta(days=2))
    campaign = crowd.draft(now, [profile for _, profile in made])
    campaigns.launch(campaign_id=campaign.id, house=house, by="ola", now=now)
    db.session.commit()
    return int(campaign.id)
