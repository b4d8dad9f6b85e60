"""A small shop with customers one can believe in: what the pages of the staff's door are tested and looked at with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from crm360.facts import (
    ActivityNoted,
    CartChanged,
    ConsentStated,
    ContactRef,
    ContactSeen,
    ConversationChanged,
    Fact,
    Identifier,
    MessageExchanged,
    OrderLine,
    OrderPlaced,
    TagsStated,
)  # fmt: skip
from crm360.flows import receive
from crm360.inbox import operations as inbox
from crm360.kernel.db import db

SHOP, TILL, CHAT, MAIL, SITE = "online shop", "Kraków till", "chat", "mailbox", "website"
GOODS = (
    ("WR-104", "Wool blanket, moss", 24900), ("CF-220", "Coffee beans Kolumbia 1 kg", 8900),
    ("MG-012", "Stoneware mug", 4500), ("LP-310", "Reading lamp, brass", 39900),
    ("CN-077", "Beeswax candle", 3200), ("TB-501", "Linen tablecloth 140 × 240", 21900),
)  # fmt: skip
OTHERS = (
    ("Piotr", "Wiśniewski", "Warszawa"), ("Maria", "Wójcik", "Łódź"), ("Krzysztof", "Kamiński", "Gdańsk"),
    ("Agnieszka", "Lewandowska", "Poznań"), ("Tomasz", "Zieliński", "Wrocław"), ("James", "Whitfield", "London"),
    ("Zofia", "Szymańska", "Kraków"), ("Olena", "Kovalenko", "Lublin"), ("Adam", "Dąbrowski", "Kraków"),
)  # fmt: skip


def furnish(now: datetime) -> None:
    """Put everybody into the database of the current application; the caller commits."""
    told = [*anna(now), *anna_again(now)]
    for index, person in enumerate(OTHERS):
        told += somebody(index, *person, now=now)
    tell(told, now)


def tell(told: Sequence[Fact], now: datetime) -> None:
    """What one payload of the shop says, taken in."""
    source = inbox.ensure_source(name=SHOP, channel="shopify", now=now)
    receive.apply([receive.Read(None, told, source)], now=now)  # type: ignore[arg-type]
    db.session.flush()


def anna(now: datetime) -> Iterator[Fact]:
    """Anna Kowalska: known to the shop, the till, the chat and the mailbox by one e-mail address."""
    email, phone = Identifier("email", "anna.kowalska@example.com", True), Identifier("phone", "+48 602 118 447")
    shop, till, chat, mail = (
        ContactRef(SHOP, "8812"),
        ContactRef(TILL, "2900001778120"),
        ContactRef(CHAT, "311"),
        ContactRef(MAIL, email.value),
    )
    long_ago = now - timedelta(days=520)
    full = {"given_name": "Anna", "family_name": "Kowalska", "street": "Długa", "house_number": "14/3", "city": "Kraków",
            "postcode": "31-147", "country": "PL", "birth_date": "1988-05-21"}  # fmt: skip
    yield ContactSeen(
        ref=shop, occurred_at=long_ago, fields=full, identifiers=(email, phone, Identifier("customer_id", "8812"))
    )
    yield ContactSeen(ref=till, occurred_at=now - timedelta(days=300), identifiers=(email, Identifier("card", "2900001778120")),
                      fields={"given_name": "Ania", "family_name": "Kowalska", "city": "Kraków", "joined_on": "2025-06-14"})  # fmt: skip
    yield ContactSeen(
        ref=chat,
        occurred_at=now - timedelta(days=40),
        fields={"full_name": "Anna K."},
        identifiers=(email, Identifier("chat_id", "311")),
    )
    yield ContactSeen(
        ref=mail, occurred_at=now - timedelta(days=16), fields={"full_name": "Anna Kowalska"}, identifiers=(email,)
    )
    yield TagsStated(ref=shop, tags=("VIP", "newsletter"), occurred_at=long_ago)
    for number in range(14):
        at = now - timedelta(days=5 + number * number * 2.6, hours=number % 7)
        where = till if number % 3 else shop
        yield order(where, f"{4711 - number * 37}", at, first=number, count=1 + number % 4)
    yield order(till, "R-4102", now - timedelta(days=3), first=2, count=1, kind="return")
    for minute, (action, good) in enumerate(
        [("viewed", 3), ("viewed", 0), ("added", 3), ("removed", 3), ("added", 0), ("checkout_started", 0)]
    ):
        sku, name, price = GOODS[good]
        yield CartChanged(ref=shop, action=action, occurred_at=now - timedelta(hours=20, minutes=30 - minute * 3), product_id=sku,  # type: ignore[arg-type]
                          sku=sku, name=name, unit_price_minor=price, currency="PLN", cart_id="c-9")  # fmt: skip
    for minute, title in enumerate(
        ("Home", "Wool and linen", "Wool blanket, moss", "Delivery and returns", "Wool blanket, moss")
    ):
        yield ActivityNoted(
            ref=shop, kind="page.viewed", occurred_at=now - timedelta(hours=21, minutes=20 - minute * 2), title=title
        )
    yield from talks(chat, mail, now)
    yield from consents(shop, email, phone, now)


def talks(chat: ContactRef, mail: ContactRef, now: datetime) -> Iterator[Fact]:
    """A chat about a late parcel, resolved, and a mail with a question."""
    start = now - timedelta(days=2, hours=3)
    said = (
        (
            "in",
            "Dzień dobry, czy koc w kolorze mchu będzie jeszcze dostępny? Chciałabym kupić dwa, na prezent.",
            "Anna K.",
        ),
        ("out", "Dzień dobry! Tak, dostawa przyjdzie w czwartek. Czy mam odłożyć dwa na Panią w Krakowie?", "Marek"),
        ("in", "Bardzo proszę, wpadnę w piątek po pracy.", "Anna K."),
    )
    for step, (direction, body, author) in enumerate(said):
        yield MessageExchanged(ref=chat, source=CHAT, channel="chat", conversation_id="77", message_id=f"77-{step}", direction=direction,  # type: ignore[arg-type]
                               occurred_at=start + timedelta(minutes=4 * step), body=body, author=author)  # fmt: skip
    yield ConversationChanged(
        ref=chat,
        source=CHAT,
        channel="chat",
        conversation_id="77",
        occurred_at=start + timedelta(minutes=20),
        status="resolved",
        agent="Marek",
    )
    yield MessageExchanged(ref=mail, source=MAIL, channel="email", conversation_id="m1", message_id="<m1@example.com>", direction="in",
                           occurred_at=now - timedelta(days=16), subject="Invoice for order 4674", author="Anna Kowalska",
                           body="Hello, could you send me an invoice for the last order? My company pays for it.\nThank you, Anna")  # fmt: skip


def consents(ref: ContactRef, email: Identifier, phone: Identifier, now: datetime) -> Iterator[Fact]:
    """Offers by e-mail allowed, by SMS withdrawn, calls claimed without proof."""
    yield ConsentStated(ref=ref, identifier=email, purpose="marketing", channel="email", state="given", occurred_at=now - timedelta(days=285), source=SHOP,
                        method="double opt-in", evidence_grade="A", notice="I want to hear about offers by e-mail.", statement_id="s1")  # fmt: skip
    yield ConsentStated(ref=ref, identifier=phone, purpose="marketing", channel="sms", state="given", occurred_at=now - timedelta(days=400), source=SHOP,
                        method="form", evidence_grade="B", statement_id="s2")  # fmt: skip
    yield ConsentStated(ref=ref, identifier=phone, purpose="marketing", channel="sms", state="withdrawn", occurred_at=now - timedelta(days=200), source=SHOP,
                        method="STOP", evidence_grade="B", statement_id="s3")  # fmt: skip
    yield ConsentStated(
        ref=ref,
        identifier=phone,
        purpose="marketing",
        channel="phone",
        state="given",
        occurred_at=now - timedelta(days=300),
        source=TILL,
        statement_id="s4",
    )


def anna_again(now: datetime) -> Iterator[Fact]:
    """A. Kowalska at the same door, with another mailbox: a person should decide."""
    ref = ContactRef(TILL, "2900001778199")
    fields = {
        "given_name": "Anna",
        "family_name": "Kowalska",
        "street": "Długa",
        "house_number": "14/3",
        "city": "Kraków",
        "postcode": "31-147",
    }
    yield ContactSeen(
        ref=ref, occurred_at=now - timedelta(days=60), fields=fields, identifiers=(Identifier("card", "2900001778199"),)
    )
    yield order(ref, "K-9917", now - timedelta(days=60), first=4, count=2)


def somebody(index: int, given: str, family: str, city: str, *, now: datetime) -> Iterator[Fact]:
    """A customer of the shop with an order or two."""
    ref, at = ContactRef(SHOP, f"{9000 + index}"), now - timedelta(days=30 * index + 3)
    email = Identifier("email", f"{given}.{index}@example.org".lower())
    phone = Identifier("phone", f"+48 50{index} 33{index} 7{index}1")
    yield ContactSeen(
        ref=ref,
        occurred_at=at,
        fields={"given_name": given, "family_name": family, "city": city},
        identifiers=(email, phone),
    )
    for number in range(index % 3):
        yield order(ref, f"{5200 + index * 10 + number}", at + timedelta(days=number), first=index + number, count=2)
    if index % 2:
        yield ConsentStated(ref=ref, identifier=email, purpose="marketing", channel="email", state="given" if index % 4 == 1 else "withdrawn",
                            occurred_at=at, source=SHOP, evidence_grade="B", statement_id=f"p{index}")  # fmt: skip


def order(ref: ContactRef, number: str, at: datetime, *, first: int, count: int, kind: str = "sale") -> OrderPlaced:
    """An order of a few goods; a return has negative quantities."""
    sign = -1 if kind == "return" else 1
    goods = [GOODS[(first + step) % len(GOODS)] for step in range(count)]
    lines = tuple(OrderLine(line_no=place, sku=sku, name=name, quantity=sign, unit_price_minor=price, total_minor=sign * price)
                  for place, (sku, name, price) in enumerate(goods, 1))  # fmt: skip
    return OrderPlaced(ref=ref, source=ref.source, external_id=number, number=number, placed_at=at, updated_at=at, currency="PLN",
                       total_minor=sum(line.total_minor for line in lines), kind=kind, lines=lines,  # type: ignore[arg-type]
                       channel="store" if ref.source == TILL else "shop", store="Kraków, Floriańska" if ref.source == TILL else "")  # fmt: skip


def with_payloads(now: datetime) -> None:
    """Anna calls: a payload through the inbox, as every source's."""
    source = inbox.ensure_source(name="phone system", channel="api", now=now)
    said = {
        "type": "message", "event_id": "call-1", "occurred_at": (now - timedelta(hours=3)).isoformat(),
        "identifiers": [{"kind": "email", "value": "anna.kowalska@example.com"}],
        "message": {"channel": "phone", "direction": "in", "conversation_id": "c1", "body": "Odebrała, oddzwonić w środę."},
    }  # fmt: skip
    item = inbox.NewPayload("call-1", json.dumps(said).encode(), {"type": "event"})
    inbox.keep(source_id=source.id, channel="api", items=[item], now=now)
    assert receive.process_waiting(now=now).processed == 1


def look_alikes(now: datetime, count: int) -> None:
    """Pairs of customers of one name at one door, without an address in common: each a question to a person."""
    told: list[Fact] = []
    for number in range(count):
        given, family, city = OTHERS[number % len(OTHERS)]
        fields = {"given_name": given, "family_name": f"{family}{'abcdefghij'[number % 10] * 3}", "city": city,
                  "street": "Polna", "house_number": str(number + 1)}  # fmt: skip
        for source, kind in ((SHOP, "customer_id"), (TILL, "card")):
            ref = ContactRef(source, f"29{number:05}{'13' if source == TILL else '24'}")
            seen = Identifier(kind, ref.external_id)  # type: ignore[arg-type]
            told.append(ContactSeen(ref=ref, occurred_at=now, fields=fields, identifiers=(seen,)))
            told.append(order(ref, f"L{number}-{source[:2]}", now, first=number, count=1 + number % 3))
    tell(told, now)
