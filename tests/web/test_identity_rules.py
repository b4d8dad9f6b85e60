"""Limits and rules of fields: set by an administrator, shown, written down, and applied to everybody by the job."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm360.accounts.models import AuditEntry
from crm360.flows import rulings
from crm360.identity import ruling
from crm360.kernel import clock
from crm360.kernel.db import db
from crm360.profiles import queries as profiles

PAGE = "/duplicates/rules"


def test_a_rule_of_a_field_reaches_every_customer(visit_as, shop):
    """Anna is Anna to the shop and Ania, later, to the till."""
    client, anna = visit_as("admin"), shop["anna"]
    assert profiles.golden([anna])[anna].fields["given_name"]["value"] == "Anna"
    assert client.submit(PAGE, form_id="fields", given_name="longest").status_code == 303
    assert "still show" in client.page(PAGE).text
    assert rulings.something_waits()
    assert rulings.apply(now=clock.now() + timedelta(seconds=1)) >= 3
    db.session.expire_all()
    chosen = profiles.golden([anna])[anna].fields["given_name"]
    assert (chosen["value"], chosen["rule"]) == ("Anna", "longest")
    assert not rulings.something_waits()
    assert "the fullest value wins" in client.page(f"/customers/{anna}").text
    assert "Ewa Sowa" in client.page(PAGE).text
    (entry,) = db.session.query(AuditEntry).filter_by(action="field rule.set")
    assert entry.details == {"given_name": ["fullest_name", "longest"]}


def test_a_limit_is_set_shown_and_applied(visit_as, shop):
    client = visit_as("admin")
    assert client.submit(PAGE, form_id="limits", email="3", bulk="75").status_code == 303
    page = client.page(PAGE)
    assert "New limits are being applied." in page.text
    assert page.form(form_id="limits").values["email"] == "3"
    assert "usually 10" in page.text
    rulings.apply(now=clock.now())
    db.session.expire_all()
    assert ruling.limits_in_force()["email"] == 3
    assert ruling.limits_in_force()["bulk"] == 75
    assert "New limits" not in client.page(PAGE).text


@pytest.mark.parametrize("number", ["-1", "many", "", "99999", "9" * 30])
def test_a_limit_is_a_number(visit_as, shop, number):
    answer = visit_as("admin").submit(PAGE, form_id="limits", email=number)
    assert answer.status_code == 422
    assert "A limit is a whole number" in answer.get_data(as_text=True)


def test_a_rule_the_field_does_not_know_is_refused(visit_as, shop):
    assert visit_as("admin").submit(PAGE, form_id="fields", company="verified_first").status_code == 422


def test_nothing_changed_is_said_and_not_written_down(visit_as, shop):
    client = visit_as("admin")
    answer = client.submit(PAGE, form_id="limits")
    assert "Nothing was changed." in client.page(answer.headers["Location"]).text
    assert db.session.query(AuditEntry).filter_by(action="limit.set").count() == 0


@pytest.mark.parametrize("role", ["sales", "marketing", "privacy"])
def test_only_administrators(visit_as, shop, role):
    assert visit_as(role).get(PAGE).status_code == 403
