"""What came of a campaign: opens and clicks through the real door, mail events, purchases against the control group."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from sqlalchemy import select

from crm360.commerce import operations as commerce
from crm360.consents import operations as consents
from crm360.facts import ConsentStated, ContactRef, Identifier, MailingEvent, OrderPlaced, Received
from crm360.flows import campaigns
from crm360.kernel import clock
from crm360.outbox.models import Letter
from crm360.outreach import happenings, judging, queries, results
from crm360.outreach.models import Campaign, Recipient
from tests.outreach import crowd

READER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130 Safari/537.36"
DAY = timedelta(days=1)


@pytest.fixture
def house(app: Any) -> Any:
    """The house whose links the running application opens."""
    return crowd.HOUSE._replace(key=app.config["SECRET_KEY"], public_url="")


@pytest.fixture
def sent(session: Any, house: Any, plain_model: None) -> tuple[Campaign, dict[str, Any], list[tuple[int, int]]]:
    """A campaign that went to two of forty; the rest is the control group, by weight of the draw."""
    at = clock.now() - 3 * DAY
    made = crowd.many(at - 30 * DAY, [((f"r{number}@example.com",), {"country": "PL"}) for number in range(40)])
    for number, (contact, _) in enumerate(made):
        crowd.say(contact, f"r{number}@example.com", "given", at - 20 * DAY)
    campaign = crowd.draft(at, [profile for _, profile in made], control_percent=50)
    campaigns.launch(campaign_id=campaign.id, house=house, by="ola", now=at)
    wire = crowd.Wire()
    crowd.work(wire, at, house=house)
    mails = {
        to: message_from_bytes(raw, policy=policy.default) for to, raw in zip(wire.carried, wire.messages, strict=True)
    }
    session.commit()
    return campaign, mails, made


def address(mail: Any, kind: str) -> str:
    found = re.search(rf'"(/{kind}/[^"]+)"', mail.get_body(("html",)).get_content())
    assert found
    return found[1]


def test_a_click_leads_to_the_stored_address_and_is_counted(client: Any, session: Any, sent: Any) -> None:
    campaign, mails, _ = sent
    first, second, *_ = mails.values()
    answer = client.get(address(first, "c"), headers={"User-Agent": READER})
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://shop.example/coffee")
    client.get(address(first, "c"), headers={"User-Agent": READER})
    client.get(address(first, "o"), headers={"User-Agent": READER})
    assert client.get(address(second, "o"), headers={"User-Agent": "Mozilla/5.0"}).data.startswith(b"GIF89a")
    client.head(address(second, "c"), headers={"User-Agent": READER})
    did = results.happened(campaign.id)[""]
    assert did == {"clicked": (1, 1), "opened": (1, 1)}
    assert client.get(address(first, "c").replace("/c/W", "/c/X")).status_code == 404, "a changed link leads nowhere"
    assert client.get("/c/https://evil.example").status_code == 404


def test_one_click_in_a_campaign_is_counted_and_stops_the_next(
    client: Any, session: Any, sent: Any, house: Any
) -> None:
    campaign, mails, made = sent
    mail = next(iter(mails.values()))
    path = mail["List-Unsubscribe"].strip("<>")
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert results.happened(campaign.id)[""]["unsubscribed"] == (1, 0)
    after = crowd.draft(clock.now(), [profile for _, profile in made])
    launched = campaigns.launch(campaign_id=after.id, house=house, by="ola", now=clock.now())
    assert launched.promised["withdrawn"] == 1
    summary = judging.judge(queries.get_campaign(campaign.id), now=clock.now())
    assert (summary.sent, summary.then, summary.known_now, summary.today) == (
        len(mails),
        len(mails),
        len(mails),
        len(mails) - 1,
    )


def test_what_is_told_later_changes_what_a_past_send_looks_like(session: Any, sent: Any) -> None:
    campaign, mails, made = sent
    to = next(iter(mails))
    contact = made[int(to[1:].partition("@")[0])][0]
    fact = ConsentStated(
        ref=ContactRef("shop", "x"), identifier=Identifier("email", to), purpose="marketing", channel="email",
        state="withdrawn", occurred_at=clock.now() - 10 * DAY, source="import", evidence_grade="B",
    )  # fmt: skip
    consents.record_statements(received=[Received(contact, None, fact)], now=clock.now())
    summary = judging.judge(campaign, now=clock.now())
    assert summary.then == len(mails)
    assert summary.known_now == len(mails) - 1
    assert [each.known_now.reason for each in summary.changed] == ["withdrawn"]


def test_events_of_who_carries_mail_find_their_recipient(session: Any, sent: Any) -> None:
    campaign, _, _ = sent
    letter = session.scalar(select(Letter).order_by(Letter.id))
    facts = [
        MailingEvent(ref=ContactRef("esp", "x"), source="esp", address=letter.to_address, kind=kind, occurred_at=clock.now(),
                     event_id=f"e{kind}", message_id=f"<{letter.message_id}>", automatic=kind == "opened")
        for kind in ("delivered", "opened", "complained", "deferred")
    ]  # fmt: skip
    received = [Received(1, None, fact) for fact in facts]
    for _ in range(2):
        happenings.record_mailings(received=received, now=clock.now())
    assert results.happened(campaign.id)[""] == {"delivered": (1, 0), "opened": (0, 1), "complained": (1, 0)}


def buy(contact: int, number: str, at: datetime, **said: Any) -> None:
    fact = OrderPlaced(**{
        "ref": ContactRef("shop", "x"), "source": "shop", "external_id": number, "number": number, "placed_at": at,
        "updated_at": at, "currency": "PLN", "total_minor": 10000, **said,
    })  # fmt: skip
    commerce.record_orders(received=[Received(contact, None, fact)], now=at)


def test_purchases_in_shop_and_store_within_the_window_and_the_lift(session: Any, sent: Any) -> None:
    campaign, _, _ = sent
    rows = list(session.scalars(select(Recipient).where(Recipient.campaign_id == campaign.id).order_by(Recipient.id)))
    written = [each for each in rows if each.state == "sent"]
    control = [each for each in rows if each.state == "control"]
    assert len(written) >= 10
    assert len(control) >= 10
    at = campaign.launched_at + DAY
    for number, each in enumerate(written[:6]):
        buy(each.contact_id, f"shop-{number}", at)
    buy(written[6].contact_id, "store-1", at, store="Kraków", channel="pos")
    buy(written[7].contact_id, "too-late", campaign.launched_at + 8 * DAY)
    buy(written[8].contact_id, "before", campaign.launched_at - DAY)
    buy(written[9].contact_id, "called-off", at, status="cancelled")
    buy(control[0].contact_id, "control-1", at)
    sold = results.sales(campaign)
    effect = results.effect(campaign, sold)
    assert effect is not None
    assert (effect.sent.share.hits, effect.sent.shop, effect.sent.store, effect.sent.revenue_minor) == (7, 6, 1, 70000)
    assert (effect.control.share.hits, effect.control.revenue_minor) == (1, 10000)
    assert effect.lift.value == pytest.approx(7 / len(written) - 1 / len(control))
    assert effect.lift.low < effect.lift.value < effect.lift.high
    assert effect.revenue is not None
    assert effect.revenue.value == pytest.approx(70000 / len(written) - 10000 / len(control))
    [whole] = results.lines(campaign, sold)
    assert (whole.sent, whole.bought.hits) == (len(written), 7)


@pytest.mark.parametrize(
    ("agent", "after", "machine"),
    [
        (READER, timedelta(minutes=5), False),
        (READER, timedelta(seconds=1), True),
        ("Mozilla/5.0", timedelta(hours=1), True),
        ("", timedelta(hours=1), True),
        ("Mozilla/5.0 (compatible; Barracuda Sentinel)", timedelta(hours=1), True),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", timedelta(hours=1), False),
    ],
)  # fmt: skip
def test_machines_are_told_from_readers(agent: str, after: timedelta, machine: bool) -> None:
    assert happenings.by_machine(agent, after=after) is machine
