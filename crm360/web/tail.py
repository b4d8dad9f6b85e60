"""What arrives, as it arrives: personal data masked; one payload in full only for who may see it, and written down."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext

from crm360.accounts import reads
from crm360.inbox import queries, traffic
from crm360.web import formats, source_view
from crm360.web.blueprint import door
from crm360.web.origins import readable
from crm360.web.policy import is_fragment, requires
from crm360.web.visitors import NotPermitted, actor

SHOWN = 30


@door.get("/admin/sources/tail")
@requires("inbox.manage")
def tail() -> str:
    source_id = request.args.get("source", type=int)
    sources = queries.all_sources()
    names = {source.id: source.name for source in sources}
    arrivals = source_view.arrivals(traffic.tail(source_id=source_id, limit=SHOWN), names)
    part = "sources/arrivals.html" if is_fragment() else "sources/tail.html"
    return render_template(part, arrivals=arrivals, sources=sources, source_id=source_id, live=True)


@door.get("/admin/inbox/<int:payload_id>")
@requires("inbox.manage")
def payload(payload_id: int) -> str:
    kept, revealed = queries.get_payload(payload_id), "reveal" in request.args
    if revealed:
        if not formats.reveals():
            raise NotPermitted(gettext("Raw records show contact details in full, which your role does not see."))
        reads.note(actor=actor(), action="payload.revealed", subject_kind="payload", subject_id=payload_id)
    text = readable(kept.body) if revealed else source_view.veiled(kept.body)
    source = queries.source_names({kept.source_id}).get(kept.source_id, "")
    return render_template(
        "admin/payload.html", payload=kept, text=text, source=source, revealed=revealed, may=formats.reveals()
    )
