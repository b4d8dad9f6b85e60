"""Loyalty points as sources tell of them: whose they are and how many. Kept with the contact, where the source put them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import String, cast, or_, select

from crm360.identity.models import Contact
from crm360.insights.percentiles import percentile
from crm360.kernel.db import db

#: What sources call a balance of points, the first that a contact has: tills and lists, Odoo; Square.
NAMES = ("points", "loyalty_balance")
_AT_ONCE = 5_000


def balances() -> dict[int, int]:
    """Customer → points on all their cards; who has no card with points told of is left out."""
    told = cast(Contact.attributes, String)
    wanted = or_(*(told.contains(f'"{name}"') for name in NAMES))
    statement = select(Contact.profile_id, Contact.attributes).where(Contact.profile_id.is_not(None), wanted)
    found: defaultdict[int, int] = defaultdict(int)
    for profile_id, attributes in db.session.execute(statement.execution_options(yield_per=_AT_ONCE)):
        balance = next((each for name in NAMES if (each := _number(attributes.get(name))) is not None), None)
        if balance is not None and profile_id is not None:
            found[profile_id] += balance
    return dict(found)


def summed(found: Mapping[int, int]) -> dict[str, Any] | None:
    """{"customers", "holders", "points", "median", "p90"}: the last two of those with any; None where no source tells."""
    if not found:
        return None
    holding = sorted(balance for balance in found.values() if balance > 0)
    return {
        "customers": len(found),
        "holders": len(holding),
        "points": sum(holding),
        "median": percentile(holding, 0.5),
        "p90": percentile(holding, 0.9),
    }


def _number(said: Any) -> int | None:
    value = said.get("value") if isinstance(said, Mapping) else said
    try:
        return int(float(str(value).replace("\u00a0", "").replace(" ", "").replace(",", ".")))
    except (ValueError, OverflowError):
        return None
