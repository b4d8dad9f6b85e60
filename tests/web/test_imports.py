"""Who may import, what the wizard refuses, and what it writes into the audit trail."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm360.accounts import audit
from crm360.flows import import_runs
from crm360.imports import queries
from crm360.jobs.importing import Importer
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.profiles.models import GoldenRecord
from tests import cast

LIST = b"First Name,Last Name,Email\nZoe,Lis,zoe@example.com\nJan,Maj,=cmd|' /C calc'!A0\n"
#: What only the file says, as pages and CSV write it.
TOLD = ("zoe@example.com", "Zoe", "calc")


@pytest.fixture
def visit_as(client: Any, sign_in: Any, request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """`visit_as("marketing")` signs the client in and returns it; no shop is needed here."""
    names = {"sales": "alice", "marketing": "bob", "privacy": "charlie", "admin": "dana"}

    def signed_in(role: str) -> Any:
        sign_in(client, request.getfixturevalue(names[role]))
        return client

    return signed_in


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """The worker's steps, until nothing is left to do."""

    def done() -> None:
        importer = Importer(app.config["SETTINGS"].instance_dir)
        while importer.some():
            pass

    return done


def upload(client: Any, name: str = "list.csv", content: bytes = LIST) -> Any:
    form = client.page("/imports").form(action="/imports")
    return client.post("/imports", data=form.values | {"file": (io.BytesIO(content), name), "source": "list"})


def errors_of(client: Any, at: str) -> str:
    with client.get(f"{at}/errors.csv") as answer:
        body: bytes = answer.get_data()
        assert body.startswith(codecs.BOM_UTF8), "Excel would read another code page"
        return body.decode("utf-8-sig")


def test_a_marketer_goes_all_the_way(visit_as: Any, work: Callable[[], None]) -> None:
    client = visit_as("marketing")
    at = upload(client).headers["Location"]
    assert client.submit(at, action=f"{at}/columns").status_code == 303
    work()
    assert "is no e-mail address" in client.get(at).get_data(as_text=True)
    assert client.submit(at, action=f"{at}/start").status_code == 303
    work()
    shown = client.get(at).get_data(as_text=True)
    assert "Zoe Lis" in shown
    assert errors_of(client, at).splitlines() == ["line,reason,First Name,Last Name,Email"]
    assert client.submit(at, action=f"{at}/reversal").status_code == 303
    work()
    assert "Customers removed" in client.get(at).get_data(as_text=True)
    done = [entry.action for entry in audit.latest_entries() if entry.subject_kind == "import"]
    assert done == ["import.reverted", "file.imported"]


@pytest.mark.parametrize("role", ["marketing", "privacy"])
def test_what_a_file_says_is_for_who_uploaded_it_and_who_may_see_addresses(
    visit_as: Any, app: Flask, sign_in: Any, now: Any, work: Callable[[], None], role: str
) -> None:
    client = visit_as("marketing")
    at = upload(client).headers["Location"]
    client.submit(at, action=f"{at}/columns")
    work()
    other: Any = app.test_client()
    sign_in(other, cast.hire_as(role, now, name="somebody.else"))
    whole = role == "privacy"
    pages = [at, f"{at}/errors.csv"] + ([] if whole else [f"{at}/columns"])
    for page in pages:
        with client.get(page) as mine, other.get(page) as theirs:
            assert any(word in mine.get_data(as_text=True) for word in TOLD)
            assert any(word in theirs.get_data(as_text=True) for word in TOLD) is whole, page
            assert theirs.status_code == 200
    if not whole:
        assert other.submit(at, action=f"{at}/corrections").status_code == 403
        assert "Save and try again" in client.page(at).text
        assert "Save and try again" not in other.page(at).text


def test_errors_are_no_formulas(visit_as: Any, work: Callable[[], None]) -> None:
    client = visit_as("marketing")
    at = upload(client, content=LIST).headers["Location"]
    client.submit(at, action=f"{at}/columns")
    work()
    shown = list(csv.reader(io.StringIO(errors_of(client, at))))
    assert shown[1] == ["3", "Email: is no e-mail address", "Jan", "Maj", "'=cmd|' /C calc'!A0"]


@pytest.mark.parametrize(("role", "sees", "may"), [("sales", 403, 403), ("privacy", 200, 403), ("admin", 200, 303)])
def test_roles(visit_as: Any, role: str, sees: int, may: int) -> None:
    client = visit_as(role)
    assert client.get("/imports").status_code == sees
    token = client.page("/").form(action="/sign-out").values["csrf_token"]
    answer = upload(client) if role == "admin" else client.post("/imports", data={"csrf_token": token})
    assert answer.status_code == may


@pytest.mark.parametrize(("name", "content"), [("a.pdf", b"%PDF"), ("a.csv", b""), ("a.zip", b"PK"), ("", b"")])
def test_what_is_no_list_is_refused_in_place(visit_as: Any, name: str, content: bytes) -> None:
    answer = upload(visit_as("marketing"), name, content)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert queries.latest() == []


def test_a_plan_without_a_customer_is_refused_in_place(visit_as: Any) -> None:
    client = visit_as("marketing")
    at = upload(client).headers["Location"]
    left_out = {f"column-{number}": "-" for number in range(3)}
    answer = client.submit(at, action=f"{at}/columns", **left_out)
    assert (answer.status_code, "No column says" in answer.get_data(as_text=True)) == (422, True)


