"""Templates, their blocks and how people are spoken to, as staff write them. Operations flush, the caller commits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Invalid
from crm360.normalise.text import clean
from crm360.outreach import queries, rendering, vocabulary
from crm360.outreach.models import Block, SpokenTo, Template, TemplateVersion
from crm360.outreach.rendering import BadTemplate

_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_LONGEST_NAME = 120


class BadName(Invalid):
    """A template, a block or a name is called something it cannot be called."""


class Unwritten(Invalid):
    """A template says nothing in any language."""


class BadContents(Invalid):
    """A template cannot be a message. `language`, and `fault`: what is wrong with it."""

    def __init__(self, language: str, fault: BadTemplate) -> None:
        errors = {f"{language}.{fault.part}": [fault.message]}
        super().__init__(fault.message, errors=errors)
        self.language, self.fault = language, fault


def write_template(
    *, template_id: int | None, name: str, contents: Mapping[str, Mapping[str, str]], by: str, now: datetime
) -> Template:
    """A new template, or a new version of one where its words changed. Raises BadName, Unwritten, BadContents."""
    called = clean(name)[:_LONGEST_NAME]
    if not called:
        raise BadName("A template needs a name.", errors={"name": ["A template needs a name."]})
    said = checked(contents)
    if template_id is None:
        template = Template(name=called, created_at=now, created_by=by)
        db.session.add(template)
        db.session.flush()
    else:
        template = queries.get_template(template_id)
        template.name = called
    latest = queries.latest_version(template.id) if template_id else None
    if latest is None or latest.contents != said:
        number = latest.version + 1 if latest else 1
        version = TemplateVersion(
            template_id=template.id, version=number, contents=said, written_at=now, written_by=by
        )  # fmt: skip
        db.session.add(version)
    db.session.flush()
    return template


def checked(contents: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Contents by language without what is empty, each found fit to be sent. Raises Unwritten, BadContents."""
    said: dict[str, dict[str, str]] = {}
    for language in vocabulary.LANGUAGES:
        parts = {part: contents.get(language, {}).get(part, "").strip() for part in rendering.PARTS}
        if any(parts.values()):
            said[language] = {part: text for part, text in parts.items() if text}
    if not said:
        raise Unwritten("Write a subject and a message, in one language at least.")
    for language, parts in said.items():
        try:
            rendering.check(rendering.compiled(parts, locale=language, blocks=queries.blocks(language)))
        except BadTemplate as fault:
            raise BadContents(language, fault) from None
    return said


def archive_template(*, template_id: int, now: datetime) -> None:
    """Out of the list; campaigns that used it keep what they said. Raises TemplateNotFound."""
    queries.get_template(template_id).archived_at = now
    db.session.flush()


def write_block(*, code: str, contents: Mapping[str, Mapping[str, str]], by: str, now: datetime) -> None:
    """A block, new or changed. Raises BadName, BadContents."""
    if not _CODE.fullmatch(code):
        raise BadName(
            "A block is called by small letters, digits, - and _.",
            errors={"code": ["A block is called by small letters, digits, - and _."]},
        )
    said: dict[str, dict[str, str]] = {}
    for language in vocabulary.LANGUAGES:
        said[language] = {part: contents.get(language, {}).get(part, "").strip() for part in ("text", "html")}
        for part, text in said[language].items():
            try:
                rendering.check(rendering.compiled({"subject": "-", "text": "-", part: text or "-"}, locale=language))
            except BadTemplate as fault:
                raise BadContents(language, fault) from None
    row: dict[str, Any] = {"code": code, "contents": said, "changed_at": now, "changed_by": by}
    dialects.upsert(db.session, table_of(Block), [row], ["code"])


def speak_to(*, name: str, vocative: str, by: str, now: datetime) -> None:
    """How bearers of a given name are spoken to; without a vocative the rules of Polish count again. Raises BadName."""
    known = clean(name).casefold()
    if not known or len(known.split()) > 1 or len(known) > 60:
        raise BadName("This is one given name.", errors={"name": ["This is one given name."]})
    said = clean(vocative)[:60]
    if not said:
        db.session.execute(delete(SpokenTo).where(SpokenTo.name == known))
        return
    row: dict[str, Any] = {"name": known, "vocative": said, "corrected_at": now, "corrected_by": by}
    dialects.upsert(db.session, table_of(SpokenTo), [row], ["name"])
