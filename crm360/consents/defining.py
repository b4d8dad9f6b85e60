"""New versions of purposes and notices. What was written stays: a change is the next version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from crm360.consents.models import Notice, PurposeVersion
from crm360.consents.purposes import Purpose, faults
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict, Invalid

LONGEST_TEXT = 20_000


class UnusablePurpose(Invalid):
    """The definition of a purpose cannot be accepted."""


class UnusableNotice(Invalid):
    """A notice cannot be accepted."""


class NothingChanged(Conflict):
    """The new version would say what the one before says."""


def define_purpose(*, purpose: Purpose, effective_from: datetime, by: str, now: datetime) -> PurposeVersion:
    """The next version of a purpose. Raises UnusablePurpose, NothingChanged."""
    if found := faults(purpose):
        raise UnusablePurpose("The purpose cannot be kept like this.", errors=found)
    definition = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(purpose).items()
        if name not in ("code", "version", "effective_from")
    }
    last = _last_purpose(purpose.code)
    if last is not None and last.definition == definition:
        raise NothingChanged("Nothing was changed.")
    made = PurposeVersion(
        code=purpose.code, version=(last.version if last else 0) + 1, definition=definition,
        effective_from=max(effective_from, now), created_at=now, created_by=by,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def publish_notice(
    *, code: str, texts: Mapping[str, str], purposes: Sequence[str], about: Mapping[str, Any], effective_from: datetime,
    by: str, now: datetime,
) -> list[Notice]:  # fmt: skip
    """The next version of a notice, in every language it is shown in (`texts` by language).

    `about`: controller, withdrawal, policy_url, approved_by. Raises UnusableNotice, NothingChanged.
    """
    clean = {locale: text.strip() for locale, text in texts.items() if text.strip()}
    if found := _notice_faults(code, clean, purposes):
        raise UnusableNotice("The text cannot be kept like this.", errors=found)
    before = last_notice(code)
    if before and {one.locale: (one.text, sorted(one.purposes)) for one in before} == {
        locale: (text, sorted(purposes)) for locale, text in clean.items()
    }:
        raise NothingChanged("Nothing was changed.")
    version = (before[0].version if before else 0) + 1
    made = [
        Notice(
            code=code, version=version, locale=locale, purposes=sorted(purposes), text=text, text_sha256=digest(text),
            effective_from=max(effective_from, now), created_at=now, created_by=by,
            **{name: str(about.get(name, "")) for name in ("controller", "withdrawal", "policy_url", "approved_by")},
        )
        for locale, text in sorted(clean.items())
    ]  # fmt: skip
    db.session.add_all(made)
    db.session.flush()
    return made


def last_notice(code: str) -> list[Notice]:
    """The newest version of a notice, a row per language; empty when there is none."""
    newest = select(func.max(Notice.version)).where(Notice.code == code).scalar_subquery()
    query = select(Notice).where(Notice.code == code, Notice.version == newest).order_by(Notice.locale)
    return list(db.session.scalars(query))


def digest(text: str) -> str:
    """SHA-256 of a text as shown, in hex: what statements carry of it."""
    return sha256(text.strip().encode()).hexdigest()


def _last_purpose(code: str) -> PurposeVersion | None:
    query = select(PurposeVersion).where(PurposeVersion.code == code).order_by(PurposeVersion.version.desc()).limit(1)
    found: PurposeVersion | None = db.session.scalar(query)
    return found


def _notice_faults(code: str, texts: Mapping[str, str], purposes: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if not code.replace("-", "").isalnum() or not code.isascii() or len(code) > 40 or "@" in code:
        found["code"] = ["A code has 1 to 40 small letters, digits and hyphens."]
    if not texts:
        found["texts"] = ["A notice needs its text in at least one language."]
    if any(len(text) > LONGEST_TEXT for text in texts.values()):
        found["texts"] = ["The text is too long."]
    if not purposes:
        found["purposes"] = ["A notice needs at least one purpose."]
    return found
