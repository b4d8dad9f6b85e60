"""Who is who as documents: weights with their evidence, bars of a waterfall, ties, steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask import url_for

from crm360.identity.auditing import Shared
from crm360.identity.explaining import Explanation, Step
from crm360.identity.history import HistoryItem
from crm360.identity.holding import Held
from crm360.identity.listing import Weighed
from crm360.identity.probing import Likeness, Probed
from crm360.identity.reviewing import Review
from crm360.identity.thresholds import Thresholds

Document = dict[str, Any]
#: Golden records by profile id.
Records = Mapping[int, Any]
#: A smaller difference between a sum and its parts is rounding.
_EXACT = 0.05


def resolution(probed: Probed, records: Records) -> Document:
    """Whom some data may belong to."""
    return {
        "model": probed.model,
        "thresholds": lines(probed.thresholds),
        "profile_id": probed.profile_id,
        "items": [_likeness(each, records) for each in probed.likely],
        "ignored": keys(probed.weak_keys),
        "unreadable": probed.unreadable,
    }


def pair(edge: Weighed, contact_id: int, homes: Mapping[int, int], records: Records) -> Document:
    """A stored pair as one of its contacts sees it. `homes`: contact id → profile id."""
    other = edge.right_id if edge.left_id == contact_id else edge.left_id
    home = homes.get(other)
    return {
        "contact_id": other,
        "profile_id": home,
        "display_name": _named(home, records)["display_name"],
        "together": home is not None and home == homes.get(contact_id),
        "weight": edge.weight,
        "evidence": edge.evidence,
        "model": edge.model,
    }


def explanation(told: Explanation, path: Iterable[Step], homes: Mapping[int, int | None]) -> Document:
    """Why two contacts are, or are not, one person."""
    ends = {"left": told.left_id, "right": told.right_id}
    same = ("together", "verdict", "conflict", "model", "weight", "evidence", "decisions")
    return {
        **{side: {"contact_id": each, "profile_id": homes.get(each)} for side, each in ends.items()},
        **{name: getattr(told, name) for name in same},
        "thresholds": lines(Thresholds(told.prior, told.review, told.join)),
        "waterfall": list(_bars(told.evidence, told.prior, told.weight)),
        "shared": keys(told.shared_keys),
        "ignored": keys(told.weak_keys),
        "path": [tie(step) for step in path],
    }


def tie(step: Step) -> Document:
    """One link between two contacts."""
    ends = {"left_contact_id": step.left_id, "right_contact_id": step.right_id}
    return ends | {"weight": step.weight, "decision_id": step.decision_id, "evidence": step.evidence}


def tie_order(step: Step) -> tuple[int, float, int, int, int]:
    """Decisions first, then the strongest."""
    weight = 0.0 if step.weight is None else -step.weight
    return int(step.decision_id is None), weight, step.left_id, step.right_id, step.decision_id or 0


def step(item: HistoryItem) -> Document:
    """Something that joined or parted contacts."""
    names = ("kind", "decision_id", "made_at", "made_by", "reason", "profile_ids", "undone_at", "undone_by", "can_undo")
    return {name: getattr(item, name) for name in names}


def step_order(item: HistoryItem) -> tuple[float, int, str, str]:
    """The latest first."""
    return -item.made_at.timestamp(), -(item.decision_id or 0), item.kind, str(item.profile_ids)


def review(asked: Review, records: Records, held: Held) -> Document:
    """A pair of profiles that waits for an answer, and why."""
    ends = {
        "left": (asked.left_contact_id, asked.left_profile_id),
        "right": (asked.right_contact_id, asked.right_profile_id),
    }
    shown = {side: {"contact_id": contact, **_person(profile, records)} for side, (contact, profile) in ends.items()}
    why = {"reason": held.reason, "detail": held.detail, "count": held.number, "most": held.most}
    return shown | {"weight": asked.weight, "evidence": asked.evidence, "held": why}


def shared(value: Shared) -> Document:
    """An identifier value of many."""
    return {name: getattr(value, name) for name in ("kind", "value", "reason", "count")}


def lines(at: Thresholds) -> Document:
    """Prior and thresholds in bits."""
    return at._asdict()


def keys(found: Iterable[str]) -> list[Document]:
    """Blocking keys (`email:a@b.pl`) in two parts."""
    return [{"kind": kind, "value": value} for key in found for kind, _, value in [key.partition(":")]]


def _likeness(each: Likeness, records: Records) -> Document:
    names = ("contact_id", "weight", "verdict", "conflict", "evidence")
    return _person(each.profile_id, records) | {name: getattr(each, name) for name in names}


def _person(profile_id: int, records: Records) -> Document:
    href = url_for("api.profile", profile_id=profile_id)
    return {"profile_id": profile_id, "href": href, **_named(profile_id, records)}


def _named(profile_id: int | None, records: Records) -> Document:
    record = records.get(profile_id) if profile_id else None
    return {
        "display_name": record.display_name if record else f"#{profile_id}" if profile_id else "",
        "city": record.city if record else "",
    }


def _bars(evidence: Sequence[Mapping[str, Any]], prior: float, total: float) -> Iterator[Document]:
    """From the prior over what speaks for and what speaks against to the total."""
    reached = prior
    yield _bar("prior", prior, reached)
    for row in sorted(evidence, key=lambda each: -each["bits"]):
        reached += row["bits"]
        yield _bar("against" if row["bits"] < 0 else "for", row["bits"], reached, row["field"], row["level"])
    if abs(total - reached) > _EXACT:
        yield _bar("held", total - reached, total)
    yield _bar("total", total, total)


def _bar(kind: str, bits: float, reached: float, field: str = "", level: str = "") -> Document:
    return {"kind": kind, "field": field, "level": level, "bits": bits, "sum": reached}
