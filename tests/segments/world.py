"""A small world drawn by chance: plain rows a test knows by heart, and the same written into the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select

from crm360.commerce.models import CustomerValue, Line, Order
from crm360.consents.models import Statement, Stop
from crm360.identity.models import Contact, ContactIdentifier, Profile
from crm360.kernel.db import db
from crm360.profiles.models import GoldenRecord, Tag, TimelineEntry

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KINDS = ("cart.added", "page.viewed", "email.opened", "custom.wizyta", "review.written")
CATEGORIES = ("coffee", "Tea", "ŁYŻKI", "")
CITIES = ("Kraków", "KRAKÓW", "Łódź", "Warszawa", "")
BIRTHS = ("1990-03-02", "1990-03-01", "2000-02-29", "1988-02-28", "1979-12-31", "2008-03-05", "", "1990")
STOPS = ("restriction", "objection_marketing", "minor")


@dataclass
class Event:
    contact: int
    kind: str
    at: datetime
    properties: dict[str, Any]


@dataclass
class Bought:
    contact: int
    kind: str
    status: str
    at: datetime
    channel: str
    currency: str
    total_minor: int
    refunded_minor: int
    lines: list[tuple[str, str, str]]


@dataclass
class World:
    """Whose contact is whose, and all that is known; everything keyed by contact or profile id."""

    profile_of: dict[int, int | None] = field(default_factory=dict)
    golden: dict[int, dict[str, str]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    orders: list[Bought] = field(default_factory=list)
    tags: list[tuple[int, str]] = field(default_factory=list)
    labels: list[tuple[int, str]] = field(default_factory=list)
    identifiers: list[tuple[int, str, str]] = field(default_factory=list)
    statements: list[tuple[str, str, str]] = field(default_factory=list)  # address, purpose, state
    stops: list[tuple[int, str, datetime, datetime | None]] = field(default_factory=list)
    values: dict[int, dict[str, Any]] = field(default_factory=dict)
    points: dict[int, Any] = field(default_factory=dict)  # contact → as its source writes it

    def stops_on(self, contact: int) -> bool:
        """Whether the person of this contact bears a stop."""
        return any(self.profile_of[each] == self.profile_of[contact] for each, *_ in self.stops)


def moment(random: Random) -> datetime:
    """Somewhere in the last 60 days, now and then at an edge of a window, seldom still to come."""
    if random.random() < 0.3:
        return NOW - timedelta(days=random.choice((0, 1, 2, 7, 30)))
    return NOW - timedelta(minutes=random.randrange(-1440, 60 * 1440))


def draw(random: Random, people: int = 12) -> World:
    """A world that is written into the database as it is drawn."""
    world = World()
    db.session.add_all([Profile(created_at=NOW) for _ in range(people)])
    db.session.flush()
    profiles = list(db.session.scalars(select(Profile.id).order_by(Profile.id.desc()).limit(people)))
    for number in range(people * 2):
        profile = profiles[number] if number < people else random.choice([None, *profiles])
        add_contact(world, profile, f"{profiles[0]}-{number}")
    for profile in profiles:
        add_golden(world, profile, random)
    contacts = list(world.profile_of)
    for _ in range(people * 12):
        add_event(world, random.choice(contacts), random)
    for _ in range(people * 3):
        add_order(world, random.choice(contacts), random)
    for _ in range(people):
        add_tag(world, random.choice(contacts), random.choice(("VIP", "vip", "Żółty", "new")))
        add_label(world, random.choice(contacts), random.choice(("Hurt", "łódź", "VIP", "")))
        add_identifier(world, random.choice(contacts), random)
        add_points(world, random.choice(contacts), random)
    for _, kind, normal in world.identifiers:
        if kind == "email" and random.random() < 0.8:
            add_statement(world, normal, random.choice(("given", "given", "withdrawn")), random)
    for profile in random.sample(profiles, 3):
        contact = next(each for each, whose in world.profile_of.items() if whose == profile)
        until = random.choice((None, NOW, NOW + timedelta(hours=5)))
        add_stop(world, contact, random.choice(STOPS), NOW - timedelta(days=random.randrange(3)), until)
    return world


def add_contact(world: World, profile: int | None, external_id: str) -> int:
    seen = {"first_seen_at": NOW, "last_seen_at": NOW, "created_at": NOW}
    contact = Contact(source="till", external_id=external_id, profile_id=profile, anonymous=profile is None, **seen)
    db.session.add(contact)
    db.session.flush()
    world.profile_of[contact.id] = profile
    return contact.id


def add_golden(world: World, profile: int, random: Random) -> None:
    said = {
        "city": random.choice(CITIES),
        "birth_date": random.choice(BIRTHS),
        "country": random.choice(("PL", "DE", "")),
    }
    world.golden[profile] = {name: value for name, value in said.items() if value}
    fields = {name: {"value": value} for name, value in world.golden[profile].items()}
    db.session.add(GoldenRecord(profile_id=profile, display_name=f"P{profile}", fields=fields, refreshed_at=NOW))
    if random.random() < 0.7:
        value = {"orders": random.randrange(4), "spend_minor": random.randrange(0, 30_000, 2_500)}
        value |= {"recency_score": random.choice((None, 1, 3, 5)), "favourite_category": random.choice(CATEGORIES)}
        world.values[profile] = value
        db.session.add(CustomerValue(profile_id=profile, as_of=NOW, refreshed_at=NOW, currency="PLN", **value))
    db.session.flush()


def add_event(world: World, contact: int, random: Random) -> Event:
    kind = random.choice(KINDS)
    properties: dict[str, Any] = {
        "category": random.choice(CATEGORIES),
        "quantity": random.choice((1, 2, 2.5, "3", None)),
    }
    properties |= {"unit_price_minor": random.choice((500, 1000, 2500)), "currency": random.choice(("PLN", "EUR"))}
    if kind == "custom.wizyta":
        properties = {"stand": random.choice(("A", "b")), "minutes": random.randrange(40)}
    if kind == "review.written":
        properties = {"product": random.choice(("Tea", "Łyżki")), "snippet": random.choice(("coffee", "")), "of": 5}
        properties |= {"tone": random.choice(("negative", "positive"))} if random.random() < 0.8 else {}
        properties |= {"rating": random.randrange(1, 6)} if random.random() < 0.8 else {}
    event = Event(contact, kind, moment(random), properties)
    world.events.append(event)
    row = {"contact_id": contact, "kind": kind, "occurred_at": event.at, "recorded_at": NOW, "properties": properties}
    db.session.add(TimelineEntry(title="", **row))
    db.session.flush()
    return event


def add_order(world: World, contact: int, random: Random) -> Bought:
    kind = random.choice(("sale", "sale", "sale", "return"))
    status = random.choice(("paid", "paid", "partially_refunded", "cancelled", "announced"))
    total = random.randrange(0, 20_000, 1_000)
    lines = [(random.choice(CATEGORIES), random.choice(("mug", "Pan")), "") for _ in range(random.randrange(3))]
    order = Bought(
        contact, kind, status, moment(random), random.choice(("web", "pos")), random.choice(("PLN", "EUR")), total,
        total // 2 if status == "partially_refunded" else 0, lines,
    )  # fmt: skip
    world.orders.append(order)
    number = db.session.scalar(select(func.coalesce(func.max(Order.id), 0))) + 1
    said = {
        name: getattr(order, name)
        for name in ("kind", "status", "channel", "currency", "total_minor", "refunded_minor")
    }
    row = Order(
        contact_id=contact, source="till", external_id=str(number), number=str(number), stated_status=status,
        placed_at=order.at, version_at=order.at, **said,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    for index, (category, name, sku) in enumerate(lines):
        db.session.add(Line(order_id=row.id, line_no=index, category=category, name=name, sku=sku))
    db.session.flush()
    return order


def add_tag(world: World, contact: int, name: str) -> None:
    if (contact, name) not in world.tags:
        world.tags.append((contact, name))
        db.session.add(Tag(contact_id=contact, name=name, set_at=NOW, set_by="Ola"))
        db.session.flush()


def add_label(world: World, contact: int, name: str) -> None:
    if name and (contact, name) not in world.labels:
        world.labels.append((contact, name))
        db.session.get_one(Contact, contact).source_tags = [each for whose, each in world.labels if whose == contact]
        db.session.flush()


def add_points(world: World, contact: int, random: Random) -> None:
    world.points[contact] = random.choice((0, 5, 60, "1 250", "2,5", "many", "", "-3", 100.0))
    name = random.choice(("points", "loyalty_balance"))
    db.session.get_one(Contact, contact).attributes = {name: {"value": world.points[contact]}}
    db.session.flush()


def add_identifier(world: World, contact: int, random: Random) -> None:
    kind = random.choice(("email", "email", "phone"))
    normal = f"x{contact}@{random.choice(('wp.pl', 'o2.pl'))}" if kind == "email" else f"+48600{contact:06}"
    if (contact, kind, normal) not in world.identifiers:
        world.identifiers.append((contact, kind, normal))
        seen = {"first_seen_at": NOW, "last_seen_at": NOW}
        db.session.add(ContactIdentifier(contact_id=contact, kind=kind, value=normal, normal=normal, **seen))
        db.session.flush()


def add_statement(world: World, address: str, state: str, random: Random) -> None:
    contact = next(each for each, _, normal in world.identifiers if normal == address)
    world.statements.append((address, "offers", state))
    at = NOW - timedelta(days=random.randrange(1, 50))
    row = {"identifier_kind": "email", "identifier_value": address, "identifier_normal": address, "purpose": "offers"}
    number = f"{address}-{len(world.statements)}"
    db.session.add(
        Statement(
            contact_id=contact, channel="email", state=state, occurred_at=at, recorded_at=at, source="till",
            statement_id=number, evidence_grade="A", **row,
        )
    )  # fmt: skip
    db.session.flush()


def add_stop(world: World, contact: int, kind: str, since: datetime, until: datetime | None) -> None:
    world.stops.append((contact, kind, since, until))
    db.session.add(
        Stop(
            contact_id=contact,
            kind=kind,
            since=since,
            until=until,
            ground="asked",
            recorded_at=since,
            recorded_by="Ola",
        )
    )
    db.session.flush()