def test_progress_pauses_and_goes_on(visit_as: Any, work: Callable[[], None], app: Flask) -> None:
    client = visit_as("marketing")
    at = upload(client).headers["Location"]
    run_id = int(at.rpartition("/")[2])
    import_runs.start(run_id=run_id, now=clock.now())
    db.session.commit()
    part = client.get(at, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<progress" in part
    assert "<html" not in part
    client.submit(at, action=f"{at}/pause")
    work()
    assert queries.get(run_id).position == 0
    client.submit(at, action=f"{at}/resumption")
    work()
    assert client.get(at, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert client.post(f"{at}/pause", data=client.page(at).form(action=f"{at}/reversal").values).status_code == 409


def test_giving_up_leaves_nothing(visit_as: Any, app: Flask) -> None:
    client = visit_as("marketing")
    at = upload(client).headers["Location"]
    assert client.submit(at, action=f"{at}/discarding").status_code == 303
    folder: Path = app.config["SETTINGS"].instance_dir / import_runs.FOLDER
    run = queries.get(int(at.rpartition("/")[2]))
    assert (run.status, [part["stored"] for part in run.parts]) == ("discarded", [""])
    assert folder.is_dir()


SHORT = """Email,First Name,City
,Ewa,
zoe@example.com
zoe@example.com,Zoe,Gdynia,,x
,,Sopot
jan,Jan,Hel
"""


def test_every_row_with_a_problem_can_be_put_right(visit_as: Any, work: Callable[[], None]) -> None:
    client = visit_as("marketing")
    at = upload(client, content=SHORT.encode()).headers["Location"]
    client.submit(at, action=f"{at}/columns")
    work()
    shown = client.page(at)
    assert [shown.form(action=f"{at}/corrections").values[f"cell-0-{line}-0"] for line in (3, 4, 5, 6)] == [
        "zoe@example.com", "zoe@example.com", "", "jan"]  # fmt: skip
    put_right = {
        "cell-0-3-1": "Zofia",
        "cell-0-4-0": "zoe2@example.com",
        "cell-0-5-0": "mia@example.com",
        "cell-0-6-0": "jan@example.com",
    }
    client.submit(at, action=f"{at}/corrections", **put_right)
    work()
    assert "Put right" not in client.get(at).get_data(as_text=True)
    client.submit(at, action=f"{at}/start")
    work()
    assert import_runs.outcome(queries.get(int(at.rpartition("/")[2])))["created"] == 5
    told = {(each.display_name, each.city) for each in db.session.scalars(select(GoldenRecord))}
    assert told == {("Ewa", ""), ("Zofia", ""), ("Zoe", "Gdynia"), ("mia@example.com", "Sopot"), ("Jan", "Hel")}


def test_rows_to_put_right_come_some_at_a_time(visit_as: Any, work: Callable[[], None]) -> None:
    client = visit_as("marketing")
    rows = "".join(f"wrong{number}\n" for number in range(30))
    at = upload(client, content=f"Email\n{rows}".encode()).headers["Location"]
    client.submit(at, action=f"{at}/columns")
    work()
    assert client.page(at).text.count("is no e-mail address") == 25
    further = f"{at}?first=25"
    assert client.page(further).text.count("is no e-mail address") == 5
    client.submit(further, action=f"{at}/corrections", **{"cell-0-31-0": "zoe@example.com"})
    work()
    assert client.page(further).text.count("is no e-mail address") == 4
    assert client.page(f"{at}?first=x").text.count("is no e-mail address") == 25


def test_the_dry_run_names_whom_it_means_in_the_order_of_the_file(visit_as: Any, work: Callable[[], None]) -> None:
    client = visit_as("marketing")
    header = "Customer ID,First Name,Email,Marketing consent,Opted in at\n"
    first = upload(client, content=f"{header}2,Zoe,zoe@example.com,,\n1,Jan,jan@example.com,,\n".encode()).headers[
        "Location"
    ]
    import_runs.start(run_id=int(first.rpartition("/")[2]), now=clock.now())
    db.session.commit()
    work()
    rows = "2,Zoe,zoe@example.com,yes,2024-05-05 12:00\n9,Ala,ala@example.com,,\n3,Mia,mia@example.com,no,\n1,Jan,jan@example.com,,\nx\n"
    at = upload(client, content=f"{header}{rows}".encode()).headers["Location"]
    client.submit(at, action=f"{at}/columns")
    work()
    shown = " ".join(client.page(at).text.split())
    for told in (
        "New customers ?2 Line 3 Given name: Ala.*Line 4 Given name: Mia",
        "Known already, unchanged ?2 Line 2 Given name: Zoe.*Line 5 Given name: Jan",
        "Consents with evidence ?1 Line 2 E-mail: given, zoe@example.com",
        "Refusals and withdrawals ?1 Line 4 E-mail: refused, mia@example.com",
        "Rows left out ?1 Line 6 1 cell where the header has 5: x",
    ):
        assert re.search(told, shown), told
    assert "<del>" not in client.get(at).get_data(as_text=True)
