"""Reading who lives with a customer and which companies they buy for."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import url_for

from crm360.api import disclosing, schemas_groups
from crm360.api.door import door
from crm360.api.examples_groups import GROUPS
from crm360.api.fields import amount
from crm360.api.policy import requires
from crm360.api.profiles import ID, TAGS, refused_or_absent
from crm360.commerce import joint
from crm360.commerce import queries as commerce
from crm360.commerce.value import Value
from crm360.identity import groups as found
from crm360.identity import queries as identity
from crm360.profiles import queries as golden
from crm360.profiles.models import GoldenRecord


@door.get(f"{ID}/groups", tags=TAGS)
@requires("customers.read")
@refused_or_absent
@door.response(HTTPStatus.OK, schemas_groups.Groups, example=GROUPS)
@door.doc(operationId="getGroups")
def groups(profile_id: int) -> dict[str, Any]:
    """Read a customer's household and companies

    Groups of separate customers, each with why it belongs and what they are worth together: one door with one family
    name or a shared phone or e-mail; one valid tax id, or one company's e-mail domain.
    """
    present = identity.current(profile_id)
    return disclosing.opened(present, {"profile_id": present, **_document(present)})


def _document(profile_id: int) -> dict[str, Any]:
    household, accounts = found.groups_of(profile_id)
    every = [*([household] if household else ()), *accounts]
    ids = sorted({member.profile_id for group in every for member in group.members})
    records, values = golden.golden(ids), commerce.value_of_many(ids)
    return {
        "household": _group(household, records, values) if household else None,
        "accounts": [_group(account, records, values) for account in accounts],
    }


def _group(group: found.Group, records: Mapping[int, GoldenRecord], values: Mapping[int, Value]) -> dict[str, Any]:
    return {
        "name": group.name,
        "evidence": list(group.keys),
        "members": [_member(each, records.get(each.profile_id), values[each.profile_id]) for each in group.members],
        "value": _worth(joint.together([values[each.profile_id] for each in group.members])),
    }


def _member(member: found.Member, record: GoldenRecord | None, value: Value) -> dict[str, Any]:
    return {
        "id": member.profile_id,
        "href": url_for("api.profile", profile_id=member.profile_id),
        "display_name": record.display_name if record else f"#{member.profile_id}",
        "evidence": list(member.evidence),
        "last_order_at": value.last_at,
    }


def _worth(worth: joint.Joint) -> dict[str, Any]:
    return {
        "customers": worth.customers,
        "buyers": worth.buyers,
        "orders": worth.orders,
        "spend": [amount(minor, currency) for currency, minor in worth.spend.items()],
        "last_order_at": worth.last_at,
    }
