"""A request is met: what each right asks of the house, the letters that go with it, and how each recipient took it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from crm360.consents import asking, stopping
from crm360.consents import queries as consents
from crm360.consents.asking import Question
from crm360.flows import by_staff, erasing, preferences, subjects
from crm360.flows.by_staff import Written
from crm360.identity import queries as identity
from crm360.kernel.errors import Conflict
from crm360.outbox import operations as outbox
from crm360.outbox.operations import NewLetter
from crm360.privacy import handling, packaging, verifying
from crm360.privacy.models import Case, Code
from crm360.privacy.verifying import Address
from crm360.profiles import queries as profiles

#: The purpose of letters about a request: an obligation of ours, which no objection and no restriction stops.
PURPOSE = "rights"
STOPS = {"restriction": "restriction", "objection": "objection_marketing"}


class NoAddress(Conflict):
    """There is no address on file to write to."""


class Words(NamedTuple):
    """Subject and text of a letter, in the reader's language."""

    subject: str
    text: str


def profile_of(case: Case) -> int | None:
    """The customer a case is about now."""
    return identity.profile_ids([case.contact_id]).get(case.contact_id) if case.contact_id is not None else None


def grant(*, case: Case, by: str, locale: str, now: datetime) -> None:
    """Do what the right asks for, or let the worker do it. Raises NotNow."""
    if case.right in erasing.RIGHTS:
        erasing.begin(case=case, by=by, now=now)
        return
    handling.grant(case=case, by=by, now=now)
    if case.right in ("access", "portability"):
        packaging.ask(case=case, portable_only=case.right == "portability", locale=locale, by=by, now=now)
    elif case.right in STOPS:
        _stop(case, by, now)
    elif case.right == "withdrawal":
        handling.finish(case=case, by=by, now=now, details={"withdrawn": _withdraw(case, now)})


def correct(*, case: Case, written: Written, by: str, region: str, now: datetime) -> None:
    """Keep what is right from now on; who listens to customers' changes hears of it. Raises NotNow, NotAccepted."""
    profile_id = profile_of(case)
    if case.status != "working" or case.right != "rectification" or profile_id is None:
        raise handling.NotNow("This case is past that.")
    record = profiles.golden([profile_id]).get(profile_id)
    known = {name: told["value"] for name, told in record.fields.items()} if record else {}
    by_staff.correct(profile_id=profile_id, written=written, known=known, by=by, region=region, now=now)
    changed = sorted({*written.fields, *(name for name in ("email", "phone") if getattr(written, name))})
    handling.note(case_id=case.id, what="corrected", by=by, now=now, details={"fields": changed})
    handling.finish(case=case, by=by, now=now)


def lift(*, case: Case, reason: str, by: str, now: datetime) -> int:
    """End a restriction; only once the person was told that it will end (Article 18(3)). Raises NotNow."""
    if case.right != "restriction" or not any(line.what == "told_of_lifting" for line in handling.log_of(case.id)):
        raise handling.NotNow("First tell the person that the restriction ends.")
    ids = {stop.id for stop in standing(case)}
    lifted = stopping.lift(stop_ids=ids, by=by, reason=reason, now=now) if ids else 0
    handling.note(case_id=case.id, what="lifted", by=by, now=now)
    return lifted


def standing(case: Case) -> list[stopping.Placed]:
    """Stops this case placed that are still in force."""
    profile_id = profile_of(case)
    stops = stopping.of_profiles([profile_id]).get(profile_id, []) if profile_id is not None else []
    return [stop for stop in stops if stop.ground.startswith(_ground(case))]


def send_code(*, case: Case, use: str, key: str, domain: str, words: Mapping[str, Words], now: datetime) -> Address:
    """Six digits to the address on file that proves most. Raises NoAddress, TooManyCodes.

    `words`: what to write, with `%(code)s` where the code stands.
    """
    address = address_of(case, now=now)
    code, digits = verifying.new_code(case_id=case.id, use=use, weak=address.weak, key=key, now=now)
    said = words[use]
    _promise(case, address, f"code:{code.id}", Words(said.subject, said.text.replace("%(code)s", digits)), domain, now)
    handling.note(case_id=case.id, what="code_sent", by="system", now=now, details={"use": use})
    return address


