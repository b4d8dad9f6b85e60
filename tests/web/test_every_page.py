"""Every page of the staff's door on a shop that has a little of everything: a link leads there, and no page asks too much.

And every address as every role: who may, whose it is, and which contact details are in what is answered.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select
from werkzeug.test import TestResponse

import config
from crm360.accounts import permissions, second_factor
from crm360.accounts.models import PulseVote, RecoveryCode, SecondFactor, Staff
from crm360.app import create_app
from crm360.demo.staff import SIGN_INS, SignIn
from crm360.identity.models import ContactIdentifier
from crm360.kernel import clock, schema
from crm360.kernel.db import db
from crm360.sales.models import Mention
from crm360.web.blueprint import csrf
from tests import cast, full_shop, visits, whose
from tests.cast import Colleague
from tests.every_page import Pages
from tools import list_roles
from tools.list_roles import Row

ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\w")
GROUPING = re.compile(r"(?<=\d)(?:[ \N{NO-BREAK SPACE}()-]|&nbsp;)+(?=\d)")
NUMBER = re.compile(r"\d{9,13}")
#: Statements a page may send, its visitor and the audit row included.
MOST_STATEMENTS = 60
#: Pages no link of the full shop leads to, and why.
UNREACHED = {
    "web.begin_outside": "where a provider is set; tests/web/test_outside_sign_in.py",
    "web.call": "telephone systems call it",
    "web.prepare_action": "the form of a list leads there; tests/web/test_customer_actions.py",
    "web.case_certificate": "after an erasure; tests/browser/test_privacy_desk.py",
    "web.code_form": "after a password, when there is a second step; tests/web/test_second_factor.py",
    "web.consent_proof": "when a paper was kept; tests/web/test_permissions_entry.py",
    "web.end_outside": "a provider sends people back; tests/web/test_outside_sign_in.py",
    "web.import_errors": "when rows were refused; tests/web/test_imports.py",
    "web.model_studies": "while a question is computed; tests/web/test_model_page.py",
    "web.privacy_case_work": "while a case is worked on; tests/web/test_privacy_case.py",
    "web.second_factor_code": "while a second step is set up; tests/web/test_second_factor.py",
    "web.sign_in_form": "for who is not signed in; tests/web/test_sign_in.py",
    "web.write_reply": "from the task of an unhappy customer; tests/web/test_replies.py",
}
#: Where a colleague is answered otherwise although the role may: more must be said or be there; where it is tried.
OTHERWISE = {
    "api.cancel_subject_request": ("absent", "none was passed on; tests/api/test_privacy_requests.py"),
    "api.regulation": ("absent", "none was passed on; tests/api/test_privacy_requests.py"),
    "api.subject_request": ("absent", "none was passed on; tests/api/test_privacy_requests.py"),
    "web.choose_model": ("absent", "the form must name a version; tests/web/test_model_page.py"),
    "web.consent_proof": ("absent", "no paper was kept; tests/web/test_permissions_entry.py"),
    "web.pass_address_on": ("absent", "the form must name a customer; tests/web/test_consent_conflicts.py"),
    "web.second_factor_code": ("absent", "no second step is set up; tests/web/test_second_factor.py"),
    "web.send_reply": ("absent", "from the task of an unhappy customer; tests/web/test_replies.py"),
    "web.take_step_back": ("absent", "nothing was answered; tests/web/test_next_steps.py"),
    "web.verify_case": ("refused", "nothing was said that proves who asks; tests/web/test_privacy_case.py"),
    "web.write_reply": ("absent", "from the task of an unhappy customer; tests/web/test_replies.py"),
}
#: Where a role without `contacts.reveal` reads addresses in full, each time on the audit trail: docs/roles.md says why.
TELLS_THE_REACHABLE = {"web.export_segment"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with the full shop; its context is pushed."""
    settings = {"INSTANCE_DIR": str(tmp_path_factory.mktemp("full")), "SECRET_KEY": "x" * 40, "PRIVATE_TARGETS": "127.0.0.0/8"}  # fmt: skip
    app = create_app(config.load(settings))
    app.test_client_class, app.test_cli_runner_class = visits.Visitor, visits.Operator
    with app.app_context():
        schema.upgrade(db.engine)
        full_shop.furnish(app)
        yield app
        db.session.remove()
        db.engine.dispose()


class Walk(NamedTuple):
    """A role, the routes that links lead a colleague of it to, and of each address the answer and the statements it took."""

    role: str
    pages: Pages
    seen: dict[str, TestResponse]
    sent: dict[str, int]


