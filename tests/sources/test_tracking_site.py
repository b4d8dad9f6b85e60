"""Tracking events beyond the common ones: all of the e-commerce specification, whole companies, consent and GPC."""

from __future__ import annotations

import pytest

from crm360.facts import Identifier
from crm360.sources.base import Unreadable
from crm360.sources.tracking import read
from tests.sources.test_tracking import payload, track

PRODUCT = {
    "product_id": "P-1", "sku": "MUG", "category": "Mugs", "name": "Mug", "brand": "Kiln", "variant": "blue",
    "price": "19,99 zł", "quantity": 2, "coupon": "MAY", "position": 3, "url": "https://shop.example/p/1",
    "image_url": "https://shop.example/p/1.jpg",
}  # fmt: skip


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("Products Searched", "products.searched"), ("Product List Viewed", "product-list.viewed"),
        ("Viewed Product Category", "product-list.viewed"), ("Product List Filtered", "product-list.filtered"),
        ("Promotion Viewed", "promotion.viewed"), ("Clicked Promotion", "promotion.clicked"),
        ("Product Clicked", "product.clicked"), ("Clicked Product", "product.clicked"), ("Cart Viewed", "cart.viewed"),
        ("Viewed Checkout Step", "checkout.step-viewed"), ("Completed Checkout Step", "checkout.step-completed"),
        ("Payment Info Entered", "checkout.payment-entered"), ("Coupon Entered", "coupon.entered"),
        ("Coupon Applied", "coupon.applied"), ("Coupon Denied", "coupon.denied"), ("Coupon Removed", "coupon.removed"),
        ("Product Added to Wishlist", "wishlist.added"), ("Product Removed from Wishlist", "wishlist.removed"),
        ("Product Shared", "product.shared"), ("Cart Shared", "cart.shared"),
    ],
)  # fmt: skip
def test_shop_events_without_a_room_are_lines_with_all_they_say(event, kind):
    said = {**PRODUCT, "query": "mug", "filters": [{"type": "price", "value": "low"}], "reason": "too late"}
    noted = track(event, properties=said)[1]
    assert (noted.kind, noted.properties) == (kind, said)


@pytest.mark.parametrize(
    ("event", "action"),
    [
        ("Product Viewed", "viewed"), ("Viewed Product", "viewed"), ("Product Added", "added"),
        ("Added Product", "added"), ("Product Removed", "removed"), ("Removed Product", "removed"),
        ("Wishlist Product Added to Cart", "added"),
    ],
)  # fmt: skip
def test_of_a_product_nothing_said_is_lost(event, action):
    changed = track(event, properties=PRODUCT)[1]
    assert (changed.action, changed.unit_price_minor, changed.currency, changed.quantity) == (action, 1999, "PLN", 2)
    assert changed.attributes == {
        name: PRODUCT[name] for name in ("brand", "variant", "coupon", "position", "image_url")
    }


def test_of_a_company_more_than_its_name_is_kept():
    company = {"name": "Kiln Ltd", "id": "c-1", "industry": "crafts", "employee_count": 12, "plan": "pro"}
    traits = {"company": company, "age": 40, "avatar": "https://a.example/1.png", "username": "anna", "website": "w"}
    (seen,) = read(payload({"type": "identify", "userId": "u", "traits": traits}))
    assert seen.fields == {"company": "Kiln Ltd"}
    details = {name: value for name, value in company.items() if name != "name"}
    assert seen.attributes == {name: traits[name] for name in ("age", "avatar", "username", "website")} | {
        "company_details": details
    }


def test_global_privacy_control_is_an_objection_of_the_device():
    said = payload({"type": "page", "userId": "u", "anonymousId": "d"}, gpc="1")
    _, _, ads, profiling = read(said)
    assert [(each.purpose, each.channel, each.state, each.method) for each in (ads, profiling)] == [
        ("ads", "web", "refused", "gpc"),
        ("profiling", "web", "refused", "gpc"),
    ]
    assert ads.identifier == Identifier("device", "d")
    assert ads.standing
    assert len(read(payload({"type": "page", "userId": "u"}, gpc="1"))) == 2


def test_what_a_visitor_allows_is_stated_with_its_proof():
    said = {
        "purposes": {"analytics": "given", "ads": "refused"}, "notice": "2026-03", "text_sha256": "ab" * 32,
        "method": "banner", "language": "pl",
    }  # fmt: skip
    told = {"anonymousId": "d", "userId": None, "context": {"page": {"url": "https://s.example/"}, "userAgent": "B/1"}}
    _, given, refused = track("Consent Stated", properties=said, **told)
    assert (given.purpose, given.state, given.channel, given.method) == ("analytics", "given", "web", "banner")
    assert (given.notice, given.evidence_grade, given.identifier) == ("2026-03", "B", Identifier("device", "d"))
    assert given.evidence == {
        "text_sha256": "ab" * 32, "language": "pl", "url": "https://s.example/", "user_agent": "B/1"
    }  # fmt: skip
    assert (refused.purpose, refused.state) == ("ads", "refused")
    bare = track("Consent Stated", properties={"purposes": {"analytics": "given"}}, anonymousId="d")[1]
    assert bare.evidence_grade == "D"
    for wrong in ({}, {"purposes": {}}, {"purposes": {"ads": "perhaps"}}, {"purposes": ["ads"]}):
        with pytest.raises(Unreadable, match="purposes"):
            track("Consent Stated", properties=wrong, anonymousId="d")


@pytest.mark.parametrize("name", ["userId", "anonymousId", "event", "type"])
def test_an_id_said_twice_is_no_guess(name):
    twice = b'{"type":"track","event":"X","userId":"a","anonymousId":"d","%s":"track","n":1}' % name.encode()
    with pytest.raises(Unreadable, match=f"names {name} twice"):
        read(payload(twice))
    traits = {"userId": "inner", "event": "inner", "type": "inner"}
    assert len(read(payload({"type": "track", "event": "X", "userId": "a", "properties": traits}))) == 2
