"""What the demo's customers wrote in public of what they bought."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy import select

from crm360.commerce.models import Line, Order
from crm360.facts import ContactRef, Received, ReviewWritten
from crm360.flows import tending_reviews
from crm360.identity.models import Contact
from crm360.kernel.db import db
from crm360.reviews import operations, queries

SOURCE = "opinie"
#: One order in so many is reviewed.
_SHARE = 15
_NEWS = timedelta(days=5)
_STARS = (5, 5, 5, 5, 4, 4, 4, 3, 2, 1)
_WORDS = {
    5: ("Rewelacja, pachnie na całą kuchnię.", "Exactly as described, lovely quality.", "Polecam, szybka wysyłka!"),
    4: ("Dobry produkt, polecam.", "Nice, a bit expensive.", "Ładny, choć mniejszy, niż myślałam."),
    3: ("Może być.", "It is okay, nothing special.", "Przeciętny, ale działa."),
    2: ("Słabo zapakowane, pudełko rozdarte.", "Smaller than in the picture, disappointed.", "Szybko się porysował."),
    1: ("Przyszło uszkodzone, nikt nie odpowiada.", "Broke after a week. Waste of money.", "Nie polecam, porażka."),
}


def write(*, anchor: datetime) -> None:
    """Reviews of half a year; again changes nothing."""
    if queries.sources():
        return
    chance = random.Random(361)
    bought = select(Order.id, Order.contact_id, Order.placed_at, Contact.source, Contact.external_id)
    bought = bought.join(Contact, Contact.id == Order.contact_id).where(Order.kind == "sale")
    since = bought.where(Order.placed_at >= anchor - timedelta(days=180)).order_by(Order.placed_at, Order.id)
    for number, contact_id, placed_at, source, external_id in db.session.execute(since).all():
        at = placed_at + timedelta(days=chance.randint(3, 15), minutes=chance.randrange(600))
        line = db.session.execute(select(Line.sku, Line.name).where(Line.order_id == number).limit(1)).first()
        if chance.randrange(_SHARE) or at > anchor or line is None:
            continue
        stars = chance.choice(_STARS)
        review = ReviewWritten(
            ref=ContactRef(source, external_id), source=SOURCE, external_id=f"o{number}", occurred_at=at, updated_at=at,
            rating=stars, body=chance.choice(_WORDS[stars]), product_id=line.sku, product=line.name, verified=True,
            answer="Dziękujemy za opinię!" if at < anchor - _NEWS and chance.random() < 0.5 else "",
        )  # fmt: skip
        operations.record_reviews(received=[Received(contact_id, None, review)], now=at)
        if at > anchor - _NEWS:
            tending_reviews.tend(keys={(SOURCE, review.external_id)}, now=at)
