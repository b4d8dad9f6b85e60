"""Finding and reading customers over REST."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, select

from crm360.accounts.models import AuditEntry
from crm360.kernel.db import db
from crm360.profiles import operations as golden
from crm360.profiles import search
from tests.api.conftest import Call, order

MOST_STATEMENTS = 14
PARTS = ("", "/contacts", "/timeline", "/orders")


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is said to the database inside, savepoints apart."""
    said: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            said.append(statement)

    engine = db.engines[None].engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def test_a_profile_is_read_whole(call: Call, lucja: int):
    said = call("GET", f"/profiles/{lucja}").get_json()
    assert said["id"] == said["requested_id"] == lucja
    assert said["display_name"] == "Łucja Kania"
    family = said["fields"]["family_name"]
    assert (family["value"], family["source"], family["at"]) == ("Kania", "erp", "2026-02-20T09:30:00.000000Z")
    assert family["rule"] == "fullest_name"
    mail = next(each for each in said["identifiers"] if each["kind"] == "email")
    assert (mail["value"], mail["verified"], mail["sources"]) == ("lucja.kania@example.com", True, ["erp"])
    assert said["value"]["orders"] == 2
    assert said["value"]["spend"] == [{"amount_minor": 19998, "currency": "PLN", "amount": "199.98"}]
    assert said["value"]["last_order_at"] == "2026-02-05T10:00:00.000000Z"
    cell = next(each for each in said["consents"] if each["channel"] == "email")
    assert (cell["permitted"], cell["reason"]) == (True, "consent_given")
    assert (said["source_tags"], said["contact_count"], said["lookalike_count"]) == (["hurt"], 1, 0)
    assert said["links"]["canonical"] == f"/api/v1/profiles/{lucja}"


def test_a_pinned_value_says_who_and_when(call: Call, lucja: int, now: datetime):
    golden.pin(profile_id=lucja, field="family_name", value="Kania-Maj", by="Marta", now=now)
    family = call("GET", f"/profiles/{lucja}").get_json()["fields"]["family_name"]
    assert (family["value"], family["rule"], family["by"], family["source"]) == (
        "Kania-Maj",
        "pinned",
        "Marta",
        "staff",
    )
    assert family["at"] == "2026-03-02T10:30:00.000000Z"
    assert [other["value"] for other in family["others"]] == ["Kania"]


@pytest.mark.parametrize("query", ["Kania", "kanja", "lucja.kania@", "700801", "A-3"])
def test_search_finds_by_whatever_is_known(call: Call, lucja: int, bogdan: int, query: str):
    said = call("GET", "/profiles", query_string={"q": query}).get_json()
    assert [item["id"] for item in said["items"]] == [lucja]
    assert said["items"][0]["match"]["kind"] in ("name", "email", "phone", "order")
    assert said["next_cursor"] is None


def test_all_profiles_page_by_page(call: Call, lucja: int, bogdan: int):
    first = call("GET", "/profiles?limit=1").get_json()
    second = call("GET", "/profiles", query_string={"limit": 1, "after": first["next_cursor"]}).get_json()
    assert [first["items"][0]["id"], second["items"][0]["id"]] == sorted([lucja, bogdan])
    assert second["next_cursor"] is None
    assert first["items"][0]["match"] is None


def test_the_timeline_page_by_page_and_by_group(call: Call, lucja: int):
    path, seen, cursor = f"/profiles/{lucja}/timeline", [], ""
    for _ in range(10):
        said = call("GET", path, query_string={"limit": 1, "after": cursor}).get_json()
        seen += said["items"]
        cursor = said["next_cursor"]
        if not cursor:
            break
    times = [item["occurred_at"] for item in seen]
    assert times == sorted(times, reverse=True)
    assert len({item["id"] for item in seen}) == len(seen) == 3
    orders = call("GET", f"{path}?groups=order").get_json()["items"]
    assert [item["kind"] for item in orders] == ["order.placed", "order.placed"]
    both = call("GET", f"{path}?groups=order,consent").get_json()["items"]
    assert {item["group"] for item in both} == {"order", "consent"}
    assert seen[0]["source"] == "erp"


