"""The register of breaches: what happened, since when we know, until when the authority must be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid, NotFound
from crm360.safeguards.models import Breach

#: GDPR 33(1).
NOTICE = timedelta(hours=72)
RISKS = ("unlikely", "likely", "high")
SCOPES = ("source", "staff", "kind")


class UnusableBreach(Invalid):
    """A breach that cannot be recorded like this."""


class BreachNotFound(NotFound):
    """There is no such breach."""


class BreachClosed(Conflict):
    """The breach was closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBreach:
    """A breach to record; fields as in `models.Breach`."""

    title: str
    nature: str = ""
    scope: Mapping[str, Any]
    began_at: datetime
    ended_at: datetime
    known_at: datetime
    people: int
    risk: str
    consequences: str = ""
    measures: str = ""


def record(*, breach: NewBreach, by: str, now: datetime) -> Breach:
    """Write it into the register. Raises UnusableBreach."""
    faults = {
        "title": [] if breach.title.strip() else ["Say what happened."],
        "risk": [] if breach.risk in RISKS else ["Choose how great the risk is."],
        "ended_at": [] if breach.began_at <= breach.ended_at else ["The end must not be before the beginning."],
        "known_at": [] if breach.known_at <= now else ["This moment is still to come."],
    }
    if any(faults.values()):
        raise UnusableBreach("The breach cannot be kept like this.", errors={n: f for n, f in faults.items() if f})
    made = Breach(
        title=breach.title.strip(), nature=breach.nature.strip(), scope=dict(breach.scope), began_at=breach.began_at,
        ended_at=breach.ended_at, known_at=breach.known_at, people=breach.people, risk=breach.risk,
        consequences=breach.consequences.strip(), measures=breach.measures.strip(), recorded_at=now, recorded_by=by,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def tell_authority(*, breach_id: int, at: datetime, reason: str, now: datetime) -> Breach:
    """The authority was told; a notice after the 72 hours needs the reason of the delay. Raises UnusableBreach, …"""
    breach = _open(breach_id)
    if not breach.known_at <= at <= now:
        raise UnusableBreach("This moment cannot be.", errors={"at": ["This moment cannot be."]})
    if at > due_at(breach) and not reason.strip():
        told = "A notice after 72 hours needs the reason of the delay."
        raise UnusableBreach(told, errors={"reason": [told]})
    breach.authority_told_at, breach.reason = at, reason.strip() or breach.reason
    db.session.flush()
    return breach


def tell_people(*, breach_id: int, at: datetime, now: datetime) -> Breach:
    """Those it is about were told (Art. 34). Raises UnusableBreach, BreachNotFound, BreachClosed."""
    breach = _open(breach_id)
    if not breach.known_at <= at <= now:
        raise UnusableBreach("This moment cannot be.", errors={"at": ["This moment cannot be."]})
    breach.people_told_at = at
    db.session.flush()
    return breach


def close(*, breach_id: int, measures: str, reason: str, now: datetime) -> Breach:
    """Everything was done. Who told nobody says why. Raises UnusableBreach, BreachNotFound, BreachClosed."""
    breach = _open(breach_id)
    breach.measures = measures.strip() or breach.measures
    breach.reason = reason.strip() or breach.reason
    if not breach.measures:
        raise UnusableBreach("Say what was done.", errors={"measures": ["Say what was done."]})
    untold = breach.authority_told_at is None or (breach.risk == "high" and breach.people_told_at is None)
    if untold and not breach.reason:
        raise UnusableBreach("Say why nobody was told.", errors={"reason": ["Say why nobody was told."]})
    breach.closed_at = now
    db.session.flush()
    return breach


def due_at(breach: Breach) -> datetime:
    """Until when the authority must be told."""
    return breach.known_at + NOTICE


def get(breach_id: int) -> Breach:
    """Raises BreachNotFound."""
    found: Breach | None = db.session.get(Breach, breach_id)
    if found is None:
        raise BreachNotFound(f"There is no breach {breach_id}.")
    return found


def register() -> list[Breach]:
    """Every breach: open ones first, the newest first."""
    return list(db.session.scalars(select(Breach).order_by(Breach.closed_at.is_not(None), Breach.known_at.desc())))


def clocks_running() -> list[Breach]:
    """Open breaches nobody told the authority of though a risk is likely, the most urgent first."""
    untold = Breach.closed_at.is_(None) & Breach.authority_told_at.is_(None) & (Breach.risk != "unlikely")
    return list(db.session.scalars(select(Breach).where(untold).order_by(Breach.known_at)))


def _open(breach_id: int) -> Breach:
    breach = get(breach_id)
    if breach.closed_at is not None:
        raise BreachClosed("This breach was closed.")
    return breach
