"""A person goes from every room in named steps, each a transaction of its own; then what was done is certified.

A plan says before how many rows there are and what keeps some of them. The worker goes the steps; one that fails is
tried again, and a worker that dies goes on with the first step that is not done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from crm360.consents import leaving, ledger, stopping
from crm360.flows import announcing, burying, erased_files, forgetting, payloads_about, personal_map, refresh, subjects
from crm360.flows.subjects import Subject
from crm360.identity import operations as identity
from crm360.identity import queries as known
from crm360.kernel.errors import Unavailable
from crm360.kernel.iso8601 import zulu
from crm360.kernel.personal_data import Whom
from crm360.outbox import operations as outbox
from crm360.privacy import handling, tombstones
from crm360.privacy import personal_data as privacy
from crm360.privacy.models import Case, Step
from crm360.privacy.rights import STAYS
from crm360.safeguards import holds
from crm360.webhooks import kinds
from crm360.webhooks import outbox as webhooks

RIGHTS = ("erasure", "shop_erasure")
_ROOMS = (privacy, *forgetting.ROOMS)
#: What the step is called by which freed pages, logs and indexes are written over; the door does it.
SWEEP = "sweep"


#: The last letter is waited for as long; then the address goes with or without it.
_PATIENCE = timedelta(days=1)
#: How many pieces of 500 payloads, and of 500 contacts, a step takes before it lets others write.
_READ_AT_ONCE = 20
_PARTS_AT_ONCE = 10


class AnswerUnderWay(Unavailable):
    """The requester's address is needed a moment longer."""


class Places(NamedTuple):
    """Where files about people may lie, and where tombstones are kept."""

    imports: Path
    watched: Path
    exports: Path
    packages: Path
    tombstones: Path
    #: Where letters become files instead of leaving; None where a mail server takes them.
    letters: Path | None = None

    @property
    def of_lines(self) -> list[Path]:
        """Folders whose files hold a line for each person."""
        return [self.imports, self.watched, self.exports]


def room_of(module: Any) -> str:
    """The name of the room of a `personal_data` module."""
    return str(module.__name__.split(".")[1])


STEPS = ("tombstones", "letters", "payloads", "files", *map(room_of, _ROOMS), "recipients", SWEEP, "certificate")


def plan(*, case: Case, by: str, now: datetime) -> Mapping[str, Any]:
    """What an erasure would take: rows by table, holds that keep some contacts, what stays. Changes nothing else."""
    subject = subjects.of_case(case)
    held = holds.held(subject.contact_ids)
    free = subjects.of_contacts([each for each in subject.contact_ids if each not in held])
    case.plan = {
        "counts": dict(personal_map.counts(free.whom)),
        "payloads": len(free.payload_ids),
        "contact_ids": list(free.contact_ids),
        "held_ids": sorted(held),
        "holds": sorted({hold.id for each in held.values() for hold in each}),
        "profile_id": subject.profile_id,
        "made_at": now.isoformat(),
    }
    handling.note(case_id=case.id, what="planned", by=by, now=now, details={"rows": sum(case.plan["counts"].values())})
    return case.plan


def begin(*, case: Case, by: str, now: datetime) -> None:
    """Grant it; the worker goes the steps. What a hold keeps is restricted instead. Raises NotNow."""
    plan(case=case, by=by, now=now)
    handling.grant(case=case, by=by, now=now)
    if held := case.plan["held_ids"]:
        ground = f"Erasure {case.id}: kept by a legal hold (Art. 17(3)(e), 18)"
        stopping.place(contact_ids=held, kind="restriction", since=now, ground=ground, by=by, now=now)
    handling.lay_out(case=case, names=STEPS)


def go(step: Step, *, places: Places, now: datetime) -> None:
    """Do one step, or a part of a long one, within the caller's transaction."""
    case = handling.get(step.case_id)
    step.started_at = step.started_at or now
    subject = subjects.of_contacts(case.plan["contact_ids"], profile_id=case.plan["profile_id"])
    if _DO.get(step.name, _room)(step, case, subject, places, now):
        step.state, step.finished_at, step.failure = "done", now, ""


