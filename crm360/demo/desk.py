"""What the demo's colleagues wrote down by hand: tags and notes on the customers of the stories."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm360.demo.shop import LOYALTY, SHOP
from crm360.demo.staff import SIGN_INS
from crm360.demo.world import Person, World
from crm360.facts import ContactRef
from crm360.identity import queries as identity
from crm360.profiles import operations, queries
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


def write(world: World) -> None:
    """Write the notes and set the tags of those who are in the database; again changes nothing."""
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


def _days_ago(world: World, days: int) -> datetime:
    return world.anchor - timedelta(days=days, hours=13)


def _ref(person: Person) -> ContactRef:
    if person.shop_id:
        return ContactRef(SHOP, f"customer:{person.shop_id}")
    return ContactRef(LOYALTY, card_key(person.card))
