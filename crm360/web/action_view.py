"""Bulk actions as pages show them: what was chosen on a form, what it would do in words, how far one is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.datastructures import MultiDict

from crm360.accounts import queries as accounts
from crm360.accounts import reads as noted
from crm360.flows import bulk_actions, restricted
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.lists import actions, asking, deeds
from crm360.lists.actions import BadAction, Meant
from crm360.lists.models import Action, Target
from crm360.profiles import queries as profiles
from crm360.segments import queries as segments
from crm360.web import formats, list_view, work
from crm360.web.visitors import NotPermitted, actor, present

WORDS: dict[str, Any] = {
    deeds.TAG: lazy_gettext("Add a tag"), deeds.UNTAG: lazy_gettext("Remove a tag"),
    deeds.OWN: lazy_gettext("Set the owner"), deeds.TASK: lazy_gettext("Make a task for each"),
    deeds.ENTER: lazy_gettext("Add to a segment"),
}  # fmt: skip
STATES: dict[str, Any] = {
    "doing": lazy_gettext("is being done"), "done": lazy_gettext("done"),
    "undoing": lazy_gettext("is being taken back"), "undone": lazy_gettext("was undone"),
    "stopped": lazy_gettext("stopped"),
}  # fmt: skip
TURNS: dict[str, Any] = {
    "waiting": lazy_gettext("waits"), "changed": lazy_gettext("changed"), "same": lazy_gettext("was so already"),
    "left": lazy_gettext("left out"), "undone": lazy_gettext("as it was before"),
    "kept": lazy_gettext("changed again since; left so"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a form asks for: a deed with what it needs, None while that is missing, and for whom."""

    deed: str
    said: dict[str, Any] | None
    meant: Meant
    #: What the form said, to say it again.
    fields: list[tuple[str, str]]

    def without(self, *names: str) -> list[tuple[str, str]]:
        """The fields but for some, as hidden inputs of the next form."""
        return [pair for pair in self.fields if pair[0] not in names]


def offered() -> dict[str, Any]:
    """Deeds the visitor may do."""
    return {deed: WORDS[deed] for deed, permission in deeds.PERMISSIONS.items() if present().may(permission)}


def allow(deed: str) -> None:
    """Raises NotPermitted for a deed that is not for the visitor's role."""
    if not present().may(deeds.PERMISSIONS[deed]):
        raise NotPermitted(gettext("Your role does not allow this."))


def wished(form: MultiDict[str, str]) -> Wish:
    """What a form asks for. Raises BadAction, NotPermitted."""
    deed = form.get("deed", "")
    if deed not in WORDS:
        raise BadAction("Choose what is to be done.")
    allow(deed)
    chosen = None if form.get("whom") == "all" else frozenset(form.getlist("who", type=int))
    meant = Meant(asking.read(form.items(multi=True)), chosen)
    fields = [pair for pair in form.items(multi=True) if pair[0] not in ("csrf_token", "expected")]
    return Wish(deed=deed, said=_said(deed, form), meant=meant, fields=fields)


def looked_at(wish: Wish) -> dict[str, Any]:
    """The page before the press: what would happen, and to how many; exact at this moment."""
    now, said = clock.now(), None if wish.said is None else bulk_actions.settled(wish.deed, wish.said)
    asked = said if said is not None else _NOTHING[wish.deed]
    effect = actions.effect(deed=wish.deed, said=asked, meant=wish.meant, reader=list_view.reader(), now=now)
    return {
        "wish": wish, "effect": effect, "said": said, "sentence": sentence(wish.deed, said) if said is not None else "",
        "words": WORDS[wish.deed], "back": back(wish.fields), **choices(),
    }  # fmt: skip


#: While nothing is said yet, only how many are meant is asked.
_NOTHING: dict[str, dict[str, Any]] = {
    deeds.TAG: {"tag": ""}, deeds.UNTAG: {"tag": ""}, deeds.OWN: {"owner_id": None}, deeds.TASK: {},
    deeds.ENTER: {"segment_id": 0},
}  # fmt: skip


def choices() -> dict[str, Any]:
    """What the forms of deeds offer."""
    static = [each.segment for each in segments.listed() if each.segment.kind == "static"]
    return {"tag_names": profiles.all_tag_names(), "colleagues": work.colleagues(), "static_segments": static}


