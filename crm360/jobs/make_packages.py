"""Packages asked for are made one after another; those nobody took in time go."""

from __future__ import annotations

import hashlib
import json
import secrets
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from flask_babel import force_locale, gettext
from structlog import get_logger

from crm360.consents.ledger import signer_of
from crm360.evidence.receipts import Controller
from crm360.flows import access_package, meeting, subjects
from crm360.flows.access_package import Part
from crm360.jobs import package_pages
from crm360.jobs.job import Limits
from crm360.jobs.work_cases import packages_folder
from crm360.kernel import clock, mail, notes, tickets
from crm360.kernel.db import db
from crm360.kernel.iso8601 import zulu
from crm360.privacy import handling, packaging
from crm360.privacy.models import Case, Package

log = get_logger(__name__)

#: How long a package may be taken away.
KEPT = timedelta(days=5)
_PAGES = 3


def something_waits() -> bool:
    """Whether a package is to be made, or to be thrown away."""
    return packaging.next_waiting() is not None or packaging.any_too_old(now=clock.now())


def run(*, limits: Limits, now: datetime) -> int:
    """Make every package that waits and drop those too old; returns how many were made or dropped."""
    folder, done = packages_folder(limits), 0
    for package in packaging.too_old(now=now):
        (folder / package.stored).unlink(missing_ok=True)
        packaging.drop(package)
        done += 1
    db.session.commit()
    while (waiting := packaging.next_waiting()) is not None:
        _make(waiting, folder, limits)
        db.session.commit()
        done += 1
    return done


def _make(package: Package, folder: Path, limits: Limits) -> None:
    """Write the file beside its place and move it there; a maker that dies leaves nothing but a part."""
    case, number = handling.get(package.case_id), package.id
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stored = f"{secrets.token_hex(16)}.zip"
    part = folder / f"{stored}.part"
    listed: dict[str, dict[str, object]] = {}
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for made in _parts(package, case, limits):
                archive.writestr(made.name, made.body)
                listed[made.name] = {"sha256": hashlib.sha256(made.body).hexdigest(), "bytes": len(made.body)}
            manifest = json.dumps({"format": access_package.FORMAT, "case": case.id, "files": listed}, sort_keys=True)
            archive.writestr("manifest.json", manifest)
            by = signer_of(limits.public_url, limits.ledger_key)
            archive.writestr("manifest.json.note", notes.sign(manifest, by))
            archive.writestr("manifest.pub", by.verifier + "\n")
        part.chmod(0o600)
        part.replace(folder / stored)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sha256 = hashlib.sha256((folder / stored).read_bytes()).hexdigest()
    now = clock.now()
    packaging.made(
        package, stored=stored, sha256=sha256, size=(folder / stored).stat().st_size, now=now, until=now + KEPT
    )
    _tell(case, limits)
    log.info("package made", package_id=number, case_id=case.id)


def _parts(package: Package, case: Case, limits: Limits) -> Iterator[Part]:
    subject, now = subjects.of_case(case), clock.now()
    names = access_package.names(portable_only=package.portable_only)
    package.parts, package.done = len(names) + _PAGES, 0
    tables = {}
    for name in names:
        tables[name] = access_package.rows_of(subject, name)
        package.done += 1
        if package.done % 5 == 0:
            db.session.commit()
    who = Controller.of(limits, origin=signer_of(limits.public_url, limits.ledger_key).name)
    copy = access_package.rest(subject, tables, controller=who, locale=package.locale, now=now)
    if package.portable_only:
        yield from access_package.portable(copy)
        return
    due = {"received_at": zulu(case.received_at), "due_on": case.due_on.isoformat(), "extension": case.extension}
    yield from access_package.files(copy, case_id=case.id, controller=who, now=now, due=due)
    yield from package_pages.pages(copy, controller=who, locale=package.locale, case_id=case.id, now=now)
    package.done = package.parts


def _tell(case: Case, limits: Limits) -> None:
    """The link goes to an address on file; the code that opens it, to the same one, when it is asked for."""
    url = f"{limits.public_url}/data/{tickets.make(tickets.DATA, case.id, key=limits.secret_key)}"
    with force_locale(limits.default_locale):
        text = gettext(
            "The copy of your data is ready (request no. %(number)s). Open this page within %(days)s days; we will send a "
            "code to this address, and with it you can take the file away, once:",
            number=case.id, days=KEPT.days,
        )  # fmt: skip
        words = meeting.Words(
            gettext("Your request no. %(number)s", number=case.id), f"{text}\n\n{url}\n\n{limits.shop_name}\n"
        )
    domain = mail.domain_of(limits.mail_from)
    meeting.write(case=case, what="package_told", words=words, domain=domain, by="system", now=clock.now())
