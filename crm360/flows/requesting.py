"""Other systems pass on what a person asked them for: cases like any other, vouched for by whoever holds the key.

A request names itself, so that one told again opens no second case. What stops marketing takes effect at once, as the
law wants it (Article 21(3)); whether somebody is erased a colleague decides, as with every erasure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, Literal, NamedTuple

from sqlalchemy import select

from crm360.consents import stopping
from crm360.facts import ContactRef, Identifier, PrivacyRequested, Received
from crm360.flows import meeting
from crm360.identity import queries as identity
from crm360.identity.models import Contact
from crm360.kernel import certificates, urls
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, NotFound
from crm360.kernel.iso8601 import zulu
from crm360.privacy import calling_back, handling, operations, queries
from crm360.privacy.models import Case

API_VERSION = "1.0"
_SOURCE = "api: "
Right = Literal["access", "erasure", "portability", "objection"]
#: How sources write the id their customers have with them.
_FORMS = ("customer", "user", "contact")
#: Statuses of OpenDSR; a case that was refused is cancelled there.
_STATUS = {"open": "pending", "working": "in_progress", "done": "completed", "closed": "completed"}


class RequestNotFound(NotFound):
    """This caller told of no such request."""


class Different(Conflict):
    """Under this id something else was asked for before."""


class Caller(NamedTuple):
    """Who passes requests on: the name of a key, and how its country reads telephone numbers and holidays."""

    name: str
    region: str

    @property
    def source(self) -> str:
        """As the source of its cases: no configured source is called so."""
        return f"{_SOURCE}{self.name}"


class Asked(NamedTuple):
    """A request as it came. `user_ids`: the caller's own ids of the person; `within`: the source that gave them."""

    id: str
    right: Right
    at: datetime
    identifiers: Sequence[Identifier] = ()
    user_ids: Sequence[str] = ()
    within: str = ""
    details: Mapping[str, Any] = {}
    #: Addresses that want to hear how it does.
    callbacks: Sequence[str] = ()


def take(asked: Sequence[Asked], *, caller: Caller, now: datetime) -> list[Case]:
    """The cases of these requests, opened where they are new, in their order. Raises Different."""
    known = _known(asked, caller)
    fresh = [each for each in asked if each.id not in known]
    people = _people(fresh)
    received = [Received(None, None, _fact(each, people, caller), caller.region) for each in fresh]
    operations.open_cases(received=received, now=now)
    made = _known(fresh, caller)
    handling.note_all(cases=list(made.values()), what="opened", by=caller.name, now=now)
    for each in fresh:
        calling_back.register(case=made[each.id], urls=each.callbacks, now=now)
    handling.vouched(cases=list(made.values()), by=caller.name, now=now)
    for each in asked:
        if each.id in known and known[each.id].right != each.right:
            raise Different("Under this id something else was asked for before.")
    known |= made
    return [known[each.id] for each in asked]


def stop_marketing(cases: Iterable[Case], *, caller: Caller, now: datetime) -> None:
    """From this moment on; an objection is met by that, an erasure goes on being decided."""
    for some in chunked([case for case in cases if case.contact_id is not None and case.status == "open"]):
        numbers = [case.id for case in some]
        ground = f"Requests {min(numbers)}-{max(numbers)} (Art. 21(2))"
        ids = identity.of_the_same([case.contact_id for case in some])
        stopping.place(
            contact_ids=ids, kind=meeting.STOPS["objection"], since=now, ground=ground, by=caller.name, now=now
        )
        handling.note_all(cases=some, what="marketing_stopped", by=caller.name, now=now)
        handling.met(cases=[case for case in some if case.right == "objection"], by=caller.name, now=now)


def get(request_id: str, *, caller: Caller) -> Case:
    """The case of a request this caller told of. Raises RequestNotFound."""
    case = next(iter(queries.of_requests(caller.source, [request_id]).values()), None)
    if case is None:
        raise RequestNotFound("You told of no such request.")
    return case


def cancel(request_id: str, *, caller: Caller, now: datetime) -> Case:
    """The person takes it back. Raises RequestNotFound, NotNow once it is being met."""
    case = get(request_id, caller=caller)
    if case.status != "cancelled":
        handling.cancel(case=case, by=caller.name, now=now)
    return case


def status(case: Case) -> str:
    """In the words of OpenDSR."""
    return _STATUS.get(case.status, "cancelled")


def told(case: Case) -> dict[str, str]:
    """What every answer about a case says, in the names of OpenDSR."""
    return {
        "controller_id": case.source.removeprefix(_SOURCE),
        "subject_request_id": case.external_id.partition(":")[2],
        "expected_completion_time": zulu(datetime.combine(case.due_on, time(23, 59, 59), UTC)),
    }


def domain(public_url: str) -> str:
    """The host an installation answers under."""
    return urls.place(public_url).host or "localhost"


def signature(body: bytes, *, public_url: str, seed: bytes) -> dict[str, str]:
    """The headers by which anybody can check a body against the certificate."""
    return {
        "X-OpenDSR-Processor-Domain": domain(public_url),
        "X-OpenDSR-Signature": certificates.sign(body, seed=seed),
    }


def _known(asked: Sequence[Asked], caller: Caller) -> dict[str, Case]:
    return queries.of_requests(caller.source, [each.id for each in asked])


def _fact(asked: Asked, people: Mapping[tuple[str, str], ContactRef], caller: Caller) -> PrivacyRequested:
    about = next((found for each in asked.user_ids if (found := people.get((asked.within, each)))), None)
    named = [Identifier("customer_id", f"{asked.within}:{each}" if asked.within else each) for each in asked.user_ids]
    return PrivacyRequested(
        source=caller.source, right=asked.right, request_id=asked.id, occurred_at=asked.at, via="api", about=about,
        identifiers=(*asked.identifiers, *named), details=asked.details,
    )  # fmt: skip


def _people(asked: Sequence[Asked]) -> dict[tuple[str, str], ContactRef]:
    """(source or "", id) → the record meant; nobody when the id is another person's with another source."""
    wanted = {user_id for each in asked for user_id in each.user_ids}
    found: dict[tuple[str, str], dict[int | None, ContactRef]] = {}
    for some in chunked([f"{form}:{user_id}" for user_id in sorted(wanted) for form in _FORMS]):
        query = select(Contact.source, Contact.external_id, Contact.profile_id).where(Contact.external_id.in_(some))
        for source, external_id, profile_id in db.session.execute(query.order_by(Contact.id)):
            for within in ("", source):
                key = (within, external_id.partition(":")[2])
                found.setdefault(key, {}).setdefault(profile_id, ContactRef(source, external_id))
    return {key: next(iter(refs.values())) for key, refs in found.items() if len(refs) == 1}
