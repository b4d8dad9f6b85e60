"""Words for the worker's scheduled jobs: what each is called, what it does, and why one failed."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

#: Name in the schedule → what it is called, what it does.
JOBS: dict[str, tuple[Any, Any]] = {
    "abandon carts": (_("Abandoned carts"), _("A cart that has rested too long counts as abandoned.")),
    "learn from purchases": (_("Learn from purchases"), _("Once a day: how often customers buy and how long they stay.")),
    "value customers": (_("Customer value"), _("Who bought, returned or wrote is valued anew within seconds.")),
    "compute figures": (_("Figures of the insights"), _("Computes the insights pages every half hour.")),
    "keep segments": (_("Segments"), _("Who enters or leaves a segment, within seconds and as time passes.")),
    "drop segments": (_("Scheduled files"), _("Writes segments to their folders at their hours.")),
    "poll sources": (_("Ask sources"), _("Shops and services that do not send by themselves are asked for news.")),
    "watch folders": (_("Watched folders"), _("Imports files once they have stopped growing.")),
    "read mailboxes": (_("Read mailboxes"), _("Takes in what is new in every connected mailbox.")),
    "answer senders": (_("Answer senders"), _("Confirms senders that wait for us to fetch an address.")),
    "apply rules": (_("Rules of identity"), _("A changed limit or field rule reaches every customer.")),
    "activate a model": (_("Switch the model"), _("A chosen matching model resolves everybody again.")),
    "study models": (_("Questions about models"), _("Computes what another model would join or part.")),
    "act on customers": (_("Bulk actions"), _("Does what colleagues chose for many customers at once, or takes it back.")),
    "forget bulk actions": (_("Forget bulk actions"), _("After 30 days only their numbers are kept.")),
    "forget webhooks": (_("Forget webhook deliveries"), _("Deletes the log of deliveries after a month.")),
    "send letters": (_("Send mail"), _("Hands letters to the mail server, each asked once more whether it may leave.")),
    "ask surveys": (_("Survey invitations"), _("Looks for occasions of surveys, and asks who is due.")),
    "run campaigns": (_("Campaigns"), _("Hands over the next messages of campaigns and starts scheduled ones.")),
    "remind of cases": (_("Reminders of privacy requests"), _("Tells colleagues 14, 7 and 2 days before a deadline, and on it.")),
    "work on cases": (_("Privacy requests"), _("Carries out erasures and restrictions step by step.")),
    "call back": (_("Answers to other systems"), _("Tells systems that passed privacy requests on how these do.")),
    "make packages": (_("Copies of data"), _("Makes the files of access requests.")),
    "do what is asked": (_("Done because asked"), _("Does what “Run now” on this page asks for.")),
    "work on backups": (_("Backups asked for"), _("Makes, checks and tries backups that the page Backups asks for.")),
    "purge imports": (_("Clear away imports"), _("Deletes uploaded files once an import can no longer be taken back.")),
    "sign the ledger": (_("Sign the consent ledger"), _("Signs what was added, so that nobody can shorten it unseen.")),
    "back up": (_("Nightly backup"), _("Makes the backup of the night and deletes those whose time is over.")),
    "forget visitors": (_("Forget visitors"), _("Deletes visitors nobody could name after their time.")),
    "keep retention rules": (_("Retention rules"), _("Erases what the retention rules say has been kept long enough.")),
}  # fmt: skip
#: A word of `upkeep.runs.reason_of` → what it means, what helps.
REASONS: dict[str, tuple[Any, Any]] = {
    "full_disk": (_("The disk is full."), _("Make room; the next run goes on by itself.")),
    "not_permitted": (_("A file or folder may not be read or written."), _("Give the user crm360 runs as the right to it.")),
    "busy": (_("The database was busy with something else."), _("It is tried again; if it stays, look for a long import or backup.")),
    "database": (_("The database refused or could not be reached."), _("See “flask doctor”, then the log of the database.")),
    "timeout": (_("The other side did not answer in time."), _("It is tried again; check the network and the service asked.")),
    "unreachable": (_("The other side could not be reached."), _("It is tried again; check the network and the service asked.")),
    "told": (_("It could not be done as things are."), _("The worker’s log says which rule stood in the way.")),
    "fault": (_("An error in the program nobody foresaw."), _("The worker’s log has the place; report it with the kind of error.")),
}  # fmt: skip


def name(job: str) -> Any:
    """What a job is called."""
    return JOBS[job][0] if job in JOBS else job


def about(job: str) -> Any:
    """What a job does."""
    return JOBS[job][1] if job in JOBS else ""


def reason(word: str) -> tuple[Any, Any]:
    """Why a run failed, and what helps."""
    return REASONS.get(word, REASONS["fault"])
