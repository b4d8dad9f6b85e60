"""Reviews that a shop is asked for."""

from __future__ import annotations

from datetime import timedelta

from crm360.sources import woocommerce
from tests.sources.poll_peers import NOW, run, serving
from tests.sources.test_polls import WOO, Woo, gmt, ids


def test_woocommerce_tells_reviews_new_ones_at_once_and_changed_ones_once_a_day():
    with serving(woo := Woo()) as url:
        first = run(woocommerce.poll, {**WOO, "url": url})
        assert ids(first.items, "review") == set(range(1, 131))
        woo.reviews[0]["status"] = "spam"
        woo.reviews.append({"id": 131, "date_created_gmt": gmt(131 * 60), "status": "hold"})
        again = run(woocommerce.poll, {**WOO, "url": url}, first.cursor)
        assert 131 in ids(again.items, "review")
        assert ids(again.items, "review") <= set(range(31, 132)), "no sweep yet"
        swept = run(woocommerce.poll, {**WOO, "url": url}, again.cursor, now=NOW + timedelta(hours=25))
        assert len({*swept.keys} - {*first.keys, *again.keys}) == 1, "the one that became spam"
