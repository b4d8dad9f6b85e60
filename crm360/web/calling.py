"""The telephone rings: a telephone system opens `/call?phone=…`, and the caller's page comes up."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm360.identity.holders import holders
from crm360.kernel import clock
from crm360.normalise import phone as phones
from crm360.web import found, writing
from crm360.web.blueprint import door
from crm360.web.policy import requires

MOST_SHOWN = 10


@door.get("/call")
@requires("customers.read")
def call() -> str | Response:
    """One customer with this number: their page; several: which of them; nobody: write them down."""
    said = request.args.get("phone", "").strip()[:40]
    hits = callers(said)
    if len(hits) == 1:
        return redirect(url_for("web.customer", profile_id=hits[0].profile_id, call="in", _anchor="work"))
    return render_template("sales/call.html", phone=said, hits=hits)


def callers(said: str) -> list[found.Found]:
    """Customers who have this number; a number that is none finds nobody."""
    normal = phones.phone(said, writing.region())
    return found.by_ids(holders([("phone", normal)], limit=MOST_SHOWN), now=clock.now()) if normal else []
