"""Tones of all lines guessed anew, after the lexicon or its rules changed; what colleagues said stays."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from sqlalchemy import bindparam, select, update

from crm360.conversations import message_entries
from crm360.conversations.models import Message
from crm360.kernel.db import db, table_of
from crm360.profiles import tones
from crm360.profiles.models import TimelineEntry
from crm360.reviews import operations as reviews
from crm360.reviews.models import Review
from crm360.surveys.models import Answer
from crm360.tone import guessing

_MARKS = ("tone", "tone_confidence", "tone_by")
#: id → (words, locale)
Words = dict[int, tuple[str, str]]


class Toned(NamedTuple):
    """How many lines were looked at, how many sound otherwise than before, and the last one's number."""

    seen: int
    changed: int
    last_id: int


def rebuild(*, after: int, limit: int = 1000) -> Toned:
    """Guess the tones of the lines after a number anew. The caller commits."""
    columns = select(TimelineEntry.id, TimelineEntry.subject, TimelineEntry.properties)
    wanted = columns.where(
        TimelineEntry.id > after, TimelineEntry.kind.in_(tones.KINDS), TimelineEntry.subject.is_not(None)
    )
    rows = [row._asdict() for row in db.session.execute(wanted.order_by(TimelineEntry.id).limit(limit))]
    spoken = _spoken([row["subject"] for row in rows])
    before = {row["id"]: row["properties"] for row in rows}
    for row in rows:
        bare = {name: value for name, value in row["properties"].items() if name not in _MARKS}
        row["properties"] = bare | guessing.marked(*spoken.get(row["subject"], ("", "")))
    tones.stand(rows)
    changed = [
        {"row_id": row["id"], "properties": row["properties"]} for row in rows if row["properties"] != before[row["id"]]
    ]
    if changed:
        table = table_of(TimelineEntry)
        statement = update(table).where(table.c.id == bindparam("row_id"))
        db.session.connection().execute(statement.values(properties=bindparam("properties")), changed)
    return Toned(len(rows), len(changed), rows[-1]["id"] if rows else after)


def _spoken(subjects: Collection[str]) -> dict[str, tuple[str, str]]:
    """subject → what was said and in which locale."""
    found: dict[str, tuple[str, str]] = {}
    for kind, read in _READERS.items():
        ids = [int(number) for each, _, number in (name.partition(":") for name in subjects) if each == kind]
        found |= {f"{kind}:{number}": said for number, said in read(ids).items()}
    return found


def _messages(ids: list[int]) -> Words:
    query = select(Message.id, Message.subject, Message.body).where(Message.id.in_(ids))
    return {number: (message_entries.words(subject, body), "") for number, subject, body in db.session.execute(query)}


def _answers(ids: list[int]) -> Words:
    query = select(Answer.id, Answer.body, Answer.locale).where(Answer.id.in_(ids))
    return {number: (body, locale) for number, body, locale in db.session.execute(query)}


def _reviews(ids: list[int]) -> Words:
    query = select(Review.id, Review.title, Review.body).where(Review.id.in_(ids))
    return {number: (reviews.words(title, body), "") for number, title, body in db.session.execute(query)}


_READERS: dict[str, Callable[[list[int]], Words]] = {"message": _messages, "answer": _answers, "review": _reviews}
