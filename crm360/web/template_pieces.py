"""What templates share: blocks, and how people of a given name are spoken to in Polish."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.outreach import facing, queries, vocabulary, writing
from crm360.outreach.vocative import vocative
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import present


@door.get("/templates/pieces")
@requires("campaigns.read")
def template_pieces() -> str:
    return pieces()


@door.post("/templates/pieces/blocks")
@requires("campaigns.manage")
def save_block() -> str | tuple[str, int] | Response:
    code = request.form.get("code", "").strip()
    try:
        writing.write_block(code=code, contents=block_typed(), by=present().staff.name, now=clock.now())
    except DomainError as error:
        db.session.rollback()
        return pieces(error=error, given={"code": code, **block_typed()}), error.status
    flash(gettext("The block is saved. Running campaigns keep what it said before."))
    return redirect(url_for("web.template_pieces"), 303)


@door.post("/templates/pieces/names")
@requires("campaigns.manage")
def correct_vocative() -> str | tuple[str, int] | Response:
    form = request.form
    try:
        writing.speak_to(
            name=form.get("name", ""), vocative=form.get("vocative", ""), by=present().staff.name, now=clock.now()
        )
    except DomainError as error:
        db.session.rollback()
        return pieces(name_error=error), error.status
    flash(gettext("Remembered for everybody of this name."))
    return redirect(url_for("web.template_pieces", _anchor="names"), 303)


def pieces(
    *, error: DomainError | None = None, given: dict[str, object] | None = None, name_error: DomainError | None = None
) -> str:
    """Blocks and names with their forms; `name` in the address is looked up."""
    asked = request.values.get("name", "").strip()[:60]
    block = next((each for each in queries.all_blocks() if each.code == request.args.get("block")), None)
    return render_template(
        "outreach/pieces.html", blocks=queries.all_blocks(), names=queries.all_spoken_to(), error=error,
        name_error=name_error, languages=vocabulary.LANGUAGES, asked=asked,
        said=vocative(asked, facing.corrections()) if asked else None,
        given=given or ({"code": block.code, **block.contents} if block else {}),
    )  # fmt: skip


def block_typed() -> dict[str, dict[str, str]]:
    """What the form holds, by language."""
    return {
        language: {part: request.form.get(f"{language}.{part}", "") for part in ("text", "html")}
        for language in vocabulary.LANGUAGES
    }
