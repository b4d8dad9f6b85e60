"""What the demo's marketer did: usual segments, a message in two languages, a campaign of last month with what came of it, a draft.

The campaign goes the way of every campaign; only the mail server is one that takes everything and delivers nothing.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy import select

from crm360.demo.staff import SIGN_INS
from crm360.flows import campaigns
from crm360.jobs import posting
from crm360.kernel.db import db
from crm360.outbox.models import Letter
from crm360.outreach import happenings, launching, leaving, queries, writing
from crm360.outreach.models import Campaign, Link, Recipient
from crm360.outreach.plan import House
from crm360.segments import operations
from crm360.segments import queries as segments
from crm360.segments.templates import TEMPLATES

_BY = next(each.name for each in SIGN_INS if each.role == "marketing")
_SENDER = posting.Sender("shop@demo.example", "Lipowa & Oak", lambda message: message)
#: When the campaign left, before the last day: in the shop's morning.
_LEFT = timedelta(days=24) - timedelta(hours=9)
#: Readers of all the world are awake within so many rounds of two hours.
_ROUNDS = 12
_READER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130 Safari/537.36"
_BUYERS = {
    "match": {
        "group": "all",
        "of": [{"if": "did", "what": {"event": "order"}, "op": "at_least", "n": 1, "when": {"kind": "last", "span": {"n": 365}}}],
    }
}  # fmt: skip
_WORDS = {
    "pl": {
        "subject": "Nowa kawa{% if person.vocative %}, {{ person.vocative }}{% endif %}: Gwatemala z jesiennych zbiorów",
        "html": '<p>Dzień dobry{% if person.vocative %}, {{ person.vocative }}{% endif %}!</p>'
        '<p>Przyjechała Gwatemala Antigua: czekolada, pomarańcza, mało kwasu. <a href="https://lipowa.example/kawa">Zobacz kawę</a>.</p>',
    },
    "en": {
        "subject": "New coffee: Guatemala of the autumn harvest",
        "html": '<p>Good morning{% if person.given_name %}, {{ person.given_name }}{% endif %}!</p>'
        '<p>Guatemala Antigua has come: chocolate, orange, little acid. <a href="https://lipowa.example/coffee">See the coffee</a>.</p>',
    },
}  # fmt: skip


def plan(*, anchor: datetime, house: House) -> None:
    """Segments, the message, the campaign and the draft; again changes nothing. Commits: letters leave one by one."""
    if segments.names():
        return
    began = anchor - timedelta(days=60)
    for code in ("champions", "at-risk", "cart-abandoned"):
        each = TEMPLATES[code]
        operations.create(name=each.name.pl, description=each.why.pl, rule=dict(each.rule), by=_BY, now=began)
    buyers = operations.create(name="Kupili w ostatnim roku", rule=_BUYERS, by=_BY, now=began)
    template = writing.write_template(template_id=None, name="Nowa kawa", contents=_WORDS, by=_BY, now=began)
    sent = _draft("Jesienna kawa", buyers.id, template.id, began, control_percent=20, conversion_days=14)
    _leave(sent, anchor - _LEFT, house)
    _react(sent, anchor - _LEFT)
    _draft("Prezenty na święta", buyers.id, template.id, anchor - timedelta(days=1), control_percent=10)


def _draft(name: str, segment: int, template: int, now: datetime, **chosen: int) -> Campaign:
    audience = {"kind": "segment", "segment_id": segment}
    return launching.draft(
        campaign_id=None, name=name, purpose="marketing", audience_=audience, templates=[template], chosen=chosen, by=_BY, now=now,
    )  # fmt: skip


def _leave(campaign: Campaign, at: datetime, house: House) -> None:
    campaigns.launch(campaign_id=campaign.id, house=house, by=_BY, now=at)
    for number in range(_ROUNDS):
        now = at + timedelta(hours=2 * number)
        while campaigns.run(house=house, now=now) + _send(now, house):
            db.session.commit()
        if queries.get_campaign(campaign.id).state == "finished":
            break


def _send(now: datetime, house: House) -> int:
    def hold(letters: object, moment: datetime) -> dict[int, leaving.Held]:
        return leaving.holds(letters, moment, house=house)  # type: ignore[arg-type]

    sent = posting.send_due(carry=posting.nowhere, sender=_SENDER, clock=lambda: now, hold=hold)
    return sent.total


def _react(campaign: Campaign, at: datetime) -> None:
    """Half open it within two days, some click, a few have enough."""
    chance = random.Random(361)
    links = list(db.session.scalars(select(Link).where(Link.campaign_id == campaign.id).order_by(Link.id)))
    query = select(Recipient).join(Letter, Letter.id == Recipient.letter_id).where(Recipient.campaign_id == campaign.id)
    for recipient in db.session.scalars(query.where(Recipient.state == "sent").order_by(Recipient.id)).all():
        read = (recipient.settled_at or at) + timedelta(minutes=chance.randint(10, 2_880))
        drawn = chance.random()
        if drawn < 0.48:
            happenings.note_opened(recipient=recipient, user_agent=_READER, now=read)
        if drawn < 0.16 and links:
            link = chance.choice(links)
            happenings.note_clicked(recipient=recipient, link_id=link.id, url=link.url, user_agent=_READER, now=read + timedelta(minutes=1))  # fmt: skip
        if drawn > 0.985:
            happenings.note_unsubscribed(recipient=recipient, now=read)
    db.session.commit()
