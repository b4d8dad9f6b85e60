"""Households and companies over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from crm360.identity.models import Contact
from crm360.kernel.db import db
from tests.api.conftest import AT, Call

HOME = {"street": "Lipowa", "house_number": "7", "postcode": "81-001", "city": "Gdynia"}


@pytest.fixture
def family(call: Call, drain: Callable[[], Any]) -> dict[str, int]:
    """Two Kanias at one door; one writes from a company's domain, as a stranger with its tax id does."""
    people = {"lucja": ("Łucja", "Kania", "lucja@glina.pl", HOME), "bogdan": ("Bogdan", "Kania", "b.kania@wp.pl", HOME)}
    people["ewa"] = ("Ewa", "Maj", "ewa@glina.pl", {"company": "Glina"})
    for external_id, (given, family, email, more) in people.items():
        identifiers = [{"kind": "email", "value": email}]
        identifiers += [{"kind": "tax_id", "value": "5260250274"}] if external_id == "ewa" else []
        fields = {"given_name": given, "family_name": family, **more}
        body = {
            "external_id": external_id,
            "occurred_at": AT,
            "source": "erp",
            "fields": fields,
            "identifiers": identifiers,
        }
        assert call("POST", "/contacts", json=body).status_code == 202
    drain()
    rows = db.session.execute(select(Contact.external_id, Contact.profile_id))
    return {external_id.removeprefix("customer:"): profile_id for external_id, profile_id in rows}


def test_household_and_company_with_members_and_joint_value(call: Call, family: dict[str, int]):
    said = call("GET", f"/profiles/{family['lucja']}/groups").get_json()
    assert said["profile_id"] == family["lucja"]
    home = said["household"]
    assert (home["name"], [member["id"] for member in home["members"]]) == (
        "Lipowa 7, 81-001 Gdynia", sorted([family["lucja"], family["bogdan"]])
    )  # fmt: skip
    assert [member["evidence"] for member in home["members"]] == [["family"], ["family"]]
    (account,) = said["accounts"]
    assert (account["name"], account["evidence"]) == ("Glina", ["tax:PL5260250274", "domain:glina.pl"])
    assert {member["id"] for member in account["members"]} == {family["lucja"], family["ewa"]}
    assert account["value"] == {"customers": 2, "buyers": 0, "orders": 0, "spend": [], "last_order_at": None}
    assert account["members"][0]["href"] == f"/api/v1/profiles/{account['members'][0]['id']}"


def test_who_shares_nothing_has_no_groups(call: Call, lucja: int):
    assert call("GET", f"/profiles/{lucja}/groups").get_json() == {
        "profile_id": lucja,
        "household": None,
        "accounts": [],
    }
    assert call("GET", "/profiles/999999999/groups").status_code == 404