def verify(*, case: Case, digits: str, fact: str, key: str, by: str, now: datetime) -> Code:
    """The code came back: the requester is who they say. A weak address needs a second fact we know of them.

    Raises WrongCode; the caller commits that a try was made.
    """
    code = verifying.check(case_id=case.id, use="verify", digits=digits, key=key, now=now)
    if code.sent_to.get("weak") and not _knows(case, fact):
        handling.note(case_id=case.id, what="fact_wrong", by=by, now=now)
        raise verifying.WrongCode("What you told us beside the code is not what we know.")
    level = 2 if code.sent_to.get("weak") else 1
    handling.verify(case=case, method="code to an address on file", level=level, by=by, now=now)
    return code


def write(*, case: Case, what: str, words: Words, domain: str, by: str, now: datetime) -> bool:
    """A letter about the case; False when there is no address on file. The log says that it was promised."""
    try:
        address = address_of(case, now=now)
    except NoAddress:
        return False
    number = len(handling.log_of(case.id))
    _promise(case, address, f"{what}:{number}", words, domain, now)
    handling.note(case_id=case.id, what=what, by=by, now=now)
    return True


def address_of(case: Case, *, now: datetime) -> Address:
    """Where letters about a case go: an address on file, never one that only the request names. Raises NoAddress."""
    profile_id = profile_of(case)
    found = verifying.address_of(profile_id, now=now) if profile_id is not None else None
    if found is None:
        raise NoAddress("There is no e-mail address of this customer on file. Verify them another way.")
    return found


def _promise(case: Case, to: Address, what: str, words: Words, domain: str, now: datetime) -> None:
    letter = NewLetter(
        dedup_key=f"case:{case.id}:{what}", subject_of=f"case:{case.id}", contact_id=to.contact_id,
        to_address=to.value, purpose=PURPOSE, subject=words.subject, text=words.text,
    )  # fmt: skip
    outbox.promise(letters=[letter], domain=domain, now=now)


def _stop(case: Case, by: str, now: datetime) -> None:
    ids = subjects.of_case(case).contact_ids
    stopping.place(contact_ids=ids, kind=STOPS[case.right], since=now, ground=_ground(case), by=by, now=now)
    handling.finish(case=case, by=by, now=now, details={"contacts": len(ids)})


def _ground(case: Case) -> str:
    return f"Request {case.id} (Art. {'18' if case.right == 'restriction' else '21(2)'})"


def _withdraw(case: Case, now: datetime) -> int:
    """Every consent of every address of theirs, for each purpose and channel anything was stated about."""
    count = 0
    for held in identity.identifiers_of(profile_of(case) or 0):
        address = preferences.address_of(held.id)
        for purpose, channel in sorted(consents.spoken_of(kind=held.kind, normal=held.normal)):
            question = Question(address.contact_id, held.kind, held.normal, purpose, channel)
            if asking.ask([question], now=now)[0].state not in ("withdrawn", "refused"):
                method = "request about personal data"
                preferences.withdraw(
                    address=address,
                    purpose=purpose,
                    channel=channel,
                    method=method,
                    evidence={"case": case.id},
                    now=now,
                )
                count += 1
    return count


def _knows(case: Case, fact: str) -> bool:
    """A second fact: a date of birth, a postcode, the number of an order."""
    profile_id = profile_of(case)
    record = profiles.golden([profile_id]).get(profile_id) if profile_id is not None else None
    fields = record.fields if record else {}
    known = {str(fields[name]["value"]) for name in ("birth_date", "postcode") if name in fields}
    known |= subjects.order_numbers(subjects.of_case(case))
    return bool(fact.strip()) and _bare(fact) in {_bare(each) for each in known}


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
