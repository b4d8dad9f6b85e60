"""What a message may say to somebody: their values for the templates, their language, their hours. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm360.commerce.models import Cart, CustomerValue
from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.normalise.country import country
from crm360.normalise.language import language
from crm360.outreach import vocabulary
from crm360.outreach.models import SpokenTo
from crm360.outreach.plan import House
from crm360.outreach.vocative import is_female, vocative
from crm360.profiles import queries as profiles
from crm360.profiles.naming import display_name

_FIELDS = ("given_name", "family_name", "company", "city")
_GENDERS = {"f": True, "female": True, "m": False, "male": False}
_VALUES = select(CustomerValue).where(dialects.Among(CustomerValue.profile_id))
_CARTS = (
    select(Contact.profile_id, Cart.lines)
    .join(Cart, Cart.contact_id == Contact.id)
    .where(dialects.Among(Contact.profile_id), Cart.state.in_(("open", "abandoned")))
    .order_by(Cart.changed_at)
)


def corrections() -> dict[str, str]:
    """Given name in small letters → how staff say its bearers are spoken to."""
    return {row.name: row.vocative for row in db.session.execute(select(SpokenTo.name, SpokenTo.vocative))}


def people(profile_ids: Collection[int], *, said: Mapping[str, str]) -> dict[int, dict[str, Any]]:
    """profile → what `person` is in templates; values nobody knows are left out. `said`: see `corrections`."""
    found: dict[int, dict[str, Any]] = {}
    for some in chunked(profile_ids):
        fields, bought, carts = profiles.values(some), _bought(some), _carts(some)
        for profile_id in some:
            known = fields.get(profile_id, {})
            person = _named(known, profile_id, said) | bought.get(profile_id, {"orders": 0})
            found[profile_id] = person | ({"cart": carts[profile_id]} if carts.get(profile_id) else {})
    return found


def spoken_to(known: Mapping[str, str], *, otherwise: str) -> str:
    """How a colleague speaks to a customer in Polish ("Pani Anno"); empty where language, name or gender leave a doubt."""
    given = known.get("given_name", "")
    if not given or _language(known, otherwise) != "pl":
        return ""
    spoken, by_name = vocative(given, corrections()), is_female(given)
    told = _GENDERS.get(known.get("gender", "").lower(), by_name)
    if spoken.confidence not in ("corrected", "sure") or told is None or by_name not in (None, told):
        return ""
    return f"{'Pani' if told else 'Panie'} {spoken.text}"


def languages(profile_ids: Collection[int], *, otherwise: str) -> dict[int, str]:
    """profile → "pl" or "en": what they said, else that of their country, else the shop's."""
    found: dict[int, str] = {}
    for some in chunked(profile_ids):
        fields = profiles.values(some)
        found.update((each, _language(fields.get(each, {}), otherwise)) for each in some)
    return found


def countries(profile_ids: Collection[int]) -> dict[int, str]:
    """profile → the country it lives in, as it is kept."""
    found: dict[int, str] = {}
    for some in chunked(profile_ids):
        found.update((profile, fields.get("country", "")) for profile, fields in profiles.values(some).items())
    return found


def shared(house: House, now: datetime) -> dict[str, Any]:
    """Values that are the same for everybody."""
    today = now.astimezone(ZoneInfo(house.zone)).date()
    return {"shop": {"name": house.shop_name, "url": house.public_url}, "today": today}


def _named(known: Mapping[str, str], profile_id: int, said: Mapping[str, str]) -> dict[str, Any]:
    person: dict[str, Any] = {name: known[name] for name in _FIELDS if known.get(name)}
    if known.get("given_name") or known.get("full_name"):
        person["name"] = display_name(known, profile_id=profile_id)
    if code := country(known.get("country", "")):
        person["country"] = code
    given = known.get("given_name", "")
    spoken = vocative(given, said)
    if given and spoken.usable:
        person["vocative"] = spoken.text
    woman = _GENDERS.get(known.get("gender", "").lower(), is_female(given))
    if woman is not None:
        person["is_female"] = woman
    return person


def _language(known: Mapping[str, str], otherwise: str) -> str:
    told = language(known.get("locale", ""))
    if told in vocabulary.LANGUAGES:
        return told
    lives = country(known.get("country", ""))
    return ("pl" if lives == "PL" else "en") if lives or told else otherwise


def _bought(profile_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for value in db.session.scalars(_VALUES, {"values": list(profile_ids)}):
        said: dict[str, Any] = {"orders": value.orders}
        if value.currency and value.spend_minor:
            said["spent"] = {"minor": value.spend_minor, "currency": value.currency}
        if value.last_at:
            said["last_purchase_on"] = value.last_at
        for name in ("favourite_category", "next_product"):
            if getattr(value, name):
                said[name] = getattr(value, name)
        found[value.profile_id] = said
    return found


def _carts(profile_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for profile_id, lines in db.session.execute(_CARTS, {"values": list(profile_ids)}):
        found[profile_id] = [
            {"name": each.get("name", ""), "quantity": each.get("quantity", 1)} for each in lines or ()
        ]
    return found
