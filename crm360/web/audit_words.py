"""Words for the audit trail: what was done, on what, and what is noted beside it. A code without words stays as it is."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _

#: So many numbers in a row are shown; the file of the log has them all.
MOST_NUMBERS = 8
#: Code of an act → what its actor did.
ACTIONS: dict[str, Any] = {
    "profile.opened": _("opened a customer"),
    "profile.read": _("read a customer through the API"),
    "profile.matched": _("looked for a customer through the API"),
    "profile.compared": _("compared two customers"),
    "profile.split": _("parted records of a customer"),
    "profiles.listed": _("listed customers"),
    "record.opened": _("opened a source record"),
    "payload.revealed": _("showed data as received, in full"),
    "shared_identifiers.listed": _("listed shared identifiers"),
    "consents.audited": _("looked at the consents"),
    "consent.recorded": _("wrote down a consent or refusal"),
    "evidence.exported": _("exported an evidence pack"),
    "access.exported": _("exported the log of access"),
    "breach.opened": _("opened a breach"),
    "breach.recorded": _("recorded a breach"),
    "breach.exported": _("exported who was affected"),
    "breach.told": _("noted who was told of a breach"),
    "breach.closed": _("closed a breach"),
    "conflict.settled": _("settled a contradiction"),
    "address.passed_on": _("passed an address to another person"),
    "stop.placed": _("placed a stop"),
    "stop.lifted": _("lifted a stop"),
    "hold.asked": _("asked for a legal hold"),
    "hold.approved": _("approved a legal hold"),
    "hold.reviewed": _("reviewed a legal hold"),
    "hold.released": _("released a legal hold"),
    "retention.set": _("set a retention rule"),
    "purpose.defined": _("defined a purpose"),
    "notice.published": _("published a text of consent"),
    "ledger.verified": _("verified the ledger"),
    "ledger.exported": _("exported the ledger"),
    "ledger.signed": _("signed the ledger"),
    "privacy.erased_again": _("erased again after a restore"),
    "customer.created": _("created a customer"),
    "customer.corrected": _("corrected a customer"),
    "customer.split": _("split a customer"),
    "customers.merged": _("merged customers"),
    "customers.distinguished": _("said they are different people"),
    "decision.undone": _("undid a decision"),
    "field.pinned": _("pinned a value"),
    "field.unpinned": _("unpinned a value"),
    "value.ruled": _("ruled on a shared value"),
    "value.freed": _("lifted a rule on a value"),
    "limit.set": _("set a limit"),
    "model.chosen": _("chose a matching model"),
    "bulk_action.begun": _("began a bulk action"),
    "bulk_action.undone": _("undid a bulk action"),
    "note.written": _("wrote a note"),
    "call.logged": _("logged a call"),
    "task.set": _("set a task"),
    "task.replied": _("answered a customer from a task"),
    "tag.set": _("added a tag"),
    "tag.removed": _("removed a tag"),
    "owner.set": _("set the owner"),
    "tone.corrected": _("corrected a tone"),
    "deal.opened": _("opened a deal"),
    "deal.changed": _("changed a deal"),
    "deal.moved": _("moved a deal"),
    "segment.saved": _("saved a segment"),
    "segment.archived": _("archived a segment"),
    "segment.restored": _("took a segment into use again"),
    "segment.frozen": _("made a snapshot of a segment"),
    "segment.members_changed": _("changed members by hand"),
    "segment.exported": _("exported a segment"),
    "drop.scheduled": _("scheduled a file"),
    "drop.asked": _("asked for a file now"),
    "drop.paused": _("paused a scheduled file"),
    "drop.resumed": _("resumed a scheduled file"),
    "drop.removed": _("removed a scheduled file"),
    "template.written": _("wrote a template"),
    "template.archived": _("put a template away"),
    "campaign.planned": _("planned a campaign"),
    "campaign.tested": _("sent a test"),
    "campaign.launched": _("launched a campaign"),
    "campaign.paused": _("paused a campaign"),
    "campaign.resumed": _("resumed a campaign"),
    "campaign.cancelled": _("cancelled a campaign"),
    "campaign.unscheduled": _("unscheduled a campaign"),
    "survey.saved": _("saved a survey"),
    "survey.activated": _("switched a survey on"),
    "survey.deactivated": _("switched a survey off"),
    "review.answered": _("answered a review"),
    "review.closed": _("closed a review"),
    "review.reopened": _("opened a review again"),
    "reviews.imported": _("took reviews in"),
    "pulse.asked": _("asked colleagues a question"),
    "pulse.closed": _("closed a question to colleagues"),
    "push.sent": _("sent a push message"),
    "push.ended": _("ended push to a browser"),
    "file.imported": _("imported a file"),
    "import.reverted": _("reverted an import"),
    "session.started": _("signed in"),
    "session.refused": _("was not let in"),
    "password.changed": _("changed the password"),
    "second_factor.added": _("added a second step"),
    "second_factor.removed": _("removed a second step"),
    "recovery_codes.renewed": _("renewed the recovery codes"),
    "outside_account.linked": _("linked an outside account"),
    "outside_account.removed": _("unlinked an outside account"),
    "staff.created": _("added a colleague"),
    "staff.disabled": _("disabled a colleague"),
    "staff.placed": _("set who leads a colleague"),
    "staff.role_changed": _("changed a role"),
    "key.created": _("created a key"),
    "key.revoked": _("revoked a key"),
    "source.created": _("added a source"),
    "source.changed": _("changed a source"),
    "source.paused": _("paused a source"),
    "source.resumed": _("resumed a source"),
    "source.rotated": _("renewed a source’s secret"),
    "source.removed": _("removed a source"),
    "inbox.replayed": _("replayed a payload"),
    "quarantine.replayed": _("replayed the quarantine"),
    "webhook.created": _("added a webhook"),
    "webhook.changed": _("changed a webhook"),
    "webhook.paused": _("paused a webhook"),
    "webhook.resumed": _("resumed a webhook"),
    "webhook.rotated": _("renewed a webhook’s secret"),
    "webhook.redelivered": _("sent webhook events again"),
    "webhook.removed": _("removed a webhook"),
    "job.asked": _("asked for a job to run"),
    "backup.created": _("made a backup"),
    "backup.downloaded": _("downloaded a backup"),
    "backup.drilled": _("tried a backup"),
    "backup.verified": _("checked a backup"),
    "backup.restored": _("restored a backup"),
}  # fmt: skip
#: Kind of an actor who is no colleague → what they are.
ACTORS: dict[str, Any] = {"key": _("API key"), "operator": _("operator"), "system": _("by itself")}
#: Kind of a subject → what one of them is called.
SUBJECTS: dict[str, Any] = {
    "bulk_action": _("bulk action"), "breach": _("breach"), "campaign": _("campaign"), "deal": _("deal"),
    "hold": _("hold"), "import": _("import"), "key": _("key"), "model": _("model"), "payload": _("data as received"),
    "pulse": _("question to colleagues"), "review": _("review"), "segment": _("segment"), "source": _("source"),
    "staff": _("colleague"), "survey": _("survey"), "template": _("template"), "webhook": _("webhook"),
}  # fmt: skip
#: Name of a detail → its word.
DETAILS: dict[str, Any] = {
    "asked": _("asked for"), "bytes": _("bytes"), "channel": _("channel"), "customers": _("customers"),
    "deed": _("deed"), "drop": _("scheduled file"), "file": _("file"), "folder": _("folder"), "form": _("form"),
    "left_out": _("left out"), "list": _("list"), "name": _("name"), "payload_id": _("data as received"),
    "people": _("people"), "profile_ids": _("customers"), "purpose": _("purpose"), "reason": _("reason"),
    "rows": _("rows"),
}  # fmt: skip


def prepare(app: Flask) -> None:
    """Filters of the two pages that show the trail."""
    app.jinja_env.filters.update(
        act_words=act_words,
        actor_words=lambda kind: ACTORS.get(kind, ""),
        subject_words=subject_words,
        details_words=details_words,
    )


def act_words(code: str) -> Any:
    """What was done."""
    return ACTIONS.get(code, code)


def subject_words(kind: str) -> Any:
    """What it was done to."""
    return SUBJECTS.get(kind, kind.replace("_", " "))


def details_words(value: Any) -> str:
    """What is noted beside an act, as a line; what is empty is left out."""
    if isinstance(value, dict):
        told = ((DETAILS.get(name, name.replace("_", " ")), details_words(each)) for name, each in value.items())
        return ", ".join(f"{name}: {said}" for name, said in told if said)
    if isinstance(value, list):
        more = len(value) - MOST_NUMBERS
        return " ".join([*(details_words(each) for each in value[:MOST_NUMBERS]), *([f"+ {more}"] if more > 0 else [])])
    return "" if value is None else str(value)