@pytest.fixture(scope="module", params=SIGN_INS, ids=lambda each: each.role)
def walk(request: pytest.FixtureRequest, shop: Flask) -> Walk:
    """Every page that links lead a colleague to."""
    colleague: SignIn = request.param
    client: Any = shop.test_client()
    client.submit("/sign-in", action="/sign-in", email=colleague.email, password=colleague.password)
    walked, sent = Walk(colleague.role, Pages(shop), {}, {}), []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    for address, answer in walked.pages.walk(client):
        walked.seen[address], walked.sent[address] = answer, len(sent)
        sent.clear()
    event.remove(db.engine, "before_cursor_execute", count)
    return walked


def test_every_link_leads_somewhere(walk: Walk) -> None:
    assert len(walk.seen) > 30
    strange = {
        address: answer.status_code for address, answer in walk.seen.items() if answer.status_code not in (200, 303)
    }
    assert strange == {}


def test_no_page_sends_more_statements_than_it_may(walk: Walk) -> None:
    assert {address: count for address, count in walk.sent.items() if count > MOST_STATEMENTS} == {}


def test_contact_details_are_on_no_page_of_a_role_that_may_not_see_them(walk: Walk) -> None:
    held = contact_details()
    assert len(held) > 60
    shown = {address: held & words(answer) for address, answer in walk.seen.items()}
    told = {address: found for address, found in shown.items() if found}
    assert bool(told) == permissions.allows(walk.role, "contacts.reveal")


@pytest.mark.parametrize("walk", SIGN_INS[-1:], indirect=True, ids=["admin"])
def test_a_link_leads_to_every_page(walk: Walk) -> None:
    assert set(walk.pages.unmet()) == set(UNREACHED)


def contact_details() -> set[str]:
    """Every customer's address and number, the number without the country, and the addresses of a file a colleague uploaded."""
    query = select(ContactIdentifier.kind, ContactIdentifier.normal).where(
        ContactIdentifier.kind.in_(("email", "phone"))
    )
    held = {value[-9:] if kind == "phone" else value for kind, value in db.session.execute(query)}
    return held | set(ADDRESS.findall(full_shop.LIST.decode()))


def words(answer: TestResponse) -> set[str]:
    """What could be an address or a number in an answer, the texts of a packed file included."""
    body = answer.get_data()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return found_in(body.decode("utf-8", "replace"))


def found_in(text: str) -> set[str]:
    """What could be an address or a number, numbers without the signs that group them."""
    text = text.lower()
    return {*ADDRESS.findall(text), *(found[-9:] for found in NUMBER.findall(GROUPING.sub("", text)))}


