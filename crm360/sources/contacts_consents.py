"""Consent columns of a customer list → statements, graded by the evidence the row itself carries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm360.facts import ConsentStated, ContactRef, Identifier
from crm360.sources.instants import instant
from crm360.sources.written_values import answer

Channel = Literal["email", "sms", "phone"]
State = Literal["given", "withdrawn", "refused"]
_CHANNELS: dict[str, Channel] = {"consent_email": "email", "consent_sms": "sms", "consent_phone": "phone"}
_EVIDENCE = ("optin_at", "optin_ip", "confirmed_at", "confirm_ip", "unsubscribed_at", "unsubscribe_reason")
FIELDS = frozenset({*_CHANNELS, *_EVIDENCE})
_STATES: dict[str, State] = {"yes": "given", "no": "refused", "withdrawn": "withdrawn"}
_LIST_STATES = {"subscribed": "yes", "unsubscribed": "withdrawn"}


class Claim(NamedTuple):
    """Who is speaking of whom: the list imported at `stated_at`; `zone` is the one its times are written in."""

    ref: ContactRef
    source: str
    stated_at: datetime
    email: Identifier | None
    phone: Identifier | None
    list_state: str
    zone: str


def consents(claim: Claim, row: Mapping[str, str]) -> list[ConsentStated]:
    """One statement for each consent cell that says something about an address in the row; an empty cell says nothing.

    A bare yes is a claim (grade D). With the time of opting in it is B, with the confirmation's time too it is A; those
    times are about the e-mail list and lend nothing to other channels.
    """
    found = []
    for field, channel in _CHANNELS.items():
        said = answer(row.get(field, ""))
        if channel == "email":
            said = _of_list(claim, row) or said
        identifier = claim.email if channel == "email" else claim.phone
        if said and identifier is not None:
            found.append(_stated(claim, row, channel, _STATES[said], identifier))
    return found


def _of_list(claim: Claim, row: Mapping[str, str]) -> str:
    if row.get("unsubscribed_at"):
        return "withdrawn"
    return _LIST_STATES.get(claim.list_state, "")


def _stated(
    claim: Claim, row: Mapping[str, str], channel: Channel, state: State, identifier: Identifier
) -> ConsentStated:
    evidence = {name: row[name] for name in _EVIDENCE if row.get(name)} if channel == "email" else {}
    optin_at, confirmed_at = _time(claim, evidence.get("optin_at")), _time(claim, evidence.get("confirmed_at"))
    act_at = _time(claim, evidence.get("unsubscribed_at")) if state != "given" else confirmed_at or optin_at
    grade: Literal["A", "B", "D"] = "D"
    if state == "given" and optin_at:
        grade = "A" if confirmed_at else "B"
    elif state == "withdrawn" and act_at:
        grade = "B"
    return ConsentStated(
        ref=claim.ref,
        identifier=identifier,
        purpose="marketing",
        channel=channel,
        state=state,
        occurred_at=min(act_at or claim.stated_at, claim.stated_at),
        source=claim.source,
        method="import",
        evidence_grade=grade,
        # Without a time of its own the statement is the same however often the list is imported.
        statement_id=f"{claim.ref.external_id}:{channel}:{state}:{act_at.isoformat() if act_at else 'list'}",
        evidence=evidence,
        undated=act_at is None,
    )


def _time(claim: Claim, written: str | None) -> datetime | None:
    try:
        return instant(written or "", ZoneInfo(claim.zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return instant(written or "")
