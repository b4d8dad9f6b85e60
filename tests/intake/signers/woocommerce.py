"""WooCommerce signs the body alone; its delivery id is made of the second and shared by what happens in it."""

from tests.intake.signers.kit import Sent, Signer, Told, document, hmac_base64


def sign(told: Told) -> Sent:
    headers = {
        "x-wc-webhook-source": "https://sklep.example.com/",
        "x-wc-webhook-topic": "order.updated",
        "x-wc-webhook-resource": "order",
        "x-wc-webhook-event": "updated",
        "x-wc-webhook-signature": hmac_base64(told.secret, told.body),
        "x-wc-webhook-id": "7",
        "x-wc-webhook-delivery-id": told.delivery_id,
    }
    return Sent(told.body, headers)


SIGNER = Signer(
    body=document(
        id=727, number="727", status="processing", currency="PLN", total="49.90", customer_id=0,
        date_created_gmt="2026-03-02T09:00:00", date_modified_gmt="2026-03-02T09:00:05",
        billing={"email": "ewa@example.com", "first_name": "Ewa"},
    ),
    sign=sign, signature="x-wc-webhook-signature", delivery_id="x-wc-webhook-delivery-id",
    unsigned=frozenset({"id"}),
)  # fmt: skip
