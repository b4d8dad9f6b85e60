"""All that stands above the statements of people's addresses, in one statement of the database. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, String, bindparam, cast, literal, null, select, union_all

from crm360.consents.definitions import Catalogue, purpose_of
from crm360.consents.digests import digest
from crm360.consents.judging import Address, Passed
from crm360.consents.models import PurposeVersion, Stop, StopLifted, Suppression, Tenure
from crm360.consents.purposes import DEFAULTS
from crm360.consents.stopping import Placed
from crm360.consents.suppressing import Standing
from crm360.kernel import dialects
from crm360.kernel.db import db


class Above(NamedTuple):
    """Suppressions by normalised address, stops by profile, the purposes in force, and addresses that passed on."""

    suppressed: Mapping[str, list[Standing]]
    stops: Mapping[int, list[Placed]]
    purposes: Catalogue
    passed: Mapping[Address, Passed]


def above(
    *, contacts: Mapping[int, int], addresses: Iterable[str], now: datetime, known: datetime | None = None
) -> Above:
    """What must be known beside the statements about `addresses` to judge them at `now`, by what was known at `known`.

    `contacts`: contact → profile of everybody whose stops count.
    """
    keys, told, addresses = dialects.suppression_keys(db.session), known or now, set(addresses)
    digests = {digest(key, address): address for address in addresses for key in keys}
    suppressed: dict[str, list[Standing]] = {}
    stops: dict[int, list[Placed]] = {}
    purposes = dict(DEFAULTS)
    passed: dict[Address, Passed] = {}
    asked = {"values": [*digests, *addresses], "contacts": list(contacts), "now": now, "lifted": min(now, told)}
    asked |= {} if known is None else {"known": known}
    rows = db.session.execute(_query(recorded=known is not None), asked)
    for what, key, one, other, since, until, number, contact_id, definition in rows:
        if what == "suppression":
            suppressed.setdefault(digests[key], []).append(Standing(one, other, since))
        elif what == "stop":
            stop = Placed(number, contact_id, one, since, until, other)
            stops.setdefault(contacts[contact_id], []).append(stop)
        elif what == "passed":
            passed[one, key] = Passed(since, until, contact_id)
        else:
            purposes[key] = purpose_of(key, number, definition, since)
    return Above(suppressed, stops, Catalogue(purposes), passed)


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
_NONE_YET = cast(literal(0), Stop.id.type)


@cache
def _query(*, recorded: bool) -> Select[Any]:
    """Of `values` (digests and addresses) and `contacts` at `now`; `recorded`: by what was `known` at a moment."""
    parts = (_suppressions(), _stops(), _purposes(), _passed())
    limits = (Suppression.recorded_at, Stop.recorded_at, PurposeVersion.created_at, Tenure.noted_at)
    known = zip(parts, limits, strict=True)
    rows = union_all(*(part.where(at <= bindparam("known")) if recorded else part for part, at in known)).subquery()
    return select(rows).order_by(rows.c.number, rows.c.since)


def _suppressions() -> Select[Any]:
    row = _row(
        "suppression", Suppression.digest, Suppression.channel, Suppression.reason, Suppression.since, _NO_TIME,
        Suppression.id, _NO_NUMBER, _NO_JSON,
    )  # fmt: skip
    return row.where(dialects.Among(Suppression.digest))


def _stops() -> Select[Any]:
    lifted = select(StopLifted.stop_id).where(
        StopLifted.stop_id == Stop.id, StopLifted.lifted_at <= bindparam("lifted")
    )
    row = _row(
        "stop", _NO_TEXT, Stop.kind, Stop.ground, Stop.since, Stop.until, Stop.id, Stop.contact_id, _NO_JSON,
    )  # fmt: skip
    return row.where(Stop.contact_id.in_(bindparam("contacts", expanding=True)), ~lifted.exists())


def _purposes() -> Select[Any]:
    row = _row(
        "purpose", PurposeVersion.code, _NO_TEXT, _NO_TEXT, PurposeVersion.effective_from, _NO_TIME,
        cast(PurposeVersion.version, Stop.id.type), _NO_NUMBER, PurposeVersion.definition,
    )  # fmt: skip
    return row.where(PurposeVersion.effective_from <= bindparam("now"))


def _passed() -> Select[Any]:
    """The last passing until then comes last."""
    row = _row(
        "passed", Tenure.normal, Tenure.kind, _NO_TEXT, Tenure.since, Tenure.noted_at, _NONE_YET, Tenure.holder_id,
        _NO_JSON,
    )  # fmt: skip
    return row.where(dialects.Among(Tenure.normal), Tenure.since <= bindparam("now"))
