"""What another model or threshold would change, and a model learned from our own customers: computed beside the day's work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from crm360.identity import answers, in_force, model_versions, rebuilding, studies, whatif, whole
from crm360.identity.engine import forms, resolution
from crm360.identity.engine import model as documents
from crm360.identity.engine.judging import Judge
from crm360.kernel.counting import counted
from crm360.kernel.errors import Invalid

#: Changes kept with the answer of a what-if, those of most records.
EXAMPLES = 20
#: Fewer records than this teach nothing.
LEAST_RECORDS = 50


class TooFew(Invalid):
    """There are too few customers to learn from."""


class Computed(NamedTuple):
    """An answer, and the document of a model that was learned."""

    answer: dict[str, Any]
    document: dict[str, Any] | None = None


def compute(*, kind: str, question: Mapping[str, Any]) -> Computed:
    """Answer a study. Only reads; raises what kept it from an answer."""
    return _learned() if kind == studies.TRAINING else _what_if(question)


def keep(computed: Computed, *, by: str, now: datetime) -> dict[str, Any]:
    """The answer as it is kept; a model that was learned becomes a version."""
    if computed.document is None:
        return computed.answer
    about = {**computed.document["about"], "trained_on": now.date().isoformat()}
    model_id = model_versions.store(document={**computed.document, "about": about}, by=by, now=now)
    return computed.answer | {"model_id": model_id, "name": model_versions.get(model_id).name}


def _what_if(question: Mapping[str, Any]) -> Computed:
    base = rebuilding.load().base
    now, then = whole.outcome(base, in_force.current().judge), whole.outcome(base, _candidate(question))
    found = whatif.effect(now.persons, then.persons, now.held, then.held)
    return Computed(
        {
            "records": len(base.forms),
            "joined": found.joined,
            "parted": found.parted,
            "newly_held": found.newly_held,
            "no_longer_held": found.no_longer_held,
            "customers_changed": len(found.changes),
            "examples": [
                {"before": [list(part) for part in change.before], "after": [list(part) for part in change.after]}
                for change in found.changes[:EXAMPLES]
            ],
        }
    )


def _candidate(question: Mapping[str, Any]) -> Judge:
    version = question.get("model_id")
    model = (in_force.judge_of(version) if version else in_force.current().judge).model
    join, review = (question.get(name) for name in ("join", "review"))
    join, review = model.join if join is None else join, model.review if review is None else review
    return Judge(replace(model, join=join, review=review))


def _learned() -> Computed:
    base = rebuilding.load().base
    contacts = sorted(contact for contact, form in base.forms.items() if not form.get("anonymous"))
    named = [base.forms[contact] for contact in contacts]
    if len(named) < LEAST_RECORDS:
        raise TooFew(
            f"There {'is' if len(named) == 1 else 'are'} {counted(len(named), 'record')}; learning needs at least {LEAST_RECORDS}."
        )
    place = {contact: at for at, contact in enumerate(contacts)}
    said = answers.labels(base.links, among=place.keys())
    about = {"data": "the customers of this installation", "answers": said.about}
    labels = [(place[left], place[right], same) for left, right, same in said.pairs]
    document = documents.as_document(resolution.learn(forms.columns(named), answers=labels, about=about))
    told = {"records": len(named), "fields": sorted(document["fields"]), "answers": len(labels)}
    return Computed(told, document)
