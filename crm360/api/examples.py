"""One invented customer in every shape this door speaks: examples in the document, tried by the tests."""

from __future__ import annotations

from typing import Any

_AT = "2026-03-02T10:30:00.000000Z"
_MONEY = {"amount_minor": 11248, "currency": "PLN", "amount": "112.48"}
_NOTHING = {"amount_minor": 0, "currency": "PLN", "amount": "0.00"}

CONTACT: dict[str, Any] = {
    "external_id": "K-1001",
    "occurred_at": _AT,
    "fields": {"given_name": "Łucja", "family_name": "Kania", "city": "Gdynia"},
    "identifiers": [
        {"kind": "email", "value": "lucja.kania@example.com", "verified": True},
        {"kind": "phone", "value": "+48 601 700 801"},
    ],
    "attributes": {"segment": "b2b"},
}
ORDER_EVENT: dict[str, Any] = {
    "type": "order",
    "event_id": "order-A-77-paid",
    "external_id": "K-1001",
    "occurred_at": _AT,
    "order": {
        "id": "A-77",
        "number": "A/77/2026",
        "currency": "PLN",
        "total": "112.48",
        "shipping": "12.50",
        "lines": [{"sku": "CZ-1", "name": "Czajnik", "quantity": 1, "unit_price": "99.98"}],
    },
}
CONSENT_EVENT: dict[str, Any] = {
    "type": "consent",
    "event_id": "newsletter-4711",
    "identifiers": [{"kind": "email", "value": "lucja.kania@example.com"}],
    "occurred_at": _AT,
    "consent": {
        "purpose": "newsletter",
        "channel": "email",
        "state": "given",
        "evidence_grade": "B",
        "notice": "v3",
    },
}
CART_EVENT: dict[str, Any] = {
    "type": "cart",
    "event_id": "cart-9-1",
    "external_id": "K-1001",
    "occurred_at": _AT,
    "cart": {
        "action": "added",
        "cart_id": "9",
        "sku": "KB-2",
        "name": "Kubek",
        "unit_price": "5.00",
        "currency": "PLN",
    },
}
MESSAGE_EVENT: dict[str, Any] = {
    "type": "message",
    "event_id": "call-12",
    "identifiers": [{"kind": "phone", "value": "601 700 801"}],
    "occurred_at": _AT,
    "message": {"channel": "phone", "direction": "in", "subject": "Reklamacja", "body": "Kubek przyszedł pęknięty."},
}
ACTIVITY_EVENT: dict[str, Any] = {
    "type": "activity",
    "event_id": "quiz-3",
    "external_id": "K-1001",
    "occurred_at": _AT,
    "activity": {"kind": "quiz.finished", "title": "Which kettle are you?", "properties": {"score": 7}},
}
REVIEW_EVENT = {
    "type": "review",
    "external_id": "c-1042",
    "occurred_at": _AT,
    "review": {"id": "r-88", "rating": 2, "body": "The cup came broken.", "product_id": "sku-7", "product_name": "Cup"},
}
EVENTS: dict[str, Any] = {
    name: {"summary": summary, "value": {"events": [event]}}
    for name, summary, event in (
        ("order", "An order with its lines", ORDER_EVENT),
        ("cart", "A product put into the cart", CART_EVENT),
        ("message", "A phone call written down", MESSAGE_EVENT),
        ("consent", "A newsletter form sent", CONSENT_EVENT),
        ("activity", "Anything else that happened", ACTIVITY_EVENT),
        ("review", "A review of a product", REVIEW_EVENT),
    )
}
RECEIPT = {"received": 1, "repeated": 0}

MERGE = {"with": 18, "reason": "Same person, new address"}
DECISION = {"decision_id": 5, "profile_ids": [17, 18], "profile_id": 17}
UNDO = {"reason": "Mother and daughter"}
UNDONE = {"decision_id": 5, "profile_ids": [17, 18], "profile_id": None}

PROFILE_PAGE = {
    "items": [
        {
            "id": 17,
            "href": "/api/v1/profiles/17",
            "display_name": "Łucja Kania",
            "city": "Gdynia",
            "match": {"kind": "name", "text": "Łucja Kania"},
        }
    ],
    "next_cursor": None,
}
_IDENTIFIER = {
    "kind": "email",
    "value": "lucja.kania@example.com",
    "verified": True,
    "first_seen_at": _AT,
    "last_seen_at": _AT,
}
_STATEMENT = {"value": "Gdynia", "source": "erp", "contact_id": 31, "at": _AT}
PROFILE = {
    "id": 17,
    "requested_id": 17,
    "links": {
        "canonical": "/api/v1/profiles/17",
        "timeline": "/api/v1/profiles/17/timeline",
        "contacts": "/api/v1/profiles/17/contacts",
        "orders": "/api/v1/profiles/17/orders",
    },
    "display_name": "Łucja Kania",
    "city": "Gdynia",
    "fields": {"city": {**_STATEMENT, "rule": "most_recent", "others": [{**_STATEMENT, "value": "Sopot"}]}},
    "identifiers": [{**_IDENTIFIER, "sources": ["erp"]}],
    "value": {
        "orders": 1,
        "returns": 0,
        "cancelled": 0,
        "spend": [_MONEY],
        "average": [_MONEY],
        "first_order_at": _AT,
        "last_order_at": _AT,
        "last_order": _MONEY,
        "recency_days": 0,
    },
    "consents": [
        {
            "identifier_kind": "email",
            "identifier": "lucja.kania@example.com",
            "purpose": "newsletter",
            "channel": "email",
            "permitted": True,
            "state": "given",
            "reason": "consent_given",
            "explanation": "The person consented.",
            "since": _AT,
        }
    ],
    "tags": ["vip"],
    "source_tags": [],
    "contact_count": 1,
    "lookalike_count": 0,
}
TIMELINE = {
    "profile_id": 17,
    "items": [
        {
            "id": 201,
            "kind": "order.placed",
            "group": "order",
            "occurred_at": _AT,
            "title": "A/77/2026",
            "properties": {"total_minor": 11248, "currency": "PLN"},
            "subject": "order:9",
            "source": "erp",
            "contact_id": 31,
        }
    ],
    "next_cursor": None,
}
CONTACTS = {
    "profile_id": 17,
    "items": [
        {
            "id": 31,
            "source": "erp",
            "external_id": "customer:K-1001",
            "anonymous": False,
            "fields": {"city": {"value": "Gdynia", "at": _AT}},
            "identifiers": [_IDENTIFIER],
            "attributes": {"segment": {"value": "b2b", "at": _AT}},
            "source_tags": [],
            "first_seen_at": _AT,
            "last_seen_at": _AT,
        }
    ],
}
_LINE = {"line_no": 1, "sku": "CZ-1", "name": "Czajnik", "category": "", "quantity": 1.0}
ORDERS = {
    "profile_id": 17,
    "items": [
        {
            "id": 9,
            "source": "erp",
            "external_id": "A-77",
            "number": "A/77/2026",
            "kind": "sale",
            "status": "paid",
            "channel": "shop",
            "store": "",
            "placed_at": _AT,
            "cancelled_at": None,
            "total": _MONEY,
            "refunded": _NOTHING,
            "discount": _NOTHING,
            "shipping": {"amount_minor": 1250, "currency": "PLN", "amount": "12.50"},
            "tax": _NOTHING,
            "lines": [{**_LINE, "unit_price": _MONEY, "total": _MONEY}],
        }
    ],
    "next_cursor": None,
}
