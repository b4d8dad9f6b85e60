"""Reviews as shops, apps, files and trackers tell of them."""

from __future__ import annotations

from typing import Any

import pytest

from crm360.facts import ContactSeen, ReviewWritten
from crm360.sources import product_reviews, reviews_csv, tracking, woocommerce
from crm360.sources.base import Unreadable
from tests.sources.fixture_files import payload, sample


def of(reader: Any, said: Any) -> tuple[list[ContactSeen], ReviewWritten]:
    found = list(reader(said))
    return [each for each in found if isinstance(each, ContactSeen)], next(
        each for each in found if isinstance(each, ReviewWritten)
    )


def test_a_review_app_tells_who_wrote_what_of_which_product():
    (who,), review = of(product_reviews.read, sample("product_reviews", "judgeme_created"))
    assert who.ref == review.ref
    assert who.ref.external_id == "customer:7001"
    assert who.fields == {"full_name": "Ewa Lis"}
    assert (review.external_id, review.rating, review.product_id, review.product) == ("41", 2, "88", "Filiżanka")
    assert (review.title, review.body) == ("Pękła", "Filiżanka przyszła pęknięta & brudna.")
    assert (review.verified, review.state) == (True, "published")
    assert (review.updated_at - review.occurred_at).days == 1
    (who,), review = of(product_reviews.read, sample("product_reviews", "yotpo_flat"))
    assert (review.rating, review.body, review.product, review.verified, review.author) == (
        5,
        "Lovely mug",
        "Mug",
        True,
        "Ann",
    )


def test_woocommerce_and_a_tracker_tell_the_same_kind_of_fact():
    (who,), review = of(woocommerce.read, sample("woocommerce", "review_updated"))
    assert who.ref.external_id == "guest:ewa@example.com"
    assert (review.rating, review.body, review.url) == (
        3,
        "Ładny, ale mały!",
        "https://sklep.example.com/product/kubek",
    )
    (who,), review = of(tracking.read, sample("tracking", "product_reviewed"))
    assert (review.ref, review.external_id, review.rating, review.body) == (who.ref, "r-41", 5, "I love this product.")


@pytest.mark.parametrize(
    ("said", "stars"),
    [
        ({"rating": 4.5}, 5),
        ({"rating": "2"}, 2),
        ({"score": 8, "max_rating": 10}, 4),
        ({"rating": 0}, None),
        ({}, None),
    ],
)
def test_stars_of_any_scale_become_stars_of_five(said: dict[str, Any], stars: int | None):
    assert product_reviews.rating(said) == stars


@pytest.mark.parametrize("said", [{"rating": 9}, {"rating": -1}, {"rating": "good"}])
def test_a_rating_that_is_none_is_refused_and_not_guessed(said: dict[str, Any]):
    with pytest.raises(Unreadable, match="max_rating"):
        product_reviews.read(payload({"id": 1, **said}))


def row(**cells: str) -> ReviewWritten:
    return of(reviews_csv.read, payload({"row": cells}))[1]


def test_rows_of_a_file_are_read_in_polish_and_english():
    headers = ["Ocena", "Treść opinii", "Autor", "E-mail", "Produkt", "Data dodania", "Kolor"]
    assert reviews_csv.mapping(headers) == {
        "Ocena": "rating", "Treść opinii": "body", "Autor": "name", "E-mail": "email", "Produkt": "product_name",
        "Data dodania": "date",
    }  # fmt: skip
    assert reviews_csv.mapping(["rating", "review_body", "reviewer_email", "product_handle"])["review_body"] == "body"
    for written, stars in (
        ("4", 4),
        ("4/5", 4),
        ("8/10", 4),
        ("4,5", 5),
        ("★★★☆☆", 3),
        ("5 gwiazdek", 5),
        ("3 z 5", 3),
    ):
        assert row(rating=written).rating == stars
    found = row(rating="1", date="12.05.2024 10:00", body="Zła", status="false", email="a@example.com")
    assert (found.occurred_at.isoformat(), found.state) == ("2024-05-12T08:00:00+00:00", "removed")
    assert found.external_id == row(rating="2", date="12.05.2024 10:00", body="Zła", email="a@example.com").external_id


@pytest.mark.parametrize(
    "cells", [{"title": "x"}, {"rating": "dobra"}, {"rating": "7"}, {"rating": "4", "date": "32.13.2024"}, {"rating": "4", "date": "2031-01-01"}]
)  # fmt: skip
def test_a_row_that_cannot_be_read_says_why(cells: dict[str, str]):
    with pytest.raises(Unreadable):
        row(**cells)
