"""A colleague's letter to one customer who was unhappy, out of a task: for service, once a press, on the timeline when it left."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from crm360.consents import reaching
from crm360.consents.reaching import Reached
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid
from crm360.outbox import operations as outbox
from crm360.outbox.models import Letter
from crm360.outbox.operations import NewLetter
from crm360.profiles import timeline
from crm360.sales import operations as sales
from crm360.sales import queries as work

#: An answer to what a customer said needs no consent, and no restriction lets it through.
PURPOSE = "service"
LONGEST_SUBJECT, LONGEST_TEXT = 200, 20_000
_SUBJECT = "reply:"
_SNIPPET = 200
#: Ends of letters that may have been read, and those nobody got.
_LEFT, _LOST = ("sent", "unknown"), ("stopped", "refused")


class BadReply(Invalid):
    """The letter cannot be sent as it is written."""


class Unreachable(Conflict):
    """There is no address the customer may be written to."""

    def __init__(self) -> None:
        super().__init__("There is no e-mail address this customer may be written to.")


class Words(NamedTuple):
    """What a letter says, and whose name stands beside the shop's address."""

    subject: str
    text: str
    sender_name: str


def address(profile_id: int, *, now: datetime) -> Reached:
    """Where an answer would go, or what stands in the way."""
    (found,) = reaching.reach([profile_id], purpose=PURPOSE, channel="email", now=now)
    return found


def promise(*, task_id: int, number: int, profile_id: int, words: Words, domain: str, now: datetime) -> bool:
    """Promise the letter number `number` of a task; the same again is one letter. Whether it was new.

    Raises BadReply, Unreachable, UnusableLetter.
    """
    subject, text = " ".join(words.subject.split()), words.text.replace("\r\n", "\n").strip()
    errors = {
        name: [why]
        for name, wrong, why in (
            (
                "subject",
                not 1 <= len(subject) <= LONGEST_SUBJECT,
                "A letter needs a subject of at most 200 characters.",
            ),
            ("text", not 1 <= len(text) <= LONGEST_TEXT, "Write what the customer is answered."),
        )
        if wrong
    }
    if errors:
        raise BadReply("The letter cannot be sent like this.", errors=errors)
    found = address(profile_id, now=now)
    if not found.reachable:
        raise Unreachable
    letter = NewLetter(
        dedup_key=f"{subject_of(task_id)}:{number}", subject_of=subject_of(task_id), contact_id=found.contact_id,
        to_address=found.value, purpose=PURPOSE, subject=subject, text=f"{text}\n", sender_name=words.sender_name,
    )  # fmt: skip
    return outbox.promise(letters=[letter], domain=domain, now=now) == 1


def letters_of(task_id: int) -> list[Letter]:
    """What was written from a task, the first letter first."""
    return list(db.session.scalars(select(Letter).where(Letter.subject_of == subject_of(task_id)).order_by(Letter.id)))


def first_left(task_ids: Collection[int]) -> dict[int, datetime]:
    """task → when its first letter left."""
    found: dict[int, datetime] = {}
    for chunk in chunked(sorted(task_ids)):
        query = select(Letter.subject_of, func.min(Letter.settled_at)).where(
            Letter.subject_of.in_([subject_of(number) for number in chunk]), Letter.state == "sent"
        )
        for subject, at in db.session.execute(query.group_by(Letter.subject_of)):
            found[int(subject.removeprefix(_SUBJECT))] = at
    return found


def subject_of(task_id: int) -> str:
    """How the outbox calls the letters of a task."""
    return f"{_SUBJECT}{task_id}"


def belongs(letter: Letter) -> bool:
    """Whether a letter was written from a task."""
    return letter.subject_of.startswith(_SUBJECT)


def in_doubt(*, at: datetime) -> list[int]:
    """Letters whose sender was found dead at that moment: they may have been read."""
    lost = (Letter.subject_of.startswith(_SUBJECT), Letter.state == "unknown", Letter.settled_at == at)
    return list(db.session.scalars(select(Letter.id).where(*lost)))


def follow(*, letter_ids: Collection[int], now: datetime) -> None:
    """A letter that left stands on the timeline; the task of one that could not is open again: nobody was answered."""
    query = select(Letter).where(Letter.id.in_(letter_ids), Letter.subject_of.startswith(_SUBJECT))
    for letter in db.session.scalars(query.execution_options(populate_existing=True)):
        if letter.state in _LEFT and letter.contact_id is not None:
            said = {"channel": "email", "by": letter.sender_name, "snippet": letter.text[:_SNIPPET].strip()}
            line = timeline.Entry(
                letter.contact_id, "message.out", letter.settled_at or now, letter.subject, said, f"reply-letter:{letter.id}"
            )  # fmt: skip
            timeline.note(entries=[line], now=now)
        elif letter.state in _LOST:
            _reopen(int(letter.subject_of.removeprefix(_SUBJECT)), now)


def _reopen(task_id: int, now: datetime) -> None:
    task = work.find_task(task_id)
    if task is not None and task.done_at is not None:
        sales.reopen_task(task_id=task_id, now=now)
