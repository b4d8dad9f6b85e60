"""The purposes and notices in force. Nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select

from crm360.consents.models import Notice, PurposeVersion
from crm360.consents.purposes import DEFAULTS, Purpose, unknown
from crm360.kernel.db import db
from crm360.kernel.errors import NotFound

_FIELDS = frozenset(field.name for field in fields(Purpose))


class NoticeNotFound(NotFound):
    """There is no notice of this code and version."""


class Catalogue(NamedTuple):
    """The purposes in force by code; `of` answers for any code."""

    known: Mapping[str, Purpose]

    def of(self, code: str) -> Purpose:
        return self.known.get(code) or unknown(code)


def catalogue(*, now: datetime) -> Catalogue:
    """The purposes in force at `now`: the newest version of each that has begun, else the one every shop starts with."""
    query = select(PurposeVersion).where(PurposeVersion.effective_from <= now).order_by(PurposeVersion.version)
    defined = {
        row.code: purpose_of(row.code, row.version, row.definition, row.effective_from)
        for row in db.session.scalars(query)
    }
    return Catalogue({**DEFAULTS, **defined})


def purpose_versions(code: str) -> list[Purpose]:
    """Every version of a purpose, the newest first."""
    query = select(PurposeVersion).where(PurposeVersion.code == code).order_by(PurposeVersion.version.desc())
    return [purpose_of(row.code, row.version, row.definition, row.effective_from) for row in db.session.scalars(query)]


def notices() -> list[Notice]:
    """Every notice, code by code, the newest version first."""
    query = select(Notice).order_by(Notice.code, Notice.version.desc(), Notice.locale)
    return list(db.session.scalars(query))


def notice_versions(code: str) -> list[Notice]:
    """Every version of a notice, the newest first. Raises NoticeNotFound."""
    if found := notice_versions_or_none(code):
        return found
    raise NoticeNotFound(f"There is no notice {code!r}.")


def notice_versions_or_none(code: str) -> list[Notice]:
    """The same; empty where there is none."""
    query = select(Notice).where(Notice.code == code).order_by(Notice.version.desc(), Notice.locale)
    return list(db.session.scalars(query))


def notices_shown(names: Sequence[str]) -> dict[str, Notice]:
    """The texts that statements name: by `code@version`, or by the hash of what was shown."""
    wanted = [name for name in dict.fromkeys(names) if name]
    label = Notice.code.concat("@").concat(func.cast(Notice.version, Notice.code.type))
    query = select(Notice, label).where(or_(Notice.text_sha256.in_(wanted), label.in_(wanted))).order_by(Notice.locale)
    found: dict[str, Notice] = {}
    for notice, named in db.session.execute(query):
        found.setdefault(notice.text_sha256, notice)
        found.setdefault(named, notice)
    return {name: found[name] for name in wanted if name in found}


def purpose_of(code: str, version: int, definition: Mapping[str, Any], effective_from: datetime) -> Purpose:
    """A purpose from its row."""
    told = {name: value for name, value in definition.items() if name in _FIELDS}
    return Purpose(**told | {"code": code, "version": version, "effective_from": effective_from})