def test_contacts_with_their_statements(call: Call, lucja: int):
    (contact,) = call("GET", f"/profiles/{lucja}/contacts").get_json()["items"]
    assert (contact["source"], contact["external_id"]) == ("erp", "customer:K-1")
    assert contact["fields"]["city"] == {"value": "Gdynia", "at": "2026-02-20T09:30:00.000000Z"}
    assert contact["attributes"]["segment"] == {"value": "b2b", "at": "2026-02-20T09:30:00.000000Z"}
    assert {each["kind"] for each in contact["identifiers"]} == {"email", "phone", "customer_id"}


def test_orders_with_lines_page_by_page(call: Call, lucja: int):
    first = call("GET", f"/profiles/{lucja}/orders?limit=1").get_json()
    (order,) = first["items"]
    assert (order["number"], order["placed_at"], order["status"]) == ("A-5", "2026-02-05T10:00:00.000000Z", "paid")
    assert order["total"] == {"amount_minor": 9999, "currency": "PLN", "amount": "99.99"}
    assert order["lines"][0]["unit_price"]["amount"] == "89.99"
    after = {"limit": 1, "after": first["next_cursor"]}
    second = call("GET", f"/profiles/{lucja}/orders", query_string=after).get_json()
    assert [item["number"] for item in second["items"]] == ["A-3"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("role", ["sales", "marketing", "privacy", "admin"])
def test_only_roles_that_may_reveal_see_contact_details(call: Call, lucja: int, role: str):
    texts = [call("GET", f"/profiles/{lucja}{path}", role=role).get_data(as_text=True) for path in PARTS]
    texts.append(call("GET", "/profiles?q=lucja.kania@example.com", role=role).get_data(as_text=True))
    everything = "".join(texts)
    details = ["lucja.kania@example.com", "kania@work.example"]
    if role == "marketing":
        assert [each for each in (*details, "601 700", "601700") if each in everything] == []
        assert "@example.com" in everything
    else:
        assert [each for each in details if each not in everything] == []
        assert "601 700 801" in everything


@pytest.mark.parametrize("path", PARTS)
def test_every_read_of_a_customer_is_recorded(call: Call, lucja: int, path: str):
    answer = call("GET", f"/profiles/{lucja}{path}", role="sales")
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.subject_id, entry.actor_kind) == ("profile.opened", lucja, "key")
    assert entry.actor_name == "sales-key"
    assert entry.request_id == answer.headers["X-Request-Id"]


def test_a_list_is_recorded_with_whom_it_showed(call: Call, lucja: int):
    call("GET", "/profiles?q=Kania")
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.details) == ("profiles.listed", {"profile_ids": [lucja]})


def test_what_is_not_shown_is_not_recorded(call: Call, lucja: int):
    before = db.session.scalars(select(AuditEntry.id)).all()
    assert call("GET", "/profiles/999999999").status_code == 404
    assert call("GET", "/profiles?q=Nobody-of-this-name").get_json()["items"] == []
    assert db.session.scalars(select(AuditEntry.id)).all() == before


@pytest.mark.parametrize("path", ["/profiles", *(f"/profiles/ID{part}" for part in PARTS)])
def test_a_call_takes_few_statements(call: Call, lucja: int, path: str):
    with statements() as said:
        assert call("GET", path.replace("ID", str(lucja))).status_code == 200
    assert 2 < len(said) <= MOST_STATEMENTS, "\n\n".join(said)


def test_a_search_adds_few_statements_of_its_own(call: Call, lucja: int):
    with statements() as alone:
        search.find(query="Kania")
    with statements() as said:
        assert call("GET", "/profiles?q=Kania").status_code == 200
    assert len(said) - len(alone) <= 2


def test_sending_a_thousand_events_takes_few_statements(call: Call, keys: dict[str, str]):
    events = [order(1) | {"event_id": f"e-{number}"} for number in range(1000)]
    call("POST", "/contacts", json={"external_id": "7"})
    with statements() as said:
        assert call("POST", "/events", json={"events": events}).status_code == 202
    assert len(said) <= MOST_STATEMENTS
