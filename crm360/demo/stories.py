"""What the people of the stories did, scripted: see `crm360.demo` for who they are and what to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from crm360.demo import browsing, shopping, talking, times
from crm360.demo.cast import Cast
from crm360.demo.catalogue import product
from crm360.demo.world import Consent, Item, Purchase, Talk, Visit

#: Story → (days before the end, store or "" for online, SKUs).
_BOUGHT: dict[str, tuple[tuple[int, str, tuple[str, ...]], ...]] = {
    "anna": (
        (531, "", ("COF-1001", "BRW-2002")), (480, "", ("COF-1001", "COF-1004")), (442, "Kraków", ("TBL-4001",)),
        (399, "", ("COF-1008", "BRW-2003")), (365, "", ("GFT-9801", "CND-8003")), (320, "Kraków", ("TEA-3001",)),
        (288, "", ("COF-1001", "KIT-5007")), (241, "", ("TXT-6002", "TXT-6002")), (196, "Kraków", ("GRD-9501",)),
        (151, "", ("COF-1003", "COF-1011")), (97, "", ("BRW-2001",)), (62, "Kraków", ("COF-1005", "TBL-4005")),
        (24, "", ("COF-1001", "CND-8001")),
    ),
    "jan-senior": ((430, "Gdańsk", ("TEA-3004",)), (250, "Gdańsk", ("KIT-5002",)), (40, "Gdańsk", ("TEA-3004", "TEA-3006"))),
    "jan-junior": ((400, "", ("BRW-2007", "COF-1006")), (180, "Gdańsk", ("COF-1005",)), (33, "", ("COF-1006",))),
    "aleksandra": ((300, "", ("LGT-7002",)), (120, "", ("TXT-6007", "CND-8002"))),
    "ola": ((210, "Wrocław", ("TBL-4001", "TBL-4002")), (75, "Wrocław", ("CND-8002",))),
    "piotr-gdansk": ((350, "", ("LGT-7003",)), (90, "Gdańsk", ("HOM-9013",))),
    "piotr-wroclaw": ((340, "", ("BRW-2004", "COF-1002")), (60, "", ("HOM-9014",))),
    "kasia": ((420, "", ("KIT-5008",)), (230, "", ("TXT-6004",)), (110, "", ("TBL-4008",)), (30, "", ("HOM-9004",))),
    "emma": ((380, "", ("TBL-4006", "TBL-4001")), (140, "", ("LGT-7008",)), (45, "", ("TXT-6001",))),
    "bob": ((300, "", ("BRW-2006", "COF-1008")), (50, "", ("COF-1008", "COF-1001"))),
    "michal": ((260, "", ("KIT-5001",)), (70, "", ("BRW-2010",)), (66, "", ("BRW-2010", "COF-1005"))),
    "zofia": ((390, "Gdańsk", ("TEA-3006",)), (150, "Gdańsk", ("KIT-5005", "TEA-3004"))),
    "beata": ((290, "Kraków", ("CND-8009",)),),
}  # fmt: skip


def purchases(cast: Cast, anchor: datetime) -> list[Purchase]:
    """Everything the cast bought; Emma sent her lamp back, Michał called one order off."""
    found = []
    for story, rows in _BOUGHT.items():
        rng = Random(f"bought {story}")
        for days, store, skus in rows:
            found.append(_bought(cast, story, anchor - timedelta(days=days), store, skus, rng))
    return found


def _bought(cast: Cast, story: str, day: datetime, store: str, skus: tuple[str, ...], rng: Random) -> Purchase:
    person = cast[story]
    items = tuple(Item(product=product(sku), quantity=skus.count(sku)) for sku in dict.fromkeys(skus))
    at = times.opening_hours(rng, day) if store else times.evening(rng, day)
    made = shopping.made(person, at, items, store=store, card=person.card if store else "")
    if story == "emma" and "LGT-7008" in skus:
        return replace(made, returned=(at + timedelta(days=9), items))
    if story == "michal" and skus == ("BRW-2010",):
        return replace(made, cancelled_at=at + timedelta(hours=3), cancel_reason="customer")
    return made


def visits(cast: Cast, anchor: datetime) -> list[Visit]:
    """Carts left behind in the last days, and what Anna looked at before she had an account."""
    anna, rng = cast["anna"], Random("story visits")
    grinder, beans = Item(product=product("BRW-2010"), quantity=1), Item(product=product("COF-1011"), quantity=2)
    lamps = Item(product=product("LGT-7001"), quantity=2)
    before = times.evening(rng, anna.joined_at - timedelta(days=5))
    stranger = Visit(visitor=anna, device=anna.device, at=before, viewed=(product("BRW-2002"), product("COF-1001")),
                     identified=False, query="kawa do dripa", campaign="instagram-kawa")  # fmt: skip
    left = times.evening(rng, anchor - timedelta(days=4))
    kasia_left = times.evening(rng, anchor - timedelta(days=8))
    return [
        stranger,
        browsing.abandoned(anna, left, (grinder, beans), checkout=True, rng=rng),
        browsing.abandoned(cast["kasia"], kasia_left, (lamps,), checkout=False, rng=rng),
    ]


def talks(cast: Cast, bought: Sequence[Purchase], anchor: datetime) -> list[Talk]:
    """`bought` with their numbers, so that people can name them."""
    rng = Random("story talks")
    latest = {story: _online(bought, cast, story) for story in ("anna", "kasia", "emma", "bob", "michal")}

    def after(story: str, hours: int) -> datetime:
        return min(times.office_hours(rng, latest[story].at + timedelta(hours=hours)), anchor - timedelta(hours=20))

    def told(story: str, medium: talking.Medium, subject: str, hours: int) -> Talk:
        return talking.told(cast[story], medium, subject, after(story, hours), rng, latest[story])

    return [
        told("anna", "chat", "Gdzie jest moja paczka", 96),
        told("anna", "mail", "Pytanie o zamówienie", 50),
        told("kasia", "chat", "Dwa konta", 200),
        told("emma", "chat", "Delivery to Ireland", -30),
        told("bob", "chat", "Grind size", 150),
        told("michal", "mail", "Reklamacja", 340),
        talking.told(cast["jan-senior"], "mail", "Jak dbać o deskę", anchor - timedelta(days=244, hours=14), rng),
    ]


def _online(bought: Sequence[Purchase], cast: Cast, story: str) -> Purchase:
    return next(one for one in reversed(bought) if one.buyer is cast[story] and not one.store)


def consents(cast: Cast, anchor: datetime) -> list[Consent]:
    """Anna said yes three times over and no on the third of May; the others are simpler."""
    anna, start = cast["anna"], cast["anna"].joined_at
    stopped = times.local(times.latest(anchor, month=5, day=3), 19, 42)
    given = [
        Consent(person=anna, channel="email", given=True, at=start + timedelta(minutes=2), how="form"),
        Consent(person=anna, channel="sms", given=True, at=start + timedelta(days=88), how="shop"),
        Consent(person=anna, channel="email", given=False, at=stopped, how="unsubscribe"),
    ]
    for story in ("aleksandra", "kasia", "emma", "bob"):
        at = cast[story].joined_at + timedelta(days=3, hours=8)
        given.append(Consent(person=cast[story], channel="email", given=True, at=at, how="newsletter"))
    return given
