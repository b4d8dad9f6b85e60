"""The pages of reviews: brought in from a file, read, answered, closed, and refused to those who may not."""

from __future__ import annotations

import io
from typing import Any

from crm360.flows import receive
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.profiles.models import TimelineEntry
from crm360.reviews import queries
from crm360.reviews.models import Review

FILE = """Ocena;Treść;E-mail;Autor;Produkt;Data
1;Pękł po dniu;anna.kowalska@example.com;Anna;Kubek;{day}
5;Świetny;jan@example.com;Jan;Kubek;{day}
dobra;x;;;;
"""


def bring(client: Any, text: str, name: str = "opinie.csv") -> Any:
    form = client.page("/product-reviews").form(action="/product-reviews/import")
    return client.post("/product-reviews/import", data=form.values | {"file": (io.BytesIO(text.encode()), name)})


def test_reviews_of_a_file_are_read_and_answered(visit_as: Any) -> None:
    client = visit_as("marketing")
    day = f"{clock.now():%Y-%m-%d} 00:01"
    html = bring(client, FILE.format(day=day)).get_data(as_text=True)
    assert "2 new rows" in html
    assert "Line 4" in html
    assert "2 were known already" in bring(client, FILE.format(day=day)).get_data(as_text=True)
    receive.process_waiting(now=clock.now())
    db.session.commit()
    page = client.get("/product-reviews").get_data(as_text=True)
    for words in ("Pękł po dniu", "1 bad review waits", "3.0", "Świetny"):
        assert words in page
    assert "Świetny" not in client.get("/product-reviews?tone=bad").get_data(as_text=True)
    bad = db.session.query(Review).filter_by(rating=1).one()
    path = f"/product-reviews/{bad.id}"
    assert "is not told of it" in client.get(path).get_data(as_text=True)
    refused = client.submit(path, action=f"{path}/answer", text=" ")
    assert refused.status_code == 422
    client.submit(path, action=f"{path}/answer", text="Wymienimy kubek.")
    assert "Wymienimy kubek." in client.get(path).get_data(as_text=True)
    client.submit(path, action=f"{path}/reopening")
    assert client.submit(path, action=f"{path}/closing", reason="").status_code == 422
    client.submit(path, action=f"{path}/closing", reason="Dzwoniła Marta")
    assert "Dzwoniła Marta" in client.get(path).get_data(as_text=True)
    client.submit("/product-reviews", action="/product-reviews/owner")


def test_a_file_without_reviews_is_refused(visit_as: Any) -> None:
    client = visit_as("marketing")
    refused = bring(client, "a,b\n1,2\n")
    assert refused.status_code == 422
    assert "no column of stars" in refused.get_data(as_text=True)


def test_the_officer_reads_reviews_and_answers_none(visit_as: Any) -> None:
    client = visit_as("privacy")
    assert "product-reviews/import" not in client.get("/product-reviews").get_data(as_text=True)


def test_a_guessed_tone_is_shown_as_a_guess_and_corrected(visit_as: Any, shop: dict[str, int]) -> None:
    client = visit_as("sales")
    at = clock.now().isoformat()
    said = {
        "id": 7,
        "rating": 2,
        "body": "Fatalny, nie polecam.",
        "reviewer": {"email": "nina@example.com"},
        "updated_at": at,
    }
    assert receive.take_in(source="app", channel="product_reviews", said=said, now=clock.now())
    db.session.commit()
    review = db.session.query(Review).one()
    profile_id = queries.told(review.id).profile_id
    page = client.get(f"/customers/{profile_id}").get_data(as_text=True)
    assert "sounds negative (a guess" in page
    entry = db.session.query(TimelineEntry).filter_by(kind="review.written").one()
    assert f"/tones/{entry.id}" in page
    client.submit(f"/tones/{entry.id}", action=f"/tones/{entry.id}", tone="neutral")
    assert "sounds neutral, says Marta Zając" in client.get(f"/customers/{profile_id}").get_data(as_text=True)
