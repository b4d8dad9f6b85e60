"""Who is who, brought up to date after contacts changed: weak values, edges, components, devices; in this order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crm360.identity import devices, judging, repartition, weakness
from crm360.kernel import dialects
from crm360.kernel.db import db


def resolve(*, contact_ids: Iterable[int], lost_keys: Iterable[str] = (), now: datetime) -> set[int]:
    """Resolve contacts that are new or changed; only their components are recomputed.

    `lost_keys` are blocking keys some contact carried until now. Returns the profile ids touched, retired ones too.
    """
    changed, lost = set(contact_ids), set(lost_keys)
    if not changed and not lost:
        return set()
    dialects.lock_partition(db.session)
    forms = judging.Forms()
    forms.load(changed)
    dirty = changed | weakness.settle(touched=forms.blocking_keys(changed), lost=lost)
    ends = judging.judge(dirty, forms)
    touched, moved = repartition.repartition(dirty | ends, forms=forms, now=now, cause="evidence")
    return touched | devices.attach(dirty | moved, now=now)
