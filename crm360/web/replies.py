"""From the task of an unhappy customer straight to a letter: written before one begins, changed as one likes, sent."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.flows import replying as story
from crm360.flows import restricted
from crm360.flows.replying import Said
from crm360.kernel import clock, mail
from crm360.kernel.errors import DomainError
from crm360.outbox.operations import UnusableLetter
from crm360.outreach import facing, replying, vocabulary
from crm360.outreach.replying import BadReply, Unreachable, Words
from crm360.profiles import queries as profiles
from crm360.sales import queries
from crm360.sales.models import Task
from crm360.web import privacy_words, reads
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present


@door.get("/tasks/<int:task_id>/reply")
@requires("sales.work")
def write_reply(task_id: int) -> str:
    task = queries.get_task(task_id)
    said = answered(task, changing=False)
    language = asked_language(said.profile_id)
    return page(task, said, language, prepared(said, language)._asdict())


@door.post("/tasks/<int:task_id>/reply")
@requires("sales.work")
def send_reply(task_id: int) -> Response | tuple[str, int]:
    task, form, by = queries.get_task(task_id), request.form, present().staff.name
    said = answered(task, changing=True)
    words = Words(form.get("subject", ""), form.get("text", ""), signature(by))
    domain = mail.domain_of(current_app.config["SETTINGS"].mail_from)
    try:
        story.reply(
            task_id=task_id, number=form.get("number", 0, int), words=words, by=by, domain=domain, now=clock.now()
        )
    except (BadReply, Unreachable, UnusableLetter) as error:
        return page(task, said, asked_language(said.profile_id), words._asdict(), error), error.status
    audit.record(
        actor=actor(), action="task.replied", subject_kind="profile", subject_id=said.profile_id, now=clock.now()
    )
    flash(gettext("The reply is on its way, and the task is done."))
    return redirect(url_for("web.task", task_id=task_id), 303)


def answered(task: Task, *, changing: bool) -> Said:
    """What the customer of a task said, to who may know it. Raises NobodyToAnswer, Restricted, Locked."""
    said = story.said(task)
    restricted.check(said.profile_id, desk=present().may(restricted.PERMISSION), changing=changing, now=clock.now())
    return said


def page(task: Task, said: Said, language: str, given: dict[str, Any], error: DomainError | None = None) -> str:
    reads.note_opened(said.profile_id)
    record = profiles.golden([said.profile_id]).get(said.profile_id)
    return render_template(
        "sales/reply.html", task=task, said=said, language=language, languages=vocabulary.LANGUAGES, given=given, error=error,
        to=replying.address(said.profile_id, now=clock.now()), name=record.display_name if record else f"#{said.profile_id}",
        **sent_from(task),
    )  # fmt: skip


def sent_from(task: Task) -> dict[str, Any]:
    """The letters written from a task, and the words for what became of them."""
    return {"letters": replying.letters_of(task.id) if task.origin else [], "words": privacy_words}


def asked_language(profile_id: int) -> str:
    """The one chosen on the page, else the customer's."""
    chosen = request.values.get("language", "")
    usual = current_app.config["SETTINGS"].default_locale
    return chosen if chosen in vocabulary.LANGUAGES else facing.languages([profile_id], otherwise=usual)[profile_id]


def prepared(said: Said, language: str) -> Words:
    """A letter to begin with: a greeting by name, thanks for the words, whose letter it is."""
    person = facing.people([said.profile_id], said=facing.corrections())[said.profile_id]
    called = person.get("vocative" if language == "pl" else "given_name", "")
    with force_locale(language):
        greeting = gettext("Good morning %(name)s,", name=called) if called else gettext("Good morning,")
        sorry = gettext("We are sorry that we let you down.")
        opening, subject = (
            thanks(said),
            gettext("Our reply to your review") if said.is_review else gettext("Our reply to your answer"),
        )
    quoted = "\n".join(f"> {line}" for line in said.words.splitlines())
    parts = (greeting, opening, quoted, sorry, signature(present().staff.name, "\n"))
    return Words(subject, "\n\n".join(filter(None, parts)), "")


def thanks(said: Said) -> str:
    """For what they said, in the language in force."""
    if said.score is None:
        return gettext("thank you for telling us what you think.")
    told = {"score": said.score, "best": said.best}
    if said.is_review:
        return gettext("thank you for your honest review, %(score)s of %(best)s.", **told)
    return gettext("thank you for your honest answer, %(score)s of %(best)s.", **told)


def signature(name: str, between: str = ", ") -> str:
    """Whose letter it is: the colleague's and the shop's."""
    return f"{name}{between}{current_app.config['SETTINGS'].shop_name}"
