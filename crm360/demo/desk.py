"""What the demo's colleagues wrote down by hand: tags, notes, tasks and deals of the customers of the stories."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm360.accounts import queries as accounts
from crm360.demo.shop import LOYALTY, SHOP
from crm360.demo.staff import SIGN_INS
from crm360.demo.world import Person, World
from crm360.facts import ContactRef
from crm360.identity import queries as identity
from crm360.profiles import operations, queries
from crm360.sales import operations as sales
from crm360.sources.contact_keys import card_key

_SALES = SIGN_INS[0].name
#: Story → tags, notes.
_WRITTEN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "anna": (
        ("VIP", "kawa"),
        ("Woli paczkomat niż kuriera. Na urodziny męża (wrzesień) szuka czegoś do espresso.",
         "Zapytana o młynek elektryczny: czeka na promocję."),
    ),
    "jan-senior": (("telefon, nie e-mail",), ("Dzwonić na domowy, komórki nie odbiera. Syn też Jan i też nasz klient!",)),
    "emma": (("Ireland",), ("Sent the oak lamp back because of the plug, would take one with a G plug.",)),
    "michal": (("uważać",), ("Anulował młynek i zamówił go drugi raz; reklamacja noża w toku.",)),
    "beata": (("pracownik",), ("Karta kasjerki z Krakowa: paragony bez karty klienta nabijała na swoją.",)),
}  # fmt: skip
#: Story → what the rep has to do, in how many days.
_TASKS = {
    "anna": ("Zadzwonić, gdy młynek będzie w promocji", 0),
    "jan-senior": ("Oddzwonić na domowy w sprawie dostawy", -1),
    "michal": ("Sprawdzić, co z reklamacją noża", 2),
}
#: Story → title, worth in minor units of the shop's currency, stage, next step.
_DEALS = {
    "emma": ("Oak lamp with a G plug", 64_900, "offer", "Ask the maker about the plug"),
    "michal": ("Zestaw noży do nowej kuchni", 189_000, "talking", "Wysłać ofertę"),
}


def write(world: World) -> None:
    """Write what the colleagues noted of those who are in the database; again changes nothing."""
    for person in world.people:
        contact = identity.find(_ref(person)) if person.story in _WRITTEN else None
        if contact is None or contact.profile_id is None or queries.notes(contact.profile_id):
            continue
        tags, notes = _WRITTEN[person.story]
        for tag in tags:
            operations.set_tag(profile_id=contact.profile_id, name=tag, by=_SALES, now=_days_ago(world, 3))
        for days, note in enumerate(notes):
            written_at = _days_ago(world, 3 + 9 * days)
            operations.add_note(profile_id=contact.profile_id, body=note, by=_SALES, now=written_at)
        _give_work(person.story, contact.profile_id, world)


def _give_work(story: str, profile_id: int, world: World) -> None:
    """A task and a deal, each with what led to it."""
    rep = accounts.find_staff_by_email(SIGN_INS[0].email)
    if rep is None:
        return
    if story in _TASKS:
        title, days = _TASKS[story]
        due_at = world.anchor.replace(hour=21, minute=59) + timedelta(days=days)
        sales.add_task(
            title=title, owner_id=rep.id, by=_SALES, now=_days_ago(world, 2), profile_id=profile_id, due_at=due_at
        )
        sales.set_owner(profile_id=profile_id, staff_id=rep.id, by=_SALES, now=_days_ago(world, 9))
    if story in _DEALS:
        title, worth, stage, step = _DEALS[story]
        offer = sales.Offer(
            title=title, value_minor=worth, currency="PLN", next_step=step, owner_id=rep.id,
            next_on=(world.anchor + timedelta(days=3)).date(),
        )  # fmt: skip
        deal = sales.open_deal(profile_id=profile_id, offer=offer, by=_SALES, now=_days_ago(world, 6))
        sales.move_deal(deal_id=deal.id, stage=stage, by=_SALES, now=_days_ago(world, 2))


def _days_ago(world: World, days: int) -> datetime:
    return world.anchor - timedelta(days=days, hours=13)


def _ref(person: Person) -> ContactRef:
    if person.shop_id:
        return ContactRef(SHOP, f"customer:{person.shop_id}")
    return ContactRef(LOYALTY, card_key(person.card))
