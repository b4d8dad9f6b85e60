"""What a campaign came to: delivery, reading, purchases in shop and store, against those left out. Nothing is guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Integer, cast, func, select, update
from sqlalchemy.orm import aliased

from crm360.commerce.models import Order
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.outreach import lift, plan
from crm360.outreach.lift import Difference, Share
from crm360.outreach.models import Campaign, Happening, Link, Recipient

STORE_CHANNELS = frozenset({"pos", "store"})


class Did(NamedTuple):
    """Recipients by what they did; `by_machine`: of whom only machines did it."""

    people: int
    by_machine: int


class Sale(NamedTuple):
    """A purchase within the window of one recipient's message."""

    recipient_id: int
    where: str
    currency: str
    minor: int


class Group(NamedTuple):
    """Those a message was sent to, or those left out: how many bought, and for how much per head."""

    share: Share
    shop: int
    store: int
    revenue_minor: int
    per_head: list[float]


class Effect(NamedTuple):
    """What the message changed: `lift` of the share that bought, `revenue` per head in minor units of `currency`."""

    currency: str
    sent: Group
    control: Group
    lift: Difference
    revenue: Difference | None


class Line(NamedTuple):
    """One variant, or the whole campaign."""

    variant: str
    sent: int
    did: Mapping[str, Did]
    bought: Share


def happened(campaign_id: int) -> dict[str, dict[str, Did]]:
    """Variant ("" all of them) → kind → how many recipients did it."""
    only_machines = func.min(cast(Happening.automatic, Integer))
    query = select(Recipient.variant, Happening.kind, Recipient.id, only_machines)
    query = query.join(Happening, Happening.recipient_id == Recipient.id).where(Recipient.campaign_id == campaign_id)
    counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for variant, kind, _, machines_only in db.session.execute(
        query.group_by(Recipient.variant, Happening.kind, Recipient.id)
    ):
        for which in {variant, ""}:
            counted[which, kind][1 if machines_only else 0] += 1
    found: dict[str, dict[str, Did]] = defaultdict(dict)
    for (variant, kind), (people, machines) in counted.items():
        found[variant][kind] = Did(people, machines)
    return dict(found)


def sales(campaign: Campaign) -> list[Sale]:
    """Purchases of recipients and of those left out, within the campaign's window, each counted once."""
    days = timedelta(days=plan.kept(campaign.settings).conversion_days)
    owner, buyer = aliased(Contact), aliased(Contact)
    query = (
        select(
            Recipient.id, Recipient.state, Recipient.settled_at, Recipient.due_at, Order.id, Order.placed_at,
            Order.channel, Order.store, Order.currency, Order.total_minor - Order.refunded_minor,
        )
        .join(owner, owner.id == Recipient.contact_id)
        .join(buyer, buyer.profile_id == owner.profile_id)
        .join(Order, Order.contact_id == buyer.id)
        .where(Recipient.campaign_id == campaign.id, Recipient.state.in_(("sent", "control")))
        .where(Order.kind == "sale", Order.status.not_in(("cancelled", "announced")), Order.placed_at >= campaign.launched_at)
        .order_by(Order.id, Recipient.state.desc(), Recipient.id)
    )  # fmt: skip
    found: dict[int, Sale] = {}
    for (
        recipient_id,
        state,
        settled_at,
        due_at,
        order_id,
        placed_at,
        channel,
        store,
        currency,
        minor,
    ) in db.session.execute(query):
        start = due_at if state == "control" else settled_at
        if start and start <= placed_at < start + days:
            where = "store" if store or channel in STORE_CHANNELS else "shop"
            found.setdefault(order_id, Sale(recipient_id, where, currency, int(minor)))
    return list(found.values())


def effect(campaign: Campaign, sold: Sequence[Sale]) -> Effect | None:
    """The sent against the control group; None without a control group or before anything was sent."""
    members = _members(campaign.id)
    if not members["sent"] or not members["control"]:
        return None
    currency = _main_currency(sold)
    sent, control = (_group(members[state], sold, currency) for state in ("sent", "control"))
    return Effect(
        currency, sent, control, lift.shares_differ(sent.share, control.share),
        lift.means_differ(sent.per_head, control.per_head),
    )  # fmt: skip


