"""Packages: asked for, made, taken away once, thrown away when nobody came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select, update

from crm360.kernel.db import db
from crm360.kernel.errors import NotFound
from crm360.privacy import handling
from crm360.privacy.models import Case, Package


class PackageGone(NotFound):
    """The package was taken away already, or its time is over."""


def ask(*, case: Case, portable_only: bool, locale: str, by: str, now: datetime) -> Package:
    """Let a package be made by the worker."""
    package = Package(case_id=case.id, portable_only=portable_only, locale=locale, asked_at=now, asked_by=by)
    db.session.add(package)
    handling.note(case_id=case.id, what="package_asked", by=by, now=now)
    return package


def ask_again(*, case: Case, locale: str, by: str, now: datetime) -> Package:
    """Another one, when the first was not taken in time. Raises NotNow."""
    if case.decision != "granted" or case.right not in ("access", "portability") or case.status == "closed":
        raise handling.NotNow("This case is past that.")
    if next(iter(each for each in handling.packages_of(case.id) if each.state == "waiting"), None):
        raise handling.NotNow("A package is being made already.")
    return ask(case=case, portable_only=case.right == "portability", locale=locale, by=by, now=now)


def next_waiting() -> Package | None:
    """The package asked for longest ago that is not made."""
    found: Package | None = db.session.scalar(
        select(Package).where(Package.state == "waiting").order_by(Package.id).limit(1)
    )
    return found


def made(package: Package, *, stored: str, sha256: str, size: int, now: datetime, until: datetime) -> None:
    """It lies ready."""
    package.state, package.stored, package.sha256, package.size = "made", stored, sha256, size
    package.made_at, package.expires_at = now, until
    handling.note(
        case_id=package.case_id, what="package_made", by="system", now=now, details={"sha256": sha256, "bytes": size}
    )
    case = handling.get(package.case_id)
    if case.status == "working":
        handling.finish(case=case, by="system", now=now)


def ready(case_id: int, *, now: datetime) -> Package | None:
    """The newest package of a case that may be taken away."""
    query = select(Package).where(Package.case_id == case_id, Package.state == "made", Package.expires_at > now)
    found: Package | None = db.session.scalar(query.order_by(Package.id.desc()).limit(1))
    return found


def take(*, case_id: int, now: datetime) -> Package:
    """Take it away: only one visitor ever gets it. Raises PackageGone."""
    package = ready(case_id, now=now)
    if package is None:
        raise PackageGone("This package was taken away already, or its time is over. Please ask for it again.")
    once = update(Package).where(Package.id == package.id, Package.state == "made").values(state="taken", taken_at=now)
    if int(db.session.execute(once).rowcount) != 1:
        raise PackageGone("This package was taken away already, or its time is over. Please ask for it again.")
    db.session.refresh(package)
    handling.note(case_id=case_id, what="package_taken", by="requester", now=now, details={"sha256": package.sha256})
    return package


def any_too_old(*, now: datetime) -> bool:
    """Whether there is a file nobody may take any more."""
    return db.session.scalar(_too_old(now).limit(1)) is not None


def too_old(*, now: datetime) -> list[Package]:
    """Packages whose file is to go: their time is over, or they were taken."""
    return list(db.session.scalars(_too_old(now)))


def drop(package: Package) -> None:
    """Its file is gone."""
    package.stored = ""
    package.state = "taken" if package.taken_at else "expired"


def _too_old(now: datetime) -> Select[Package]:
    over = (Package.expires_at <= now) | (Package.state == "taken")
    return select(Package).where(Package.stored != "", over)
