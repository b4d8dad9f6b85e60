"""Every page of the staff's door on a shop that has a little of everything: a link leads there, and no page asks too much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, select
from werkzeug.test import TestResponse

import config
from crm360.accounts import permissions
from crm360.app import create_app
from crm360.demo.staff import SIGN_INS, SignIn
from crm360.identity.models import ContactIdentifier
from crm360.kernel import schema
from crm360.kernel.db import db
from tests import full_shop, visits
from tests.every_page import Pages

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


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pages, dict[str, tuple[int, int]]]]:
    """Every page met, and the status and the number of statements of each address."""
    settings = {"INSTANCE_DIR": str(tmp_path_factory.mktemp("full")), "SECRET_KEY": "x" * 40, "PRIVATE_TARGETS": "127.0.0.0/8"}  # fmt: skip
    app = create_app(config.load(settings))
    app.test_client_class, app.test_cli_runner_class = visits.Visitor, visits.Operator
    with app.app_context():
        schema.upgrade(db.engine)
        client, pages = full_shop.furnish(app), Pages(app)
        yield pages, counted(client, pages)
        db.session.remove()
        db.engine.dispose()


def counted(client: Any, pages: Pages) -> dict[str, tuple[int, int]]:
    sent: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_rest: sent.append(statement))
    seen = {}
    for address, answer in pages.walk(client):
        seen[address] = answer.status_code, len(sent)
        sent.clear()
    return seen


@pytest.fixture(scope="module", params=[each for each in SIGN_INS if each.role != "admin"], ids=lambda each: each.role)
def walk_of(request: pytest.FixtureRequest, walked: tuple[Pages, Any]) -> tuple[str, dict[str, TestResponse]]:
    """A role, and every page that links lead a colleague of it to in the same shop."""
    colleague: SignIn = request.param
    app = walked[0].app
    client: Any = app.test_client()
    client.submit("/sign-in", action="/sign-in", email=colleague.email, password=colleague.password)
    return colleague.role, dict(Pages(app).walk(client))


def test_a_role_is_offered_nothing_it_may_not(walk_of: tuple[str, dict[str, TestResponse]]) -> None:
    seen = {address: answer.status_code for address, answer in walk_of[1].items()}
    assert len(seen) > 30
    assert {address: status for address, status in seen.items() if status not in (200, 303)} == {}


def test_contact_details_are_on_no_page_of_a_role_that_may_not_see_them(
    walk_of: tuple[str, dict[str, TestResponse]],
) -> None:
    role, seen = walk_of
    held = contact_details()
    assert len(held) > 60
    shown = {address: held & words(answer) for address, answer in seen.items()}
    told = {address: found for address, found in shown.items() if found}
    assert bool(told) == permissions.allows(role, "contacts.reveal")


def contact_details() -> set[str]:
    """Every customer's address and number, the number without the country."""
    query = select(ContactIdentifier.kind, ContactIdentifier.normal).where(
        ContactIdentifier.kind.in_(("email", "phone"))
    )
    return {value[-9:] if kind == "phone" else value for kind, value in db.session.execute(query)}


def words(answer: TestResponse) -> set[str]:
    """What could be an address or a number, numbers without the signs that group them."""
    text = answer.get_data(as_text=True).lower()
    return {*ADDRESS.findall(text), *(found[-9:] for found in NUMBER.findall(GROUPING.sub("", text)))}


def test_a_link_leads_to_every_page(walked: tuple[Pages, dict[str, tuple[int, int]]]) -> None:
    assert set(walked[0].unmet()) == set(UNREACHED)


def test_every_link_leads_somewhere(walked: tuple[Pages, dict[str, tuple[int, int]]]) -> None:
    assert {address: status for address, (status, _) in walked[1].items() if status not in (200, 303)} == {}


def test_no_page_sends_more_statements_than_it_may(walked: tuple[Pages, dict[str, tuple[int, int]]]) -> None:
    counted = {address: count for address, (_, count) in walked[1].items()}
    assert {address: count for address, count in counted.items() if count > MOST_STATEMENTS} == {}
