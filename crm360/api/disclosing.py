"""Shows personal data: masked as the key's role demands, and noted for the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from flask import url_for

from crm360.accounts import audit, reads
from crm360.accounts.disclosure import masked, redacted
from crm360.api import policy
from crm360.api.profile_view import PERSONAL, veiled
from crm360.flows import restricted
from crm360.kernel import clock

LISTED = "profiles.listed"
#: Data of a person held against the base was answered with this profile.
MATCHED = "profile.matched"
#: Shown as one of two that may be one customer.
REVIEWED = "profile.compared"


def opened(profile_id: int, document: dict[str, Any]) -> dict[str, Any]:
    """A document about one profile."""
    return told([profile_id], document)


def told(
    profile_ids: Iterable[int | None], document: dict[str, Any], *, action: str = audit.PROFILE_OPENED
) -> dict[str, Any]:
    """A document that tells of each of some profiles. Raises Restricted."""
    for profile_id in dict.fromkeys(profile_ids):
        if profile_id is not None:
            restricted.check(profile_id, desk=policy.may(restricted.PERMISSION), changing=False, now=clock.now())
            reads.note(actor=policy.actor(), action=action, subject_kind="profile", subject_id=profile_id)
    return shown(document)


def of_somebody(items: Sequence[dict[str, Any]], page: dict[str, Any]) -> dict[str, Any]:
    """A page of `items` that each name the profile they are of, or nobody. Raises Restricted."""
    ids = sorted({each["profile_id"] for each in items if each["profile_id"] is not None})
    return told(ids, page | {"items": list(items)}, action=LISTED)


def whose(profile_id: int | None) -> dict[str, Any]:
    """How an item names the profile it is of; nothing when that is nobody."""
    href = url_for("api.profile", profile_id=profile_id) if profile_id is not None else None
    return {"profile_id": profile_id, "href": href}


def listed(page: dict[str, Any]) -> dict[str, Any]:
    """A page of profiles, without those whose data are restricted."""
    ids = [item["id"] for item in page["items"]]
    hidden = restricted.hidden(ids, desk=policy.may(restricted.PERMISSION), now=clock.now())
    page["items"] = [item for item in page["items"] if item["id"] not in hidden]
    if page["items"]:
        ids = [item["id"] for item in page["items"]]
        reads.note(actor=policy.actor(), action=LISTED, details={"profile_ids": ids})
    return shown(page)


def identifiers_listed(page: dict[str, Any]) -> dict[str, Any]:
    """A page of identifiers that are no one person's."""
    if page["items"]:
        details = {"count": len(page["items"])}
        reads.note(actor=policy.actor(), action="shared_identifiers.listed", details=details)
    return shown(page)


def shown(document: dict[str, Any]) -> dict[str, Any]:
    """The document as the role of this call's key may see it."""
    if policy.may("contacts.reveal"):
        return document
    bare = deepcopy(document)  # rows of the session must keep their values
    for part in (bare, *bare.get("items", ())):
        veiled(part)
    safe: dict[str, Any] = redacted(_without_values(bare))
    return safe


def _without_values(part: Any) -> Any:
    """The same with contact details masked in findings ({field, left, right}) and keys ({kind, value}) at any depth."""
    if isinstance(part, list):
        return [_without_values(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    kind, places = (part["field"], ("left", "right")) if "field" in part else (part.get("kind"), ("value",))
    return {
        name: _masked_each(each, kind) if kind in PERSONAL and name in places else _without_values(each)
        for name, each in part.items()
    }


def _masked_each(values: str, kind: str) -> str:
    return ", ".join(masked(value, kind) for value in values.split(", "))
