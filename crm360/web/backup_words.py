"""Words for backups: kinds of work, steps, why one failed, and the sentences of `upkeep` in the reader's language."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask_babel import lazy_gettext

from crm360.web import error_words, job_words
from crm360.web.error_words import _, _n

KINDS: dict[str, Any] = {
    "create": lazy_gettext("Making a backup"), "verify": lazy_gettext("Checking a backup"), "drill": lazy_gettext("Trying a backup"),
}  # fmt: skip
STEPS: dict[str, Any] = {
    "": lazy_gettext("beginning"), "copy": lazy_gettext("copying the database"), "pack": lazy_gettext("packing"), "read": lazy_gettext("comparing hashes"),
    "open": lazy_gettext("opening the database"), "unpack": lazy_gettext("unpacking"), "load": lazy_gettext("loading into a database beside yours"),
    "check": lazy_gettext("counting every row"), "prove": lazy_gettext("migrating, verifying the ledger, erasing again"),
}  # fmt: skip
PROVED: dict[str, Any] = {
    "restored": lazy_gettext("put back"), "counted": lazy_gettext("counted"), "migrated": lazy_gettext("migrated"), "ledger": lazy_gettext("consent ledger"),
    "erased": lazy_gettext("erasures"), "files": lazy_gettext("read"),
}  # fmt: skip
SENTENCES = (
    _("%(name)s is missing."), _("%(name)s is not in the manifest."), _("%(name)s cannot be read: %(why)s."),
    _("%(name)s is not what was written: its hash differs."), _("%(table)s has %(found)s rows, the manifest says %(promised)s"),
    _("%(name)s is no backup of crm360, or it is damaged: %(why)s."), _("%(member)s of %(name)s cannot be read: %(why)s."),
    _("%(member)s of %(name)s is not what was written: its hash differs."),
    _("The backup could not be proved, nothing was changed: %(why)s"), _("There is no backup %(name)s. See `flask backup list`."),
    _("Another backup, drill or restore is under way. Wait until it has ended."),
    _("SECRET_KEY differs: passwords of sources and signing secrets of webhooks cannot be read and must be entered again; everybody signs in anew."),
    _("SUPPRESSION_KEY_FILE lacks a key of the backup: suppressed addresses and erased people would not be known again."),
    _("LEDGER_KEY_FILE differs: checkpoints signed before cannot be verified."), _("VAPID_KEY_FILE differs: every push subscription has ended."),
    _n("%(count)s table, every file by its hash", "%(count)s tables, every file by its hash"), _n("%(count)s row, as many in each table as when the backup was made", "%(count)s rows, as many in each table as when the backup was made"),
    _("from %(one)s to %(other)s"), _("was on %(one)s already"), _n("%(count)s statement verified", "%(count)s statements verified"),
    _n("%(count)s contact erased since erased again, tombstones known: %(known)s", "%(count)s contacts erased since erased again, tombstones known: %(known)s"), _n("%(count)s customer can be read", "%(count)s customers can be read"),
)  # fmt: skip


def kind(code: str) -> Any:
    return KINDS[code]


def step(code: str) -> Any:
    return STEPS.get(code, code)


def proved(code: str) -> Any:
    return PROVED.get(code, code)


def reason(word: str) -> tuple[Any, Any]:
    """Why it broke off, and what helps."""
    return job_words.reason(word)


def said(sentence: str) -> str:
    """A sentence of `upkeep` in the reader's language."""
    return error_words.said(sentence, _patterns())


@cache
def _patterns() -> error_words.Patterns:
    return error_words.patterns(SENTENCES)
