"""Shopify signs the body alone; time and ids stand in headers that anybody could change."""

from tests.intake.signers.kit import Sent, Signer, Told, document, hmac_base64


def sign(told: Told) -> Sent:
    headers = {
        "x-shopify-topic": "orders/create",
        "x-shopify-shop-domain": "sklep.myshopify.com",
        "x-shopify-api-version": "2026-01",
        "x-shopify-webhook-id": told.delivery_id,
        "x-shopify-event-id": f"event-{told.delivery_id}",
        "x-shopify-triggered-at": told.at.isoformat(),
        "x-shopify-hmac-sha256": hmac_base64(told.secret, told.body),
    }
    return Sent(told.body, headers)


SIGNER = Signer(
    body=document(
        id=5001, name="#1001", email="ewa@example.com", total_price="49.90", currency="PLN",
        created_at="2026-03-02T10:00:00+01:00", updated_at="2026-03-02T10:00:00+01:00", financial_status="paid",
    ),
    sign=sign, signature="x-shopify-hmac-sha256", time="x-shopify-triggered-at", delivery_id="x-shopify-webhook-id",
    unsigned=frozenset({"time", "id"}),
)  # fmt: skip
