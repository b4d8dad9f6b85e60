"""Reviews over REST: sent as events, read by what is asked, answered and closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.api.conftest import AT, Call


def review(number: int, rating: int, **said: Any) -> dict[str, Any]:
    part = {"id": f"r-{number}", "rating": rating, "body": "Broken.", "product_name": "Cup", **said}
    return {"type": "review", "external_id": "K-1", "occurred_at": AT, "review": part}


def test_reviews_are_sent_read_answered_and_closed(call: Call, drain: Callable[[], Any], alice: Any) -> None:
    events = [review(1, 1), review(2, 10, max_rating=10), review(3, 2)]
    assert call("POST", "/events", json={"events": events}).status_code == 202
    assert call("POST", "/events", json={"events": [review(4, 9)]}).status_code == 422
    drain()
    page = call("GET", "/product-reviews?limit=2", role="sales").get_json()
    assert [each["external_id"] for each in page["items"]] == ["r-3", "r-2"]
    rest = call("GET", f"/product-reviews?limit=2&before={page['next_before']}").get_json()
    assert [(each["rating"], each["product"]) for each in rest["items"]] == [(1, "Cup")]
    bad = call("GET", "/product-reviews?tone=bad&handled=open").get_json()["items"]
    assert [each["external_id"] for each in bad] == ["r-3", "r-1"]
    path = f"/product-reviews/{bad[0]['id']}"
    assert call("POST", f"{path}/answer", role="privacy", json={"text": "Sorry"}).status_code == 403
    done = call("POST", f"{path}/answer", json={"text": "Sorry"}).get_json()
    assert (done["handled"], done["answer"], done["handled_by"]) == ("answered", "Sorry", "admin-key")
    assert call("POST", f"{path}/closing", json={"reason": "x"}).status_code == 409
    closed = call("POST", f"/product-reviews/{bad[1]['id']}/closing", json={"reason": "By phone"}).get_json()
    assert (closed["handled"], closed["reason"]) == ("closed", "By phone")
    assert call("GET", "/product-reviews?tone=bad&handled=open").get_json()["items"] == []
    assert call("GET", "/product-reviews/999").status_code == 404
