"""A segment as a file: only whom we may reach for a purpose on a channel, and every file is in the audit trail."""

from __future__ import annotations

from flask import Response, request

from crm360.accounts import audit
from crm360.consents.reaching import ADDRESSES
from crm360.flows import segment_drops, segment_export
from crm360.kernel import clock
from crm360.segments import queries
from crm360.web import segment_view, tables
from crm360.web.blueprint import door
from crm360.web.policy import requires
from crm360.web.visitors import actor

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@door.post("/segments/<int:segment_id>/export")
@requires("segments.export")
def export_segment(segment_id: int) -> Response:
    segment = queries.get(segment_id)
    channel, purpose, form = asked()
    found = segment_export.rows(segment_id=segment_id, purpose=purpose, channel=channel, now=clock.now())
    noted(segment_id, found, channel=channel, purpose=purpose, form=form)
    name = f"segment-{segment.id}-{channel}"
    return as_xlsx(found.rows, name) if form == "xlsx" else tables.as_csv(segment_export.HEADER, found.rows, name=name)


def asked() -> tuple[str, str, str]:
    """Channel, purpose and form of file."""
    channel = request.form.get("channel", "email")
    form = "xlsx" if request.form.get("form") == "xlsx" else "csv"
    return channel if channel in ADDRESSES else "email", request.form.get("purpose") or segment_view.USUAL_PURPOSE, form


def noted(segment_id: int, found: segment_export.Export, **details: str) -> None:
    """Who took which people out of the house, and for what."""
    said = {**details, "rows": len(found.rows), "left_out": found.left_out}
    audit.record(
        actor=actor(), action="segment.exported", subject_kind="segment", subject_id=segment_id, details=said, now=clock.now(),
    )  # fmt: skip


def as_xlsx(rows: list[tuple[str, ...]], name: str) -> Response:
    """A workbook whose cells are texts, none a formula."""
    answer = Response(segment_drops.packed(segment_export.HEADER, rows), content_type=_XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer
