"""Members kept true to the rules: built once, then followed as things happen and at the very moment time changes something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, exists, func, insert, literal, or_, select

from crm360.consents import turning
from crm360.consents.models import PurposeVersion, Stop
from crm360.identity.models import Contact, Lineage
from crm360.kernel import bulk, dialects
from crm360.kernel.batches import chunked
from crm360.kernel.db import db, table_of
from crm360.profiles import feed
from crm360.profiles.models import GoldenRecord
from crm360.segments import carrying, counting, permitted, queries, rules, tracing
from crm360.segments.compiler import Setting
from crm360.segments.models import Change, Due, Member, Segment, Version
from crm360.segments.rules import Rule

BATCH = 500


class Moved(NamedTuple):
    """A customer came into a segment or left it. `reason`: data, time, rule, identity, consent, staff."""

    segment_id: int
    profile_id: int
    entered: bool
    reason: str
    at: datetime


Dynamic = Mapping[int, tuple[Segment, Rule]]


def anything_waiting() -> bool:
    """Whether a segment is to be built or somebody to be looked at because something happened."""
    return feed.anything() or _unbuilt() is not None or permitted.unfinished() is not None


def next_due(*, now: datetime) -> datetime | None:
    """The moment at which time may next change a membership: somebody's turn, or a purpose defined anew."""
    defined = select(func.min(PurposeVersion.effective_from)).where(PurposeVersion.effective_from > now)
    moments = [db.session.scalar(select(func.min(Due.due_at))), db.session.scalar(defined)]
    return min((each for each in moments if each is not None), default=None)


def work_off(*, now: datetime, limit: int = BATCH) -> tuple[int, list[Moved]]:
    """One step: a segment built, else customers something happened to, else those whose moment has come.

    Returns how many were looked at (0: nothing waits) and who moved. The caller commits.
    """
    dialects.lock_segments(db.session)
    if altered := permitted.altered(now):
        permitted.ask_for(altered, now=now)
        _rebuild_asking(altered)
    if (watched := permitted.unfinished()) is not None:
        return 1 + permitted.ask_some(watched, now=now), []
    if (segment := _unbuilt()) is not None:
        return 1, build(segment, now=now)
    if marks := feed.waiting(limit=limit):
        return len(marks), _follow(marks, now)
    return _pass(now, limit)


def build(segment: Segment, *, now: datetime) -> list[Moved]:
    """Everybody asked by the rule in force; who came and went because of it. What it asks of consents comes first."""
    rule = queries.rule_of(segment) or Rule(rules.Group("any"))
    if not permitted.ask_for(asked_of(rule), now=now):
        return []
    met = set(counting.who(rule, marketing=segment.marketing, now=now))
    before = set(queries.member_ids(segment.id))
    moved = [Moved(segment.id, each, True, "rule", now) for each in sorted(met - before)]
    moved += [Moved(segment.id, each, False, "rule", now) for each in sorted(before - met)]
    write(moved, {segment.id: segment.version}, now=now)
    version = db.session.get(Version, (segment.id, segment.version))
    if version is not None and version.entered is None:
        version.entered, version.left = len(met - before), len(before - met)
    segment.built_version, segment.exact_at = segment.version, now
    _let_look(segment.id, rule, now)
    db.session.flush()
    return moved


def asked_of(rule: Rule) -> set[tuple[str, str]]:
    """The purposes and channels a rule asks about."""
    return {(leaf.purpose, leaf.channel) for _, leaf in rule.leaves() if isinstance(leaf, rules.Permitted)}


def timed(rule: Rule) -> bool:
    """Whether time alone can change who meets a rule."""
    return any(
        isinstance(leaf, rules.Aged | rules.Birthday | rules.Permitted | rules.Belongs | rules.Without)
        or getattr(leaf, "when", rules.EVER) != rules.EVER
        for _, leaf in rule.leaves()
    )


def write(moved: Sequence[Moved], versions: Mapping[int, int], *, now: datetime) -> None:
    """Change members, and write down who moved and why."""
    rows = [
        {"segment_id": each.segment_id, "profile_id": each.profile_id, "since": each.at}
        for each in moved
        if each.entered
    ]
    dialects.insert_new(db.session, table_of(Member), rows, ["segment_id", "profile_id"])
    gone: defaultdict[int, list[int]] = defaultdict(list)
    for each in moved:
        if not each.entered:
            gone[each.segment_id].append(each.profile_id)
    for segment_id, ids in gone.items():
        for chunk in chunked(ids):
            db.session.execute(delete(Member).where(Member.segment_id == segment_id, Member.profile_id.in_(chunk)))
    bulk.insert_rows(
        db.session,
        table_of(Change),
        [{**each._asdict(), "version": versions.get(each.segment_id, 0), "recorded_at": now} for each in moved],
    )


def _unbuilt() -> Segment | None:
    waiting = (Segment.kind == "dynamic", Segment.built_version != Segment.version, Segment.archived_at.is_(None))
    return db.session.scalar(select(Segment).where(*waiting).order_by(Segment.id).limit(1))