def lines(campaign: Campaign, sold: Sequence[Sale]) -> list[Line]:
    """The whole campaign first, then its variants."""
    did = happened(campaign.id)
    by_variant: dict[str, set[int]] = defaultdict(set)
    for recipient_id, variant in db.session.execute(
        select(Recipient.id, Recipient.variant).where(Recipient.campaign_id == campaign.id, Recipient.state == "sent")
    ):
        by_variant[variant].add(recipient_id)
        by_variant[""].add(recipient_id)
    buyers = {each.recipient_id for each in sold}
    keys = ["", *(each["key"] for each in campaign.variants)] if len(campaign.variants) > 1 else [""]
    return [
        Line(
            key, len(by_variant[key]), did.get(key, {}), lift.share(len(buyers & by_variant[key]), len(by_variant[key]))
        )
        for key in keys
    ]


def clicks(campaign_id: int) -> list[tuple[str, int]]:
    """Address → how many people followed it, the most followed first."""
    query = (
        select(Link.url, func.count(func.distinct(Happening.recipient_id)))
        .join(Happening, (Happening.link_id == Link.id) & Happening.automatic.is_(False))
        .where(Link.campaign_id == campaign_id)
        .group_by(Link.url)
    )
    return sorted(((url, int(count)) for url, count in db.session.execute(query)), key=lambda each: (-each[1], each[0]))


def decide_winner(*, campaign: Campaign, now: datetime) -> int:
    """When a test has run its time, give the others the variant that did best; returns how many got it.

    The rule decides whatever chance says; whether the difference is significant is kept beside it.
    """
    waits = campaign.winner.get("decide_at")
    if not waits or campaign.winner.get("variant") or datetime.fromisoformat(waits) > now:
        return 0
    by = plan.kept(campaign.settings).winner_by
    figures = _figures(campaign, by)
    best, *others = sorted(figures, key=lambda key: (-figures[key].share, key))
    p_value = min((lift.p_value(figures[best], figures[other]) for other in others), default=1.0)
    p_value = min(1.0, p_value * max(1, len(others)))
    campaign.winner = campaign.winner | {
        "variant": best, "by": by, "decided_at": now.isoformat(), "p_value": p_value,
        "significant": p_value < lift.SIGNIFICANT,
        "figures": {key: [each.hits, each.total] for key, each in figures.items()},
    }  # fmt: skip
    rest = update(Recipient).where(Recipient.campaign_id == campaign.id, Recipient.variant == "")
    rest = rest.where(Recipient.state == "waiting").values(variant=best)
    return int(db.session.execute(rest.execution_options(synchronize_session=False)).rowcount)


def _figures(campaign: Campaign, by: str) -> dict[str, Share]:
    every = lines(campaign, sales(campaign))
    per_variant = [each for each in every if each.variant]
    if by == "converted":
        return {each.variant: each.bought for each in per_variant}
    return {each.variant: lift.share(each.did.get(by, Did(0, 0)).people, each.sent) for each in per_variant}


def _members(campaign_id: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {"sent": [], "control": []}
    query = select(Recipient.state, Recipient.id).where(Recipient.campaign_id == campaign_id)
    for state, recipient_id in db.session.execute(query.where(Recipient.state.in_(("sent", "control")))):
        found[state].append(recipient_id)
    return found


def _main_currency(sold: Iterable[Sale]) -> str:
    spent: dict[str, int] = defaultdict(int)
    for each in sold:
        spent[each.currency] += 1
    return max(spent, key=lambda each: spent[each], default="")


def _group(members: Sequence[int], sold: Sequence[Sale], currency: str) -> Group:
    mine = set(members)
    theirs = [each for each in sold if each.recipient_id in mine]
    spent: dict[int, int] = defaultdict(int)
    for each in theirs:
        if each.currency == currency:
            spent[each.recipient_id] += each.minor
    buyers = {each.recipient_id for each in theirs}
    counts = {where: len({each.recipient_id for each in theirs if each.where == where}) for where in ("shop", "store")}
    return Group(
        lift.share(len(buyers), len(mine)), counts["shop"], counts["store"], sum(spent.values()),
        [float(spent.get(each, 0)) for each in members],
    )  # fmt: skip
