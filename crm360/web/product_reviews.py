"""Reviews: what customers wrote in public, answered or closed here, brought in from files."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.flows import import_reviews, tending_reviews
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.profiles import queries as profiles
from crm360.reviews import operations, queries, stars
from crm360.reviews.queries import Told, Which
from crm360.web import reads, work
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor

PER_PAGE = 50
REFUSED_SHOWN = 50


@door.get("/product-reviews")
@requires("customers.read")
def product_reviews() -> str:
    return render_template("reviews/list.html", **listing())


@door.get("/product-reviews/<int:review_id>")
@requires("customers.read")
def product_review(review_id: int) -> str:
    return page(queries.told(review_id))


@door.post("/product-reviews/<int:review_id>/answer")
@requires("reviews.answer")
def answer_review(review_id: int) -> Response | tuple[str, int]:
    try:
        tending_reviews.answer(review_id=review_id, text=request.form.get("text", ""), by=actor().name, now=clock.now())
    except operations.BadAnswer as error:
        return page(queries.told(review_id), error), error.status
    return noted("review.answered", review_id)


@door.post("/product-reviews/<int:review_id>/closing")
@requires("reviews.answer")
def close_review(review_id: int) -> Response | tuple[str, int]:
    try:
        tending_reviews.close(
            review_id=review_id, reason=request.form.get("reason", ""), by=actor().name, now=clock.now()
        )
    except operations.BadAnswer as error:
        return page(queries.told(review_id), error), error.status
    return noted("review.closed", review_id)


@door.post("/product-reviews/<int:review_id>/reopening")
@requires("reviews.answer")
def reopen_review(review_id: int) -> Response:
    tending_reviews.reopen(review_id=review_id, now=clock.now())
    return noted("review.reopened", review_id)


@door.post("/product-reviews/owner")
@requires("surveys.manage")
def set_review_owner() -> Response:
    operations.set_owner(staff_id=work.owner_asked(), by=actor().name, now=clock.now())
    flash(gettext("Saved."))
    return redirect(url_for("web.product_reviews"), 303)


@door.post("/product-reviews/import")
@requires("imports.run")
def import_product_reviews() -> str | tuple[str, int]:
    try:
        taken = taken_in()
    except DomainError as error:
        db.session.rollback()
        return render_template("reviews/list.html", **listing(), error=error), error.status
    audit.record(
        actor=actor(), action="reviews.imported", subject_kind="source", subject_id=0, now=clock.now(),
        details={"new": taken.new, "repeated": taken.repeated, "refused": len(taken.refused)},
    )  # fmt: skip
    return render_template("reviews/list.html", **listing(), taken=taken, shown=REFUSED_SHOWN)


def taken_in() -> import_reviews.Taken:
    """The uploaded file's reviews in the inbox. Raises UnusableFile, UnusableSource."""
    file, settings = request.files.get("file"), current_app.config["SETTINGS"]
    if file is None or not file.filename:
        raise import_reviews.UnusableFile(gettext("Choose a file."))
    source = request.form.get("source", "").strip() or "reviews"
    with NamedTemporaryFile(suffix=Path(file.filename).suffix) as uploaded:
        file.save(uploaded.name)
        return import_reviews.take(Path(uploaded.name), source=source, timezone=settings.timezone, now=clock.now())


def listing() -> dict[str, Any]:
    """The reviews asked for, with the figures over all of them."""
    which, before = asked(), request.args.get("before", type=int)
    found = queries.listed(which, before=before, limit=PER_PAGE)
    counts = queries.counts()
    return {
        "reviews": found, "names": names(found), "which": which, "stars": stars, "counts": counts,
        "mean": stars.mean(counts), "waiting": queries.waiting(), "products": queries.products(limit=10),
        "sources": queries.sources(), "colleagues": work.colleagues(), "owner": queries.owner(),
        "more": found[-1].review.id if len(found) == PER_PAGE else None, "args": chosen(which),
        "handled": queries.HANDLED, "tones": queries.TONES,
    }  # fmt: skip


def asked() -> Which:
    """What the address narrows the list to; words nobody knows narrow nothing."""
    args = request.args
    handled, tone = args.get("handled", ""), args.get("tone", "")
    return Which(
        handled=handled if handled in queries.HANDLED else "", tone=tone if tone in queries.TONES else "",
        source=args.get("source", ""), product=args.get("product", "").strip()[:100],
    )  # fmt: skip


def chosen(which: Which) -> dict[str, str]:
    """The same as parameters of an address."""
    named = {"handled": which.handled, "tone": which.tone, "source": which.source, "product": which.product}
    return {name: value for name, value in named.items() if value}


def names(found: list[Told]) -> dict[int, str]:
    """Customer → what they are called."""
    records = profiles.golden({each.profile_id for each in found if each.profile_id is not None})
    return {number: record.display_name for number, record in records.items()}


def page(told: Told, error: DomainError | None = None) -> str:
    """One review with what can be done about it."""
    if told.profile_id is not None:
        reads.note_opened(told.profile_id)
    task = tending_reviews.task_of(told.review.id)
    return render_template(
        "reviews/review.html", told=told, review=told.review, names=names([told]), stars=stars, task=task, error=error,
        colleagues=dict(work.colleagues()),
    )  # fmt: skip


def noted(action: str, review_id: int) -> Response:
    audit.record(actor=actor(), action=action, subject_kind="review", subject_id=review_id, now=clock.now())
    return redirect(url_for("web.product_review", review_id=review_id), 303)
