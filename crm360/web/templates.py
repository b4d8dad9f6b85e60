"""Message templates: the list, writing one in both languages, and seeing it as real people would get it."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.kernel.errors import DomainError
from crm360.outreach import plan, previewing, queries, rendering, vocabulary, writing
from crm360.profiles import queries as profiles
from crm360.web import formats, named, reads
from crm360.web.blueprint import door
from crm360.web.error_words import translated
from crm360.web.policy import requires
from crm360.web.visitors import actor, present

#: People a message is shown for when nobody chose any.
SHOWN = 3
#: A shown message is a document of its own: no script, no form, nothing but its words, styles and pictures.
PREVIEW_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'; sandbox"


@door.get("/templates")
@requires("campaigns.read")
def templates() -> str:
    return render_template("outreach/templates.html", lines=queries.templates())


@door.get("/templates/new")
@requires("campaigns.manage")
def new_template() -> str:
    return form(None, {"name": "", **start()})


@door.post("/templates/new")
@requires("campaigns.manage")
def create_template() -> str | tuple[str, int] | Response:
    return save(None)


@door.get("/templates/<int:template_id>")
@requires("campaigns.read")
def template(template_id: int) -> str:
    found, version = queries.get_template(template_id), queries.latest_version(template_id)
    return form(template_id, {"name": found.name, **version.contents}, version=version)


@door.post("/templates/<int:template_id>")
@requires("campaigns.manage")
def change_template(template_id: int) -> str | tuple[str, int] | Response:
    return save(template_id)


@door.post("/templates/<int:template_id>/archive")
@requires("campaigns.manage")
def archive_template(template_id: int) -> Response:
    writing.archive_template(template_id=template_id, now=clock.now())
    record("template.archived", template_id)
    flash(gettext("The template is out of the list. Campaigns keep what they said."))
    return redirect(url_for("web.templates"), 303)


@door.get("/templates/<int:template_id>/preview/<int:profile_id>")
@requires("campaigns.read")
def preview(template_id: int, profile_id: int) -> Response:
    """The message one person would get in `lang`, as a page of its own for a frame."""
    reads.note_opened(profile_id)
    said = seen(template_id, profile_id, request.args.get("in", "pl"))
    html = said.html or render_template("outreach/plain.html", text=said.text)
    answer = make_response(html)
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def save(template_id: int | None) -> str | tuple[str, int] | Response:
    """Keep what the form says, or show it again with what is wrong."""
    try:
        kept = writing.write_template(
            template_id=template_id, name=request.form.get("name", ""), contents=typed(), by=present().staff.name,
            now=clock.now(),
        )  # fmt: skip
    except DomainError as error:
        db.session.rollback()
        return form(template_id, {"name": request.form.get("name", ""), **typed()}, error=error), error.status
    record("template.written", kept.id)
    flash(gettext("Saved. Below you see it as real customers would get it."))
    return redirect(url_for("web.template", template_id=kept.id, _anchor="previews"), 303)


def form(
    template_id: int | None, given: dict[str, Any], *, error: DomainError | None = None, version: Any = None
) -> str:
    """The page of one template: its words in both languages, and previews once it is kept."""
    people = chosen()
    shown = previews(template_id, people) if template_id and error is None else []
    return render_template(
        "outreach/template.html", template_id=template_id, given=given, error=error, version=version, previews=shown,
        languages=vocabulary.LANGUAGES, variables=vocabulary.PERSON, blocks=queries.all_blocks(), people=people,
        hint=getattr(getattr(error, "fault", None), "hint", ""),
    )  # fmt: skip


def previews(template_id: int, people: list[tuple[int, str]]) -> list[dict[str, Any]]:
    """The subject for each person in each language, or what is wrong with it."""
    contents = queries.latest_version(template_id).contents
    return [
        {"profile_id": profile_id, "name": name, "language": language, **subject_of(template_id, profile_id, language)}
        for profile_id, name in people
        for language in vocabulary.LANGUAGES
        if language in contents
    ]


def subject_of(template_id: int, profile_id: int, language: str) -> dict[str, str]:
    try:
        return {"subject": seen(template_id, profile_id, language).subject, "fault": ""}
    except rendering.BadTemplate as fault:
        return {"subject": "", "fault": fault.message}


def seen(template_id: int, profile_id: int, language: str) -> rendering.Rendered:
    """A template as somebody would get it. Raises BadTemplate, TemplateNotFound."""
    contents = queries.latest_version(template_id).contents
    spoken = language if language in contents else next(iter(sorted(contents)))
    house = plan.house(current_app.config["SETTINGS"])
    return previewing.message(contents[spoken], locale=spoken, profile_id=profile_id, house=house, now=clock.now())


def chosen() -> list[tuple[int, str]]:
    """The people to show a message for: those asked for, else the first customers there are."""
    asked = []
    for typed in filter(str.strip, request.args.getlist("person")[:SHOWN]):
        try:
            asked.append(named.chosen(typed))
        except named.Unclear as error:
            flash(f"{typed}: {translated(error.message)}")
    ids = list(dict.fromkeys(asked)) or identity.profile_page(limit=SHOWN)
    records = profiles.golden(ids)
    return [(each, formats.shown_name(records[each].display_name)) for each in ids if each in records]


def typed() -> dict[str, dict[str, str]]:
    """What the form holds, by language and part."""
    return {
        language: {part: request.form.get(f"{language}.{part}", "") for part in rendering.PARTS}
        for language in vocabulary.LANGUAGES
    }


def start() -> dict[str, dict[str, str]]:
    """What a new template begins with: enough to see how it is done."""
    return {
        "pl": {
            "subject": "{% if person.vocative %}{{ person.vocative }}, mamy{% else %}Mamy{% endif %} coś nowego",
            "html": "<h1>Dzień dobry{% if person.vocative %}, {{ person.vocative }}{% endif %}!</h1>\n<p>…</p>\n"
            '<p><a href="' + shop_url() + '">Zobacz w sklepie</a></p>',
        },
        "en": {
            "subject": "{% if person.given_name %}{{ person.given_name }}, something{% else %}Something{% endif %} new",
            "html": "<h1>Hello{% if person.given_name %} {{ person.given_name }}{% endif %}!</h1>\n<p>…</p>\n"
            '<p><a href="' + shop_url() + '">See it in the shop</a></p>',
        },
    }


def shop_url() -> str:
    return str(current_app.config["SETTINGS"].public_url)


def record(action: str, template_id: int) -> None:
    audit.record(
        actor=actor(), action=action, subject_kind="template", subject_id=template_id, details={}, now=clock.now()
    )
