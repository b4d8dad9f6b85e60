"""Who a provider's word lets in, as whom, and whom it does not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from crm360.accounts import operations, outside, queries
from crm360.accounts.outside import Admitted, NotAdmitted, Terms
from tests import cast

CLAIMS = {
    "iss": "https://id.example",
    "sub": "7",
    "email": "Dana@Shop.example ",
    "email_verified": True,
    "name": "Dana Z",
    "groups": ["staff", "crm-admins"],
}
ROLES = (("crm-admins", "admin"), ("staff", "sales"))


def terms(**other: Any) -> Terms:
    given = {"create": False, "link": False, "role_claim": "groups", "roles": (), "second_acr": frozenset({"phr"})}
    return Terms(**(given | other))


def admitted(now: datetime, by: Terms, **claims: Any) -> Admitted:
    return outside.admit(person=outside.person(CLAIMS | claims, by), terms=by, now=now)


def refusal(now: datetime, by: Terms, **claims: Any) -> str:
    with pytest.raises(NotAdmitted) as caught:
        admitted(now, by, **claims)
    return caught.value.reason


@pytest.mark.usefixtures("session")
def test_somebody_new_is_added_only_where_that_is_allowed(now: datetime) -> None:
    assert refusal(now, terms(roles=ROLES)) == "unknown"
    assert refusal(now, terms(create=True, roles=ROLES), groups="guests") == "no_role"
    found = admitted(now, terms(create=True, roles=ROLES))
    assert (found.how, found.staff.email, found.staff.name, found.staff.role, found.role_before) == (
        "created",
        "dana@shop.example",
        "Dana Z",
        "admin",
        "",
    )
    again = admitted(now, terms(roles=ROLES), email="new.name@shop.example")
    assert (again.how, again.staff.id) == ("known", found.staff.id), "known by the subject, whatever the address is now"


@pytest.mark.parametrize("word", [False, None, "true", 1])
def test_an_address_the_provider_does_not_confirm_leads_nowhere(
    now: datetime, dana: cast.Colleague, word: object
) -> None:
    assert refusal(now, terms(link=True), email_verified=word) == "unverified"


@pytest.mark.parametrize("address", ["", None, ["dana@shop.example"], "dana", "dana@shop.example\x00"])
def test_what_is_no_address_leads_nowhere(now: datetime, dana: cast.Colleague, address: object) -> None:
    assert refusal(now, terms(link=True, create=True, roles=ROLES), email=address) == "unverified"


def test_an_account_is_linked_by_its_address_only_where_that_is_allowed(now: datetime, dana: cast.Colleague) -> None:
    assert refusal(now, terms()) == "not_linked"
    assert refusal(now, terms(create=True, roles=ROLES)) == "not_linked"
    assert outside.those_with() == set()
    found = admitted(now, terms(link=True))
    assert (found.how, found.staff.id, found.staff.role) == ("linked", dana.id, "admin")
    assert admitted(now, terms()).how == "known"
    assert outside.those_with() == {dana.id}


def test_an_address_that_changed_hands_leads_to_nobody(now: datetime, dana: cast.Colleague) -> None:
    admitted(now, terms(link=True))
    assert refusal(now, terms(link=True), sub="8") == "other_account"
    assert outside.unlink(staff_id=dana.id)
    assert admitted(now, terms(link=True), sub="8").staff.id == dana.id


def test_whoever_was_shut_out_stays_out(now: datetime, dana: cast.Colleague) -> None:
    operations.disable(staff_id=dana.id, now=now)
    assert refusal(now, terms(link=True, create=True, roles=ROLES)) == "disabled"
    operations_of = queries.get_staff(dana.id)
    operations_of.disabled_at = None
    admitted(now, terms(link=True))
    operations.disable(staff_id=dana.id, now=now)
    assert refusal(now, terms(link=True)) == "disabled"


def test_the_role_follows_the_provider_where_it_decides(now: datetime, dana: cast.Colleague) -> None:
    admitted(now, terms(link=True))
    changed = admitted(now, terms(roles=ROLES), groups=["staff"])
    assert (changed.staff.role, changed.role_before) == ("sales", "admin")
    assert admitted(now, terms(roles=ROLES), groups=["staff"]).role_before == ""
    assert refusal(now, terms(roles=ROLES), groups=["guests"]) == "no_role"
    assert refusal(now, terms(roles=ROLES), groups=None) == "no_role"
    assert queries.get_staff(dana.id).role == "sales"
    assert admitted(now, terms(), groups=["guests"]).staff.role == "sales", (
        "without a table of roles they are given here"
    )


@pytest.mark.parametrize(
    ("claims", "second"),
    [
        ({}, False), ({"amr": ["pwd"]}, False), ({"amr": ["otp"]}, False), ({"amr": "mfa"}, True), ({"amr": ["pwd", "mfa"]}, True),
        ({"amr": ["pwd", "otp"]}, True), ({"amr": ["pwd", "hwk"]}, True), ({"amr": ["pwd", 7]}, False), ({"acr": "phr"}, True), ({"acr": "1"}, False),
    ],
)  # fmt: skip
def test_whether_a_second_proof_was_given(claims: dict[str, Any], second: bool) -> None:
    assert outside.person(CLAIMS | claims, terms()).second is second
