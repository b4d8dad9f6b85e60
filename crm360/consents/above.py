"""All that stands above the statements of people's addresses, in one statement of the database. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, String, cast, literal, null, select, union_all

from crm360.consents.definitions import Catalogue, purpose_of
from crm360.consents.digests import digest
from crm360.consents.models import PurposeVersion, Stop, StopLifted, Suppression
from crm360.consents.purposes import DEFAULTS
from crm360.consents.stopping import Placed
from crm360.consents.suppressing import Standing
from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.db import db


class Above(NamedTuple):
    """Suppressions by normalised address, stops by profile, and the purposes in force."""

    suppressed: Mapping[str, list[Standing]]
    stops: Mapping[int, list[Placed]]
    purposes: Catalogue


def above(*, profile_ids: Collection[int], addresses: Iterable[str], now: datetime) -> Above:
    """What must be known beside the statements about `addresses` of `profile_ids` to judge them at `now`."""
    keys = dialects.suppression_keys(db.session)
    digests = {digest(key, address): address for address in addresses for key in keys}
    suppressed: dict[str, list[Standing]] = {}
    stops: dict[int, list[Placed]] = {}
    purposes = dict(DEFAULTS)
    query = union_all(_suppressions(), _stops(profile_ids), _purposes(now)).subquery()
    rows = db.session.execute(select(query).order_by(query.c.number), {"values": list(digests)})
    for what, key, one, other, since, until, number, contact_id, definition in rows:
        if what == "suppression":
            suppressed.setdefault(digests[key], []).append(Standing(one, other, since))
        elif what == "stop":
            stops.setdefault(int(key), []).append(Placed(number, contact_id, one, since, until, other))
        else:
            purposes[key] = purpose_of(key, number, definition, since)
    return Above(suppressed, stops, Catalogue(purposes))


def _row(
    what: str, key: Any, one: Any, other: Any, since: Any, until: Any, number: Any, contact_id: Any, definition: Any
) -> Select[Any]:
    return select(
        literal(what).label("what"), key.label("key"), one.label("one"), other.label("other"), since.label("since"),
        until.label("until"), number.label("number"), contact_id.label("contact_id"), definition.label("definition"),
    )  # fmt: skip


_NO_TEXT = cast(null(), String)
_NO_TIME = cast(null(), Stop.until.type)
_NO_NUMBER = cast(null(), Stop.id.type)
_NO_JSON = cast(null(), PurposeVersion.definition.type)


def _suppressions() -> Select[Any]:
    row = _row(
        "suppression", Suppression.digest, Suppression.channel, Suppression.reason, Suppression.since, _NO_TIME,
        Suppression.id, _NO_NUMBER, _NO_JSON,
    )  # fmt: skip
    return row.where(dialects.Among(Suppression.digest))


def _stops(profile_ids: Collection[int]) -> Select[Any]:
    lifted = select(StopLifted.stop_id).where(StopLifted.stop_id == Stop.id).exists()
    row = _row(
        "stop", cast(Contact.profile_id, String), Stop.kind, Stop.ground, Stop.since, Stop.until, Stop.id,
        Stop.contact_id, _NO_JSON,
    )  # fmt: skip
    return row.join(Stop, Stop.contact_id == Contact.id).where(Contact.profile_id.in_(profile_ids), ~lifted)


def _purposes(now: datetime) -> Select[Any]:
    row = _row(
        "purpose", PurposeVersion.code, _NO_TEXT, _NO_TEXT, PurposeVersion.effective_from, _NO_TIME,
        cast(PurposeVersion.version, Stop.id.type), _NO_NUMBER, PurposeVersion.definition,
    )  # fmt: skip
    return row.where(PurposeVersion.effective_from <= now)
