"""What the web shop's tracker and the newsletter tool send: calls of the Segment specification, oldest first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from crm360.demo.catalogue import shelves
from crm360.demo.numbers import plain
from crm360.demo.views import SHOP, view
from crm360.demo.world import Consent, Item, Mailing, Person, Product, Visit, World

SITE = "https://lipowa-oak.example"
BATCH = 100
Call = dict[str, Any]
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari",
    "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari",
)
_LOCALES = {"pl": "pl-PL", "en": "en-GB", "de": "de-DE"}


def calls(world: World) -> list[Call]:
    """Every call with its own `messageId`; no `sentAt`, for this is history and the time given is the time meant."""
    found = [call for visit in world.visits if visit.device for call in _visit(visit)]
    found += [call for person in world.people for call in _identified(person, world.anchor)]
    found += [call for one in world.consents for call in _consent(one)]
    found += [call for mailing in world.mailings if mailing.reader.device for call in _mailing(mailing)]
    found.sort(key=lambda call: str(call["timestamp"]))
    for number, call in enumerate(found):
        call["messageId"] = f"demo-{number:06d}-{call['timestamp'][:19]}"
    return found


def batch(found: Sequence[Call]) -> bytes:
    """A body for `/v1/batch`."""
    return json.dumps({"batch": list(found)}, ensure_ascii=False).encode()


def _call(kind: str, person: Person | None, device: str, at: datetime, **more: Any) -> Call:
    language = person.language if person else "pl"
    browser = _BROWSERS[int(device[:2], 16) % len(_BROWSERS)] if device else ""
    context = {
        "locale": _LOCALES[language],
        "userAgent": browser,
        "library": {"name": "analytics.js", "version": "2.8.1"},
    }
    who = {"anonymousId": device} if device else {}
    if person and person.shop_id:
        who["userId"] = str(person.shop_id)
    context |= more.pop("context", {})
    return {"type": kind, **who, "timestamp": at.isoformat(timespec="milliseconds"), "context": context, **more}


def _visit(visit: Visit) -> Iterator[Call]:
    who, at = visit.visitor if visit.identified else None, visit.at
    language = visit.visitor.language if visit.visitor else "pl"

    def step(kind: str, seconds: int, **more: Any) -> Call:
        nonlocal at
        at += timedelta(seconds=seconds)
        return _call(kind, who, visit.device, at, **more)

    def track(event: str, seconds: int, **properties: Any) -> Call:
        return step("track", seconds, event=event, properties={"currency": visit.currency, **properties})

    yield step("page", 1, name="Home", context=_landing(visit))
    if visit.query:
        yield track("Products Searched", 12, query=visit.query)
    for found in visit.viewed:
        yield track("Product Viewed", 35, **product(found, language, visit.currency))
    for item in visit.added:
        yield track("Product Added", 20, cart_id=visit.cart_id, **_item(item, language, visit.currency))
    for item in visit.removed:
        yield track("Product Removed", 40, cart_id=visit.cart_id, **_item(item, language, visit.currency))
    if visit.checkout:
        left = [item for item in visit.added if item not in visit.removed]
        goods = [_item(item, language, visit.currency) for item in left]
        value = sum(item.product.prices[visit.currency] * item.quantity for item in left) / 100
        yield track("Checkout Started", 30, cart_id=visit.cart_id, value=value, products=goods)


def _landing(visit: Visit) -> Call:
    page = {"url": f"{SITE}/", "path": "/", "title": "Lipowa & Oak"}
    if not visit.campaign:
        return {"page": page}
    medium = {"newsletter": "email", "brand-search": "cpc"}.get(visit.campaign, "social")
    return {
        "page": page,
        "campaign": {"name": visit.campaign, "medium": medium, "source": visit.campaign.split("-")[0]},
    }


def product(found: Product, language: str, currency: str) -> Call:
    """A product as the e-commerce specification names its properties."""
    polish, english = shelves()[found.category]
    slug = plain(found.name_en)[:40]
    return {
        "product_id": found.sku, "sku": found.sku, "name": found.name(language), "brand": "Lipowa & Oak",
        "category": polish if language == "pl" else english, "price": found.prices[currency] / 100,
        "url": f"{SITE}/p/{slug}",
    }  # fmt: skip


def _item(item: Item, language: str, currency: str) -> Call:
    return {**product(item.product, language, currency), "quantity": item.quantity}


def _identified(person: Person, anchor: datetime) -> Iterator[Call]:
    """When the account was opened, and again after a wedding or a move."""
    if not person.device:
        return
    changes = {change[0] + timedelta(days=4) for change in (person.moved, person.family_since) if change}
    for at in sorted({person.joined_at} | changes):
        if at < anchor:
            yield _call("identify", person, person.device, at, traits=_traits(person, at))


def _traits(person: Person, at: datetime) -> Call:
    seen = view(person, SHOP, at)
    traits: Call = {
        "email": seen.email, "firstName": seen.given, "lastName": seen.family, "language": person.language,
        "createdAt": person.joined_at.isoformat(timespec="seconds"),
        "address": {"street": seen.home.line, "city": seen.home.city, "postalCode": seen.home.postcode,
                    "country": seen.home.country},
    }  # fmt: skip
    if seen.phone:
        traits["phone"] = seen.phone
    if person.key % 3 == 0:
        traits["birthday"] = seen.born_on
    if person.company:
        traits["company"] = {"name": person.company.name}
    return traits


def _consent(one: Consent) -> Iterator[Call]:
    """A ticked box on the site with the notice it stood under, or a click on unsubscribe in a letter."""
    person = one.person
    email = view(person, SHOP, one.at).email
    if one.how == "form" and person.device:
        said = {"granted": one.given, "notice": "newsletter-2", "at": one.at.isoformat(timespec="seconds")}
        page = {"page": {"url": f"{SITE}/newsletter"}}
        traits = {"email": email, "consents": {"marketing": {one.channel: said}}}
        yield _call("identify", person, person.device, one.at, traits=traits, context=page)
    if one.how == "unsubscribe":
        properties = {"list_id": "lo-1", "list_name": "Newsletter Lipowa & Oak"}
        yield _call("track", person if person.device else None, "", one.at, event="Unsubscribed", properties=properties,
                    context={"traits": {"email": email}})  # fmt: skip


def _mailing(mailing: Mailing) -> Iterator[Call]:
    campaign = {"campaign_name": mailing.campaign, "email_subject": mailing.subject, "email_id": mailing.campaign}
    context = {"traits": {"email": view(mailing.reader, SHOP, mailing.at).email}}
    yield _call("track", mailing.reader, "", mailing.at, event="Email Opened", properties=campaign, context=context)
    if mailing.clicked:
        link = {**campaign, "link_url": f"{SITE}/?utm_campaign={mailing.campaign}"}
        at = mailing.at + timedelta(seconds=40)
        yield _call("track", mailing.reader, "", at, event="Email Link Clicked", properties=link, context=context)
