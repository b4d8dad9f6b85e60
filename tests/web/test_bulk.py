"""Several safe pairs merged at once: which are offered, one decision, one undo."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm360.facts import ConsentStated, ContactRef, Identifier
from crm360.flows import rulings
from crm360.identity import limit_setting
from crm360.identity.models import Contact, Decision
from crm360.kernel import clock
from crm360.kernel.db import db
from tests.web import scene

PAGE = "/duplicates/bulk"


@pytest.fixture
def desk(visit_as, shop):
    scene.look_alikes(datetime.now(UTC), 3)
    limit_setting.set_limit(kind="bulk", most=60, by="Dana", now=clock.now())
    return visit_as("sales")


def offered(client) -> list[str]:
    return [given["value"] for tag, given in client.page(PAGE).tags if given.get("name") == "pair"]


def living() -> int:
    return db.session.query(Contact.profile_id).distinct().count()


def test_the_chosen_pairs_become_one_decision_that_one_undo_takes_back(desk):
    pairs, before = offered(desk), living()
    assert len(pairs) == 4
    answer = desk.submit(PAGE, action=PAGE, pair=pairs[:3], reason="same doors")
    assert answer.status_code == 303
    assert living() == before - 3
    (decision,) = db.session.query(Decision)
    assert (decision.kind, decision.reason) == ("bulk", "same doors")
    page = desk.page(answer.headers["Location"])
    assert "3 pairs merged." in page.text
    undo = page.form(action="/undo")
    assert desk.post(undo.action, data=undo.values).status_code == 303
    assert living() == before
    assert offered(desk) == pairs


def test_below_the_line_nothing_is_offered(desk):
    limit_setting.set_limit(kind="bulk", most=0, by="Dana", now=clock.now())
    assert offered(desk) == []
    assert "No pair is safe enough" in desk.page(PAGE).text


def test_a_pair_whose_consents_are_at_odds_is_not_offered(desk):
    now = datetime.now(UTC)
    told = []
    said = ((scene.SHOP, "24", "given", "ola@wp.pl"), (scene.TILL, "13", "withdrawn", "kontakt.zzz@o2.pl"))
    for source, end, state, address in said:
        ref, email = ContactRef(source, f"2900000{end}"), Identifier("email", address)
        told += [
            scene.ContactSeen(ref=ref, occurred_at=now, identifiers=(email,)),
            ConsentStated(ref=ref, identifier=email, purpose="marketing", channel="email", state=state, occurred_at=now,
                          source=source, evidence_grade="A", statement_id=f"c{end}"),
        ]  # fmt: skip
    scene.tell(told, now)
    db.session.commit()
    assert len(offered(desk)) == 3
    page = desk.page("/duplicates?consent=1")
    assert "Pairs that look alike, but not surely: 1." in page.text
    assert "would change a consent" in page.text


def test_what_is_not_safe_cannot_be_slipped_in(desk):
    ids = sorted({each for pair in offered(desk) for each in pair.split("-")})
    answer = desk.submit(PAGE, action=PAGE, pair=[f"{ids[0]}-{ids[-1]}"])
    assert answer.status_code == 422
    assert db.session.query(Decision).count() == 0


def test_a_sure_pair_that_a_limit_holds_says_so_and_is_not_offered(visit_as, shop):
    client = visit_as("admin")
    now = datetime.now(UTC)
    phone = Identifier("phone", "+48602999888")
    told = [
        scene.ContactSeen(ref=ContactRef(scene.SHOP, number), occurred_at=now, fields={"given_name": "Iga", "family_name": "Rak"},
                          identifiers=(phone, Identifier("customer_id", f"{scene.SHOP}:{number}"), Identifier("email", mail)))
        for number, mail in (("771", "iga@wp.pl"), ("772", "rak@o2.pl"))
    ]  # fmt: skip
    scene.tell(told, now)
    db.session.commit()
    page = client.page("/duplicates?held_by=limit")
    assert "together they would have 2 × “Customer number”, more than the limit of 1" in page.text
    assert len(offered(client)) == 1
    limit_setting.set_limit(kind="customer_id", most=2, by="Dana", now=clock.now())
    rulings.apply(now=clock.now())
    assert "No pair like that" in client.page("/duplicates?held_by=limit").text
