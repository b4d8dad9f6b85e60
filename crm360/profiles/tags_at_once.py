"""Tags put on many customers, or taken off, in a few statements; and each exactly taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select

from crm360.identity import queries as identity
from crm360.identity.models import Contact
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.profiles import queries, tagging, timeline
from crm360.profiles.models import Tag


class Put(NamedTuple):
    """A tag as it stands on a contact."""

    contact_id: int
    name: str
    set_at: datetime
    set_by: str


def put(*, anchors: Mapping[int, int], name: str, by: str, lines: Mapping[int, str], now: datetime) -> dict[int, Put]:
    """Tag customers, each by their contact of `anchors`; who bears it in any spelling stays as they are. Profile → what is new.

    `lines`: profile → the subject of the line on its timeline, by which the line is found again.
    """
    borne = queries.tags_of(anchors)
    bare = [each for each in sorted(anchors) if not any(tagging.same(tag, name) for tag in borne.get(each, ()))]
    made = {each: Put(anchors[each], name, now, by) for each in bare}
    dialects.insert_new(db.session, table_of(Tag), [tag._asdict() for tag in made.values()], ["contact_id", "name"])
    said = {"tag": name, "by": by}
    entries = [timeline.Entry(tag.contact_id, "tag.set", now, name, said, lines[each]) for each, tag in made.items()]
    timeline.note(entries=entries, now=now)
    return made


def take_back(put: Iterable[Put]) -> set[Put]:
    """Remove tags that are still as they were put; which of them were."""
    gone = _there(put)
    _remove(gone)
    return gone


def take_off(
    *, profile_ids: Collection[int], name: str, by: str, lines: Mapping[int, str], now: datetime
) -> dict[int, list[Put]]:
    """Take a tag, in any spelling, off customers. Profile → what it bore; `lines` as for `put`."""
    spellings = [each for each in queries.all_tag_names() if tagging.same(each, name)]
    query = select(Contact.profile_id, Tag.contact_id, Tag.name, Tag.set_at, Tag.set_by)
    query = query.join(Contact, Contact.id == Tag.contact_id).where(Tag.name.in_(spellings))
    found: defaultdict[int, list[Put]] = defaultdict(list)
    for profile_id, *tag in db.session.execute(query.where(Contact.profile_id.in_(profile_ids)).order_by(Tag.id)):
        found[profile_id].append(Put(*tag))
    _remove(tag for tags in found.values() for tag in tags)
    said = {"tag": name, "by": by}
    entries = [
        timeline.Entry(tags[0].contact_id, "tag.removed", now, tags[0].name, said, lines[each])
        for each, tags in found.items()
    ]
    timeline.note(entries=entries, now=now)
    return dict(found)


def put_back(tags: Collection[Put]) -> set[Put]:
    """Let tags stand again that were taken off, on contacts there are, unless their customer bears one by now; which do."""
    whose = identity.profile_ids({tag.contact_id for tag in tags})
    borne = queries.tags_of(set(whose.values()))
    back = {
        tag
        for tag in tags
        if tag.contact_id in whose
        and not any(tagging.same(each, tag.name) for each in borne.get(whose[tag.contact_id], ()))
    }
    rows = [tag._asdict() for tag in sorted(back)]
    dialects.insert_new(db.session, table_of(Tag), rows, ["contact_id", "name"])
    return back


def _there(tags: Iterable[Put]) -> set[Put]:
    wanted = set(tags)
    query = select(Tag.contact_id, Tag.name, Tag.set_at, Tag.set_by)
    rows = db.session.execute(query.where(Tag.contact_id.in_({tag.contact_id for tag in wanted})))
    return wanted & {Put(*row) for row in rows}


def _remove(tags: Iterable[Put]) -> None:
    db.session.flush()
    by_name: defaultdict[str, list[int]] = defaultdict(list)
    for tag in tags:
        by_name[tag.name].append(tag.contact_id)
    for name, contact_ids in by_name.items():
        db.session.execute(delete(Tag).where(Tag.name == name, Tag.contact_id.in_(contact_ids)))