def _rebuild_asking(pairs: Collection[tuple[str, str]]) -> None:
    for segment, rule in queries.dynamic().values():
        if asked_of(rule) & set(pairs):
            segment.built_version = 0
    db.session.flush()


def _let_look(segment_id: int, rule: Rule, now: datetime) -> None:
    """Everybody is looked at once for the moment at which they may change; of a rule without time, who bears a stop."""
    db.session.execute(delete(Due).where(Due.segment_id == segment_id))
    bears = exists(
        select(1).select_from(Contact).join(Stop, Stop.contact_id == Contact.id)
        .where(Contact.profile_id == GoldenRecord.profile_id)
    )  # fmt: skip
    whose = select(literal(segment_id), GoldenRecord.profile_id, literal(now, Due.due_at.type))
    db.session.execute(
        insert(Due).from_select(["segment_id", "profile_id", "due_at"], whose if timed(rule) else whose.where(bears))
    )


def _follow(marks: Sequence[feed.Marked], now: datetime) -> list[Moved]:
    """Look at those something happened to, in every segment."""
    marked = {each.profile_id for each in marks}
    pairs = permitted.pairs()
    shared = turning.sharing(marked) if pairs else {}
    ids = sorted(marked.union(*shared.values()))
    permitted.refresh(ids, pairs=pairs, now=now)
    reasons = dict.fromkeys(ids, "consent") | {each.profile_id: each.cause for each in marks}
    relocated = _relocated(marks)
    reasons |= dict.fromkeys(relocated, carrying.IDENTITY)
    carried = [Moved(*each, carrying.IDENTITY, now) for each in carrying.moves(relocated)]
    write(carried, {}, now=now)
    segments = queries.dynamic()
    moved = _look(dict.fromkeys(segments, ids), segments, queries.setting(now), reasons, {})
    feed.drop(marks)
    feed.mark({each.profile_id for each in carried}, now=now)  # segments made of these lists
    return carried + moved


def _relocated(marks: Iterable[feed.Marked]) -> set[int]:
    """Of whom records went to another customer, or came from one, in the change that marked them."""
    moments = {each.at for each in marks}
    ids = {each.profile_id for each in marks}
    query = select(Lineage.from_profile_id, Lineage.to_profile_id).where(
        Lineage.at.in_(moments), Lineage.from_profile_id.is_not(None), Lineage.to_profile_id.is_not(None)
    )
    rows = db.session.execute(query.where(or_(Lineage.from_profile_id.in_(ids), Lineage.to_profile_id.in_(ids))))
    return {each for row in rows for each in row}


def _pass(now: datetime, limit: int) -> tuple[int, list[Moved]]:
    """Look at those whose moment has come."""
    query = (
        select(Due.segment_id, Due.profile_id, Due.due_at).where(Due.due_at <= now).order_by(Due.due_at).limit(limit)
    )
    rows = db.session.execute(query).all()
    if not rows:
        return 0, []
    asked: defaultdict[int, list[int]] = defaultdict(list)
    for segment_id, profile_id, _ in rows:
        asked[segment_id].append(profile_id)
    permitted.refresh({row.profile_id for row in rows} & permitted.outdated(now), pairs=permitted.pairs(), now=now)
    at = {(segment_id, profile_id): due for segment_id, profile_id, due in rows}
    return len(rows), _look(asked, queries.dynamic(), queries.setting(now), {}, at)


def _look(
    asked: Mapping[int, Sequence[int]], segments: Dynamic, setting: Setting, reasons: Mapping[int, str],
    at: Mapping[tuple[int, int], datetime],
) -> list[Moved]:  # fmt: skip
    """Trace customers in segments; keep who moved and when each is to be looked at next."""
    moved: list[Moved] = []
    for segment_id, ids in asked.items():
        _forget_due(segment_id, ids)
        if segment_id not in segments:
            continue
        segment, rule = segments[segment_id]
        traced = tracing.trace(rule, ids, setting, marketing=segment.marketing)
        inside = queries.since(segment_id, ids)
        for each in ids:
            if traced[each].met != (each in inside):
                when = at.get((segment_id, each), setting.now)
                reason = "consent" if traced[each].excluded else reasons.get(each, "time")
                moved.append(Moved(segment_id, each, traced[each].met, reason, when))
        due = [
            {"segment_id": segment_id, "profile_id": each, "due_at": found.until}
            for each, found in traced.items()
            if found.until
        ]
        dialects.upsert(db.session, table_of(Due), due, ["segment_id", "profile_id"])
    write(moved, {number: segment.version for number, (segment, _) in segments.items()}, now=setting.now)
    return moved


def _forget_due(segment_id: int, profile_ids: Sequence[int]) -> None:
    for chunk in chunked(profile_ids):
        db.session.execute(delete(Due).where(Due.segment_id == segment_id, Due.profile_id.in_(chunk)))
