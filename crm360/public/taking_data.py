"""Taking one's data away: the link from the letter, a code to the same address, the file, once."""

from __future__ import annotations

from pathlib import Path

from flask import Response, current_app, request

from crm360.flows import meeting
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.privacy import handling, packaging, verifying
from crm360.privacy.models import Case
from crm360.public import data_letters
from crm360.public.door import DATA, door, open_to_all, page

FOLDER = "packages"


@door.get("/data/<token>")
@open_to_all
def show_data(token: str) -> str:
    case = _case(token)
    return _page(token, case)


@door.post("/data/<token>/code")
@open_to_all
def send_data_code(token: str) -> str:
    case = _case(token)
    meeting.send_code(
        case=case, use="download", key=_key(), domain=data_letters.domain(), words=data_letters.codes(), now=clock.now()
    )
    return _page(token, case)


@door.post("/data/<token>")
@open_to_all
def take_data(token: str) -> Response | tuple[str, int]:
    """The code is used up first, then the file: only one visitor ever gets it."""
    case, now = _case(token), clock.now()
    try:
        verifying.check(case_id=case.id, use="download", digits=request.form.get("code", ""), key=_key(), now=now)
    except verifying.WrongCode:
        db.session.commit()  # the try counts
        return _page(token, case, wrong=True), 422
    package = packaging.take(case_id=case.id, now=now)
    file: Path = current_app.config["SETTINGS"].instance_dir / FOLDER / package.stored
    body = file.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="data-{case.id}.zip"'}
    return Response(body, mimetype="application/zip", headers=headers)


def _case(token: str) -> Case:
    return handling.get(int(DATA.parts(token, 1)[0]))


def _page(token: str, case: Case, *, wrong: bool = False) -> str:
    now = clock.now()
    ready = packaging.ready(case.id, now=now)
    return page("data", token=token, ready=ready, waiting=verifying.waiting(case.id, "download", now=now), wrong=wrong)


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])
