"""Shows personal data: masked as the key's role demands, and noted for the audit trail."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from crm360.accounts import audit, reads
from crm360.accounts.disclosure import redacted
from crm360.api import policy
from crm360.api.profile_view import veiled

LISTED = "profiles.listed"


def opened(profile_id: int, document: dict[str, Any]) -> dict[str, Any]:
    """A document about one profile."""
    reads.note(actor=policy.actor(), action=audit.PROFILE_OPENED, subject_kind="profile", subject_id=profile_id)
    return shown(document)


def listed(page: dict[str, Any]) -> dict[str, Any]:
    """A page of profiles."""
    if page["items"]:
        ids = [item["id"] for item in page["items"]]
        reads.note(actor=policy.actor(), action=LISTED, details={"profile_ids": ids})
    return shown(page)


def shown(document: dict[str, Any]) -> dict[str, Any]:
    """The document as the role of this call's key may see it."""
    if policy.may("contacts.reveal"):
        return document
    bare = deepcopy(document)  # rows of the session must keep their values
    for part in (bare, *bare.get("items", ())):
        veiled(part)
    masked: dict[str, Any] = redacted(bare)
    return masked
