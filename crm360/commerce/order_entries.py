"""What an order puts into the timeline: one line for itself, one for its cancellation, one per refund."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from crm360.commerce.versions import OrderRow
from crm360.profiles.timeline import Entry

KINDS = {"sale": "order.placed", "return": "order.returned", "cancellation": "order.cancelled"}
NAMES_SHOWN = 3


def entries(
    row: OrderRow, *, names: Sequence[str], refunds: Iterable[Mapping[str, Any]], payload_id: int | None
) -> Iterator[Entry]:
    """The timeline lines of an order as it stands; none while nobody is known to have placed it."""
    if row["contact_id"] is None:
        return
    subject, title = f"order:{row['id']}", row["number"]
    if row["stated_status"] != "announced":
        kind, said = KINDS[row["kind"]], _snapshot(row, names)
        yield Entry(row["contact_id"], kind, row["placed_at"], title, said, subject, payload_id)
    brief = {"order_id": row["id"], "number": row["number"], "currency": row["currency"]}
    if row["cancelled_at"] is not None:
        said = brief | {"total_minor": row["total_minor"], "reason": row["cancel_reason"]}
        yield Entry(
            row["contact_id"], "order.cancelled", row["cancelled_at"], title, said, f"{subject}:cancelled", payload_id
        )
    for refund in refunds:
        amount = row["total_minor"] if refund["amount_minor"] is None else refund["amount_minor"]
        said = brief | {"amount_minor": amount, "reason": refund["reason"]}
        if given_back := [line["name"] or line["sku"] for line in refund["lines"]]:
            said |= {"items": len(given_back), "names": given_back[:NAMES_SHOWN]}
        about = f"{subject}:refund:{refund['refund_id']}"
        yield Entry(row["contact_id"], "order.refunded", refund["refunded_at"], title, said, about, payload_id)


def _snapshot(row: OrderRow, names: Sequence[str]) -> dict[str, Any]:
    return {
        "order_id": row["id"],
        "number": row["number"],
        "total_minor": row["total_minor"],
        "refunded_minor": row["refunded_minor"],
        "currency": row["currency"],
        "kind": row["kind"],
        "status": row["status"],
        "channel": row["channel"],
        "store": row["store"],
        "items": len(names),
        "names": list(names[:NAMES_SHOWN]),
    }
