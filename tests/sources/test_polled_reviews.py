"""Reviews that a shop is asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm360.sources import woocommerce
from tests.sources.poll_peers import NOW, Asked, run, serving
from tests.sources.test_polls import WOO, Woo, gmt, ids


class Reviewed(Woo):
    """A shop with reviews, and one of the time before there were any."""

    def __init__(self, *, known: bool = True) -> None:
        super().__init__()
        self.known = known
        self.reviews = [{"id": n, "date_created_gmt": gmt(n * 60), "status": "approved"} for n in range(1, 131)]

    def __call__(self, asked: Asked) -> tuple[int, Any]:
        if not asked.path.endswith("/reviews"):
            return super().__call__(asked)
        if not self.known:
            return 404, {"code": "rest_no_route"}
        page, size = int(asked.query["page"]), int(asked.query["per_page"])
        newest_first = sorted(self.reviews, key=lambda one: str(one["date_created_gmt"]), reverse=True)
        return 200, newest_first[(page - 1) * size : page * size]


def test_new_reviews_are_told_at_once_and_changed_ones_once_a_day():
    with serving(shop := Reviewed()) as url:
        first = run(woocommerce.poll, {**WOO, "url": url})
        assert ids(first.items, "review") == set(range(1, 131))
        shop.reviews[0]["status"] = "spam"
        shop.reviews.append({"id": 131, "date_created_gmt": gmt(131 * 60), "status": "hold"})
        again = run(woocommerce.poll, {**WOO, "url": url}, first.cursor)
        assert 131 in ids(again.items, "review")
        assert ids(again.items, "review") <= set(range(31, 132)), "no sweep yet"
        swept = run(woocommerce.poll, {**WOO, "url": url}, again.cursor, now=NOW + timedelta(hours=25))
        new = [json_of for json_of in swept.keys if json_of not in {*first.keys, *again.keys}]
        assert len(new) == 1, "the one that became spam"


def test_a_shop_that_knows_no_reviews_is_asked_for_the_rest():
    with serving(Reviewed(known=False)) as url:
        found = run(woocommerce.poll, {**WOO, "url": url})
    assert found.failure is None
    assert ids(found.items) == set(range(1, 321))
