"""Words for what cases, their steps and their logs hold as codes."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from crm360.privacy.models import Event
from crm360.privacy.rights import ASKED_BY_PEOPLE, GROUNDS

_RIGHTS = {
    "access": _("Copy of the data"), "rectification": _("Correction"), "erasure": _("Erasure"),
    "restriction": _("Restriction"), "portability": _("Data to take along"), "objection": _("Objection to marketing"),
    "withdrawal": _("Withdrawal of consents"), "shop_erasure": _("Erasure of a whole shop"),
}  # fmt: skip
_STATUSES = {
    "open": _("to be decided"), "working": _("being worked on"), "done": _("done, to be closed"), "closed": _("closed"),
    "refused": _("refused"), "cancelled": _("taken back"),
}  # fmt: skip
_EVENTS = {
    "opened": _("Opened"), "code_sent": _("A code was sent"), "verified": _("The requester showed who they are"),
    "fact_wrong": _("The fact told beside the code was wrong"), "paused": _("The clock rests"),
    "resumed": _("The clock runs again"), "extended": _("Extended by two months"), "granted": _("Granted"),
    "refused": _("Refused"), "cancelled": _("Taken back by the requester"), "planned": _("Rehearsed"),
    "done": _("Done"), "closed": _("Closed"), "linked": _("The customer was linked"),
    "package_asked": _("A package was asked for"), "package_made": _("The package was made"),
    "package_taken": _("The package was taken away"), "corrected": _("Corrected"), "lifted": _("The restriction ended"),
    "told_of_lifting": _("The person was told that the restriction ends"),
    "extension_told": _("The requester was told of the extension"), "refusal_told": _("The requester was told of the refusal"),
    "outcome_told": _("The requester was told of the outcome"), "package_told": _("The requester was sent the link"),
    "called_back": _("The system that asked was told"), "callback_given_up": _("The system that asked cannot be reached; it is told nothing any more"),
    "alarmed": _("Colleagues were reminded"), "marketing_stopped": _("Marketing was stopped at once"),
}  # fmt: skip
_STEPS = {
    "tombstones": _("Digests that keep them from coming back"), "letters": _("Letters that had not left"),
    "payloads": _("Raw payloads and quarantine"), "files": _("Import files and packages"), "imports": _("Imports"),
    "insights": _("Insights"), "outreach": _("Campaigns"), "commerce": _("Purchases and carts"),
    "conversations": _("Conversations"), "consents": _("Consents; salts destroyed"), "push": _("Push subscriptions"),
    "safeguards": _("Legal holds"), "sales": _("Tasks, calls, deals"), "profiles": _("Profile, timeline, search index"),
    "outbox": _("Outbox"), "lists": _("Saved lists"), "reviews": _("Reviews"), "identity": _("Records and addresses"), "inbox": _("Inbox"), "privacy": _("Requests"),
    "surveys": _("Surveys and answers"), "segments": _("Segments"), "recipients": _("Recipients told"),
    "sweep": _("Freed pages, logs and indexes written over"), "certificate": _("Certificate"),
}  # fmt: skip
_FIELDS = {
    "given_name": _("Given name"), "family_name": _("Family name"), "company": _("Company"), "street": _("Street"),
    "postcode": _("Postcode"), "city": _("City"), "birth_date": _("Date of birth"), "email": _("E-mail"),
    "phone": _("Phone"),
}  # fmt: skip


def right(code: str) -> str:
    """What was asked for."""
    return str(_RIGHTS.get(code, code))


def asked_by_people() -> list[tuple[str, str]]:
    """What people may ask for."""
    return [(code, right(code)) for code in ASKED_BY_PEOPLE]


def status(code: str) -> str:
    """How far a case is."""
    return str(_STATUSES.get(code, code))


def event(code: str) -> str:
    """A line of the log."""
    return str(_EVENTS.get(code, code))


def step(code: str) -> str:
    """A step of an erasure."""
    return str(_STEPS.get(code, code))


def fields() -> dict[str, str]:
    """What can be corrected."""
    return {name: str(words) for name, words in _FIELDS.items()}


def details(line: Event) -> str:
    """What a line of the log says beside its name."""
    told = line.details
    if line.what == "refused":
        ground = GROUNDS.get(str(told.get("ground", "")))
        return gettext(ground) if ground else ""
    if line.what == "corrected":
        return ", ".join(str(_FIELDS.get(name, name)) for name in told.get("fields", ()))
    return ", ".join(f"{name.replace('_', ' ')}: {str(value)[:80]}" for name, value in told.items() if value)