@pytest.fixture
def door(shop: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """The shop for visits that are taken back; forms need no token, and a failure is an answer."""
    monkeypatch.setattr(csrf, "protect", lambda: None)  # it asks first, and would hide what the policy says
    monkeypatch.setitem(shop.config, "PROPAGATE_EXCEPTIONS", False)
    with whose.undone(shop.config["SETTINGS"].instance_dir, tmp_path / "aside") as connection:
        yield connection


def rows(shop: Flask) -> list[Row]:
    """Every address that knows roles, but the one that ends the visit."""
    found = [row for row in list_roles.rows(shop) if row.endpoint != "web.sign_out"]
    assert len(found) > 250
    return found


def test_every_cell_of_a_role(
    shop: Flask, walk: Walk, door: Connection, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may not is refused before anything is looked up; who may reaches what others made, as far as it is not their own.

    Contact details a role may not see are in no answer: pages, JSON, files, refusals; and in no line of the log, whoever asks.
    A page that the walk saw is not visited again.
    """
    held, found = contact_details(), whose.examples(shop)
    visit = whose.visitor(shop, cast.hire_as(walk.role, clock.now(), name="new.here"), door)
    capfd.readouterr()
    wrong, told, private = {}, {}, []
    for row in rows(shop):
        if row.method == "GET" and row.endpoint in walk.pages.met:
            continue
        answer = visit(row, found if walk.role in row.roles else {})
        if (was := became(answer)) != expected(row, walk.role):
            wrong[f"{row.method} {row.address}"] = was
        if shown := held & words(answer):
            told[row.endpoint] = shown
        private += [row.address] if whose.PRIVATE.encode() in answer.get_data() else []
    assert wrong == {}
    assert private == []
    assert permissions.allows(walk.role, "contacts.reveal") or set(told) == TELLS_THE_REACHABLE
    assert held & found_in(capfd.readouterr().err) == set()


def became(answer: TestResponse) -> str:
    """Refused, absent, failed or let in: a form that says nothing may well be answered 400, 409 or 422."""
    by_status = {401: "refused", 403: "refused", 404: "absent"}
    return "failed" if answer.status_code >= 500 else by_status.get(answer.status_code, "let in")


def expected(row: Row, role: str) -> str:
    """What a colleague is answered who made nothing of what the address names."""
    if role not in row.roles:
        return "refused"
    if any(list_roles.WHOSE[hole][0] == list_roles.OFFERED for hole in row.holes):
        return "absent"
    if row.endpoint == "web.correct_import" and not permissions.allows(role, "contacts.reveal"):
        return "refused"  # what a file says is its uploader's
    return OTHERWISE.get(row.endpoint, ("let in", ""))[0]


@pytest.mark.parametrize("role", permissions.ROLES)
def test_what_is_somebodys_own(shop: Flask, door: Connection, role: str) -> None:
    """Each address that names something owned, as its owner, as another of the owner's role, and as each other role."""
    own, wrong = whose.own_things(role), {}
    people = [own.maker, *(cast.hire_as(each, clock.now(), name=f"other.{each}") for each in permissions.ROLES)]
    named = [row for row in rows(shop) if any(list_roles.WHOSE[hole][0] != list_roles.SHARED for hole in row.holes)]
    assert len(named) > 6
    for who in people:
        visit = whose.visitor(shop, who, door)
        for row, found, wanted in cells(named, own, who):
            effect: list[bool] = []
            answer = visit(row, found, lambda: effect.append(is_only_theirs(who, own)), score="5", name="New name")  # noqa: B023
            if (became(answer), effect) != (wanted, [True]):
                wrong[f"{who.email} {row.method} {row.address} {found}"] = became(answer), effect
    assert wrong == {}


def cells(named: list[Row], own: whose.Own, who: Colleague) -> Iterator[tuple[Row, dict[str, str], str]]:
    """An address, the thing it names, and what somebody is answered whose role may use it."""
    mine, found = (
        who == own.maker,
        {hole: str(value) for hole, value in own._asdict().items()} | whose.examples_of("pulse_id"),
    )
    for row in named:
        rules = {list_roles.WHOSE[hole][0] for hole in row.holes}
        if who.role not in row.roles:
            yield row, found, "refused"
        elif list_roles.OFFERED in rules:
            yield row, found, "let in" if mine else "absent"
            yield row, found | {"list_id": str(own.offered)}, "let in" if mine or who.role == "admin" else "refused"
        elif list_roles.TWO in rules and row.endpoint == "web.approve_hold":
            yield row, found, "refused" if mine else "let in"
        else:
            yield row, found, "let in"


def is_only_theirs(who: Colleague, own: whose.Own) -> bool:
    """Whatever a visit did, it answered questions and put notes away for nobody else than the visitor."""
    voted = set(db.session.scalars(select(PulseVote.staff_id)))
    seen = db.session.scalar(select(Mention.seen_at).where(Mention.id == own.mention_id))
    return voted <= {who.id} and (seen is None or who == own.maker)


def test_ones_account_goes_by_who_is_signed_in(shop: Flask, door: Connection) -> None:
    """Whatever is sent along, nobody's account but the visitor's is shown or changed."""
    victim = whose.own_things("admin").maker
    second_factor.begin(staff_id=victim.id, key="k" * 32, now=clock.now())
    db.session.commit()
    visit = whose.visitor(shop, cast.hire_as("sales", clock.now(), name="someone"), door)
    before, changed = of_theirs(victim), []
    told = {"staff_id": str(victim.id), "id": str(victim.id), "email": victim.email, "password": cast.PASSWORD, "new_password": "x" * 20, "locale": "pl", "theme": "dark"}  # fmt: skip
    mine = [row for row in rows(shop) if row.policy == "signed_in"]
    assert len(mine) > 6
    for row in mine:
        answer = visit(row, {}, lambda: changed.append(of_theirs(victim)), **told)
        assert victim.email not in answer.get_data(as_text=True)
    assert changed == [before] * len(mine)


def of_theirs(who: Colleague) -> list[Any]:
    """Everything kept of a colleague's account."""
    tables = (Staff.__table__, SecondFactor.__table__, RecoveryCode.__table__)
    keys = (Staff.id, SecondFactor.staff_id, RecoveryCode.staff_id)
    return [tuple(row) for table, key in zip(tables, keys, strict=True) for row in db.session.execute(select(table).where(key == who.id))]  # fmt: skip