def _tombstones(step: Step, case: Case, subject: Subject, places: Places, now: datetime) -> bool:
    """First: whatever arrives from now on knows that they are gone, and marketing to their addresses is over."""
    made, suppressed = _bury(subject, places, case_id=case.id, now=now)
    step.counts = {"tombstones": made, "suppressions": suppressed}
    return True


def _letters(step: Step, case: Case, subject: Subject, _places: Places, now: datetime) -> bool:
    """What is not on the wire yet never leaves, but for the answer to this request: that one is waited for a day."""
    ours = f"case:{case.id}"
    stopped = outbox.call_off(contact_ids=subject.contact_ids, but=ours, reason="erased", now=now)
    step.counts = {"stopped": stopped + step.counts.get("stopped", 0)}
    if outbox.under_way(ours) and now - (case.decided_at or now) < _PATIENCE:
        raise AnswerUnderWay("The answer to the requester has not left yet.")
    return True


def _payloads(step: Step, case: Case, subject: Subject, _places: Places, _now: datetime) -> bool:
    """Raw payloads and quarantine: those facts came from, of a shop all it sent, and some thousand at a time those that
    name the person."""
    done = step.counts or {"payloads": 0, "after": 0, "begun": False}
    ids: set[int] = set() if done["begun"] else set(subject.payload_ids)
    if case.right == "shop_erasure" and not done["begun"]:
        ids |= set(subjects.payloads_of_source(case.source))
    last = done["after"]
    for _ in range(_READ_AT_ONCE):
        found = payloads_about.find_some(subject, after=last)
        ids |= set(found.ids)
        if not (last := found.last):
            break
    forgetting.erase_payloads(sorted(ids))
    case.plan = case.plan | {"payload_ids": sorted({*case.plan.get("payload_ids", ()), *ids})}
    step.counts = {"payloads": done["payloads"] + len(ids), "after": last, "begun": True}
    return not last


def _files(step: Step, _case: Case, subject: Subject, places: Places, _now: datetime) -> bool:
    """Import files, what watched folders put away, segments handed out as files, packages."""
    packages = erased_files.packages(subject, places.packages)
    step.counts = {"packages": packages, **erased_files.lines(subject, places.of_lines)}
    if places.letters:
        step.counts = {**step.counts, "letters": erased_files.letters(subject, places.letters)}
    return True


def _room(step: Step, case: Case, subject: Subject, _places: Places, now: datetime) -> bool:
    """The rows of one room, of some thousand contacts at a time."""
    room = next(each for each in _ROOMS if room_of(each) == step.name)
    whom = subject.whom._replace(payload_ids=tuple(case.plan.get("payload_ids", ())))
    counts, parts = dict(step.counts), list(whom.parts())
    begin = counts.pop("after", 0)
    for part in parts[begin : begin + _PARTS_AT_ONCE]:
        for name, where in room.ROWS.items():
            if name in room.ERASERS and (count := personal_map.count(name, where(part))):
                counts[name] = counts.get(name, 0) + count
        if step.name == "identity":
            gone = {*case.plan.get("profile_ids", ()), *_take_contacts(part, [room], subject.profile_id, now)}
            case.plan = case.plan | {"profile_ids": sorted(gone)}
        else:
            forgetting.take(part, rooms=[room])
    end = begin + _PARTS_AT_ONCE
    step.counts = counts if end >= len(parts) else counts | {"after": end}
    return end >= len(parts)


def _take_contacts(part: Whom, rooms: Sequence[Any], profile_id: int | None, now: datetime) -> list[int]:
    """Whoever was one customer with them is resolved without them; returns the customers of whom nothing is left."""
    whose = set(known.profile_ids(part.contact_ids).values())
    near, forms = _near(whose, part.contact_ids), identity.restate(part.contact_ids)
    forgetting.take(part, rooms=rooms)
    touched = identity.resolve(contact_ids=near, before=identity.restate(near), gone=forms, now=now)
    refresh.profiles({*touched, *([profile_id] if profile_id else ())}, changed_contacts=near, now=now)
    return sorted(whose - set(known.profile_ids(near).values()))


def _near(profile_ids: Iterable[int], gone: Collection[int]) -> list[int]:
    """Contacts that stay and were one customer with those that go: they are resolved without them."""
    ids = {each.id for profile in profile_ids for each in known.contacts_of(profile)}
    return sorted(ids - set(gone))


