"""Who is who, brought up to date after contacts changed: keys, weak values, edges, components, devices; in this order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import exists, select

from crm360.identity import devices, in_force, judging, keying, recomputing, repartition, weakness
from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.db import db


def resolve(
    *,
    contact_ids: Iterable[int],
    before: Mapping[int, judging.Form] | None = None,
    gone: Mapping[int, judging.Form] | None = None,
    also: Iterable[str] = (),
    now: datetime,
) -> set[int]:
    """Resolve contacts that are new or changed; only their components are recomputed.

    `before`: the compared forms that changed contacts had, contacts without one are new; `gone`: forms of contacts that
    are no more; `also`: identifier keys (`kind:value`) of which something was ruled. Returns the profile ids touched, retired ones too.
    """
    changed, before, gone = set(contact_ids), before or {}, gone or {}
    if not changed and not also and not gone:
        return set()
    dialects.lock_partition(db.session)
    in_force.forget()
    if in_force.current().id is None:
        if _resolved_before():
            return recomputing.recompute(cause="model", now=now).touched
        in_force.settled(now=now)
    known = judging.Known(in_force.current().judge)
    known.load(changed)
    crossed = keying.follow(changed, before, known, gone=gone)
    dirty = changed | crossed.shrunk
    dirty |= weakness.settle(changed, before, known, gone=gone, also=also)
    ends = judging.judge(dirty, known, fresh=frozenset(changed - before.keys()))
    ends |= judging.forget(crossed.full, dirty, known)
    touched, moved = repartition.repartition(dirty | ends, known=known, now=now, cause="evidence")
    return touched | devices.attach(dirty | moved, now=now)


def _resolved_before() -> bool:
    """Whether contacts have profiles that a version without models gave them: everybody is resolved once then."""
    return bool(db.session.scalar(select(exists().where(Contact.profile_id.is_not(None)))))
