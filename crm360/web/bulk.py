"""Several safe pairs merged at once: shown first, decided together, undone together."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from crm360.flows import review
from crm360.identity import holding, ruling
from crm360.identity.limits import BULK
from crm360.identity.thresholds import bits
from crm360.kernel import clock
from crm360.profiles import queries as profiles
from crm360.web import duplicates, queue
from crm360.web.blueprint import door
from crm360.web.merging import write_down
from crm360.web.policy import requires
from crm360.web.visitors import present

#: Pairs shown, and merged, at once.
AT_ONCE = 50


@door.get("/duplicates/bulk")
@requires("merges.decide")
def bulk() -> str:
    return render_template("duplicates/bulk.html", **pairs_shown())


@door.post("/duplicates/bulk")
@requires("merges.decide")
def merge_bulk() -> Response:
    chosen = set(request.form.getlist("pair"))
    pairs = [each.ids for each in safe_pairs() if each.key in chosen]
    by, reason = present().staff.name, request.form.get("reason", "")
    outcome = review.merge_together(pairs=pairs, by=by, reason=reason, now=clock.now())
    write_down("customers.merged", outcome, sorted({each for pair in pairs for each in pair}))
    flash(told(len(pairs), len(chosen) - len(pairs)), f"undo:{outcome.decision_id}")
    return redirect(url_for("web.duplicates"), 303)


def told(merged: int, left_out: int) -> str:
    """What became of the chosen pairs."""
    words = [ngettext("%(num)d pair merged.", "%(num)d pairs merged.", merged)]
    if left_out:
        changed = ngettext(
            "%(num)d pair changed meanwhile and waits.", "%(num)d pairs changed meanwhile and wait.", left_out
        )
        words.append(changed)
    return " ".join(words)


def pairs_shown() -> dict[str, Any]:
    """The pairs that may be merged now, and the line above which they may."""
    rows = safe_pairs()
    records = profiles.golden({each for row in rows for each in row.ids})
    shown = [row for row in rows if all(each in records for each in row.ids)]
    return {"rows": shown, "records": records, "from_share": ruling.limits_in_force()[BULK] / 100}


def safe_pairs() -> list[queue.Question]:
    """Pairs sure enough, without a contradiction anywhere in either customer, that change no consent; most urgent first."""
    percent = ruling.limits_in_force()[BULK]
    asked, _ = duplicates.window(0) if percent else ([], False)
    from_bits = bits(percent / 100) if percent else 0.0
    near = [each for each in asked if each.weight >= from_bits and each.held_by == "doubt"]
    found = queue.safe(queue.with_consents(near, duplicates.changing(near)), from_bits=from_bits)
    held = holding.held(each.ids for each in found)
    return [each for each in found if held[each.ids].reason == "whole"][:AT_ONCE]