def _recipients(step: Step, case: Case, _subject: Subject, _places: Places, now: datetime) -> bool:
    """Other systems hear of it (Article 19); how each took it stands in its deliveries."""
    profile_id = case.plan["profile_id"]
    gone = {*case.plan.get("profile_ids", ()), *([profile_id] if profile_id else ())}
    told = announcing.erased(profile_ids=gone, now=now)
    step.counts = {"events": told, "endpoints": len(webhooks.wanted().get(kinds.ERASED, ()))}
    return True


def _certificate(step: Step, case: Case, _subject: Subject, _places: Places, now: datetime) -> bool:
    """Counts of what went, what stays and why. The ids by which the steps found their rows go."""
    done = {
        each.name: {k: v for k, v in each.counts.items() if k not in ("after", "begun")}
        for each in handling.steps_of(case.id)
    }
    case.certificate = {
        "case": case.id,
        "right": case.right,
        "received_at": zulu(case.received_at),
        "erased_at": zulu(now),
        "erased": {name: counts for name, counts in done.items() if any(counts.values())},
        "stays": [{"what": what, "ground": ground} for _, what, ground in STAYS],
        "held": {"contacts": len(case.plan["held_ids"]), "holds": case.plan["holds"]},
        "ledger_size": ledger.size(),
    }
    case.plan = {"counts": case.plan["counts"], "profile_id": case.plan["profile_id"], "holds": case.plan["holds"]}
    step.counts = {}
    handling.finish(case=case, by="system", now=now)
    return True


_DO: Mapping[str, Callable[[Step, Case, Subject, Places, datetime], bool]] = {
    "tombstones": _tombstones,
    "letters": _letters,
    "payloads": _payloads,
    "files": _files,
    "recipients": _recipients,
    "certificate": _certificate,
}


def erase_again(*, places: Places, now: datetime) -> int:
    """After a restore: who was erased since the backup was made is erased again; returns how many contacts went. An import
    that was under way and whose file names one of them begins anew, for nobody is there yet who could end it.

    Whoever calls it commits, and then sweeps what the database keeps of deleted rows.
    """
    marks = tombstones.missing(places.tombstones)
    found = burying.still_here({mark.digest for mark in marks}) if marks else []
    if found:
        _take_all(subjects.of_contacts(found), places=places, now=now, stop_imports=True)
    tombstones.keep(made=marks, case_id=None)
    return len(found)


def at_once(contact_ids: Sequence[int], *, places: Places, now: datetime) -> list[int]:
    """Erase these people without a case: a retention rule says their time is over. Returns the customers gone.

    All that an erasure does but the answer and the certificate; pages of the database that became free are written over
    with the next case's. Whoever calls it commits.
    """
    subject = subjects.of_contacts(contact_ids)
    _bury(subject, places, case_id=None, now=now)
    outbox.call_off(contact_ids=subject.contact_ids, reason="erased", now=now)
    return _take_all(subject, places=places, now=now)


def _bury(subject: Subject, places: Places, *, case_id: int | None, now: datetime) -> tuple[int, int]:
    """Tombstones in the file and the database, and addresses as digests; how many of each are new."""
    addresses = {(kind, normal) for kind, normal, _ in subject.held}
    made = tombstones.marks(burying.pairs_of(subject.records, addresses), now=now)
    tombstones.write(places.tombstones, made)
    kept = tombstones.keep(made=made, case_id=case_id)
    return kept, leaving.forget(contact_ids=subject.contact_ids, now=now)


def _take_all(subject: Subject, *, places: Places, now: datetime, stop_imports: bool = False) -> list[int]:
    """Everything about these people, in one transaction."""
    subject = subject.also(payloads_about.find_all(subject))
    leaving.forget(contact_ids=subject.contact_ids, now=now)
    erased_files.packages(subject, places.packages)
    erased_files.lines(subject, places.of_lines, stop_imports=stop_imports)
    if places.letters:
        erased_files.letters(subject, places.letters)
    gone = {each for part in subject.whom.parts() for each in _take_contacts(part, _ROOMS, None, now)}
    announcing.erased(profile_ids=gone, now=now)
    return sorted(gone)
