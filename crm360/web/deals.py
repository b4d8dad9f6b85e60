"""The pipeline: sales that are being made, by stage, and the page of one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm360.accounts import audit
from crm360.identity import queries as identity
from crm360.kernel import clock
from crm360.profiles import queries as profiles
from crm360.sales import operations, queries, stages
from crm360.web import work
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor, present

#: Closed deals stay on the board so long.
REMEMBERED = timedelta(days=30)
SHOWN_PER_STAGE = 50


@door.get("/deals")
@requires("customers.read")
def deals() -> str:
    return render_template("sales/deals.html", **board())


@door.get("/deals/<int:deal_id>")
@requires("customers.read")
def deal(deal_id: int) -> str:
    found = queries.get_deal(deal_id)
    profile_id = identity.profile_ids([found.contact_id])[found.contact_id]
    name = profiles.golden([profile_id])[profile_id].display_name
    return render_template(
        "sales/deal.html", deal=found, profile_id=profile_id, name=name, moves=queries.moves_of(deal_id),
        stages=stages.ALL, colleagues=work.colleagues(),
    )  # fmt: skip


@door.post("/deals/<int:deal_id>")
@requires("sales.work")
def change_deal(deal_id: int) -> Response:
    operations.change_deal(deal_id=deal_id, offer=work.offer_asked())
    noted("deal.changed", deal_id)
    return redirect(url_for("web.deal", deal_id=deal_id), 303)


@door.post("/deals/<int:deal_id>/moves")
@requires("sales.work")
def move_deal(deal_id: int) -> Response:
    form, by = request.form, present().staff.name
    operations.move_deal(
        deal_id=deal_id, stage=form.get("stage", ""), by=by, now=clock.now(), reason=form.get("reason", "")
    )
    noted("deal.moved", deal_id)
    return redirect(url_for("web.deals" if form.get("back") == "board" else "web.deal", deal_id=deal_id), 303)


def noted(action: str, deal_id: int) -> None:
    audit.record(actor=actor(), action=action, subject_kind="deal", subject_id=deal_id, now=clock.now())


def board() -> dict[str, Any]:
    """The stages with their deals and sums, of oneself or of everybody."""
    everybody = request.args.get("whose") == "all"
    owner_id = None if everybody else present().staff.id
    columns = [(stage, queries.deals_at(stage, owner_id=owner_id, limit=SHOWN_PER_STAGE)) for stage in stages.ALL]
    records = profiles.golden({each.profile_id for _, found in columns for each in found})
    sums: dict[str, list[queries.StageSum]] = {}
    for each in queries.sums(owner_id=owner_id, closed_since=clock.now() - REMEMBERED):
        sums.setdefault(each.stage, []).append(each)
    return {
        "columns": columns, "sums": sums, "everybody": everybody, "today": clock.now().astimezone(work.zone()).date(),
        "names": {number: record.display_name for number, record in records.items()},
        "next_stage": dict(zip(stages.OPEN, (*stages.OPEN[1:], stages.WON), strict=True)),
    }  # fmt: skip