def sentence(deed: str, said: Mapping[str, Any]) -> str:
    """What is done to each, in words."""
    match deed:
        case deeds.TAG:
            return str(gettext("Each gets the tag “%(tag)s”.", tag=said["tag"]))
        case deeds.UNTAG:
            return str(gettext("The tag “%(tag)s” is taken off.", tag=said["tag"]))
        case deeds.OWN if said["owner_id"] is None:
            return str(gettext("They are nobody’s customers any more."))
        case deeds.OWN:
            return str(gettext("%(name)s becomes the owner.", name=_colleague(said["owner_id"])))
        case deeds.ENTER:
            return str(gettext("They are put into the segment “%(name)s”.", name=segments.get(said["segment_id"]).name))
        case _:
            name, due = _colleague(said["owner_id"]), said["due_at"]
            words = (
                gettext("Each gets a task, for %(name)s", name=name)
                if not said["title"]
                else gettext("Each gets the task “%(title)s”, for %(name)s", title=said["title"], name=name)
            )
            return f"{words}, {formats.read_moment(due)}." if due else f"{words}."


def outcome(action: Action) -> str:
    """How many changed and how many did not; of one taken back, how many are as before."""
    same, left, kept = action.same, action.left, action.kept
    rest: list[tuple[int, Any]] = [
        (same, ngettext("%(num)d was so already", "%(num)d were so already", same)),
        (left, ngettext("%(num)d was left out", "%(num)d were left out", left)),
    ]
    said = ngettext("%(num)d customer changed", "%(num)d customers changed", action.changed)
    if action.state in ("undoing", "undone"):
        said = ngettext("%(num)d customer is as before", "%(num)d customers are as before", action.undone)
        rest = [(kept, ngettext("%(num)d was changed again since and left so", "%(num)d were changed again since and left so", kept))]  # fmt: skip
    return ", ".join([str(said), *(str(words) for number, words in rest if number)]) + "."


def about(action: Action) -> dict[str, Any]:
    """An action in words."""
    may = present().may(deeds.PERMISSIONS[action.deed])
    turned = (
        action.undone + action.kept
        if action.state in ("undoing", "undone")
        else action.changed + action.same + action.left
    )
    return {
        "action": action, "words": WORDS[action.deed], "sentence": sentence(action.deed, {**action.said, "title": action.title}),
        "outcome": outcome(action), "state": STATES[action.state], "running": action.state in actions.RUNNING,
        "turned": turned, "of": action.changed if action.state in ("undoing", "undone") else action.total,
        "undoable": may and actions.can_be_undone(action, now=clock.now()),
    }  # fmt: skip


def whom(action: Action, after: int) -> dict[str, Any]:
    """Some of those an action was for: who each is now, what became of it. That they were seen is noted."""
    targets = actions.whom(action.id, after=after)
    living = identity.profile_ids(target.contact_id for target in targets)
    hidden = restricted.hidden(set(living.values()), desk=present().may(restricted.PERMISSION), now=clock.now())
    shown = [(target, living.get(target.contact_id)) for target in targets]
    shown = [pair for pair in shown if pair[1] is not None and pair[1] not in hidden]
    ids = sorted({profile_id for _, profile_id in shown if profile_id is not None})
    noted.note(
        actor=actor(), action=list_view.LISTED, subject_kind="bulk_action", subject_id=action.id, details={"profile_ids": ids}
    )  # fmt: skip
    return {"rows": rows(shown), "more": targets[-1].number if targets and targets[-1].number < action.total else None}


def rows(shown: Iterable[tuple[Target, int | None]]) -> Sequence[tuple[int, str, Any]]:
    """(profile, name, what became of it) of each."""
    pairs = list(shown)
    records = profiles.golden({profile_id for _, profile_id in pairs if profile_id is not None})
    return [
        (profile_id, formats.shown_name(records[profile_id].display_name), TURNS[target.state])
        for target, profile_id in pairs
        if profile_id is not None and profile_id in records
    ]


def back(fields: Iterable[tuple[str, str]]) -> str:
    """The list an action was chosen on."""
    told = asking.address(asking.read(fields))
    number = next((value for name, value in fields if name == "list"), None)
    return url_for("web.customers", list=number, **(told or {"sort": "name"}))  # type: ignore[arg-type]


def _said(deed: str, form: MultiDict[str, str]) -> dict[str, Any] | None:
    if deed in (deeds.TAG, deeds.UNTAG):
        return {"tag": form["do_tag"]} if form.get("do_tag", "").strip() else None
    if deed == deeds.OWN:
        return {"owner_id": form.get("do_owner", type=int)} if "do_owner" in form else None
    if deed == deeds.ENTER:
        return {"segment_id": form.get("do_segment", type=int)} if form.get("do_segment") else None
    if not form.get("do_title", "").strip():
        return None
    owner_id = form.get("do_for", type=int) or present().staff.id
    return {"title": form["do_title"], "owner_id": owner_id, "due_at": _due(form.get("do_due", "")), "whole_day": True}


def _due(on: str) -> str | None:
    try:
        return work.until(date.fromisoformat(on), None).isoformat() if on else None
    except ValueError:
        raise work.NotReadable(gettext("Check the day and the hour.")) from None


def _colleague(staff_id: int) -> str:
    staff = accounts.get_staff(staff_id)
    return staff.name or staff.email
