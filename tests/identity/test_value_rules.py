"""What staff rule of a value holds for whoever carries it, before and after, and until it is lifted."""

from __future__ import annotations

import random
from typing import Any

import pytest

from crm360.identity import probing, rebuilding, value_rules
from crm360.identity.models import WeakValue
from crm360.identity.value_rules import AlreadyRuled, BadRule, RuleNotFound, lift, rule_value
from tests.identity.people import NOW, groups, partition, receive, seen

pytestmark = pytest.mark.usefixtures("app")

ONE = seen("a", "Jan", "Nowak", email="kasa3@sklep.pl")
SAME = seen("b", "Jan", "Nowak", email="kasa3@sklep.pl", source="till")


def block(value: str = "Kasa3@Sklep.pl ", kind: str = "email", rule: str = "blocked") -> int:
    return rule_value(kind=kind, value=value, rule=rule, by="Dana", reason="the till\u2019s own", now=NOW).rule_id


def proved() -> bool:
    """The database holds what contacts, decisions and rules give."""
    found = rebuilding.rebuild()
    return (found.stale_forms, found.differences) == ((), ())


def test_a_blocked_value_parts_whom_it_joined_and_joins_nobody_later() -> None:
    receive([ONE, SAME])
    assert partition() == groups("ab")
    block()
    assert partition() == groups("a", "b")
    receive([seen("c", "Jan", "Nowak", email="kasa3@sklep.pl", source="chat")])
    assert partition() == groups("a", "b", "c")
    assert proved()


def test_lifting_gives_the_value_back() -> None:
    receive([ONE])
    rule = block()
    receive([SAME])
    effect = lift(rule_id=rule, by="Dana", now=NOW)
    assert partition() == groups("ab")
    assert len(effect.contact_ids) == 2
    assert proved()
    (past,) = value_rules.rules(past=True)
    assert (past.normal, past.lifted_by, value_rules.rules()) == ("kasa3@sklep.pl", "Dana", [])


def test_a_question_does_not_look_a_blocked_value_up() -> None:
    receive([ONE])
    block()
    asked = probing.probe(fields={"given_name": "Jan", "family_name": "Nowak"}, identifiers=SAME.identifiers)
    assert asked.profile_id is None
    assert not any(row["field"] == "email" for each in asked.likely for row in each.evidence)


@pytest.mark.parametrize("value", ["000000000", "brak@brak.pl", "0"])
def test_what_is_nobodys_anyway_can_be_blocked_too(value: str) -> None:
    kind = "email" if "@" in value else "phone"
    rule = block(value, kind)
    assert [each.value for each in value_rules.rules(rule="blocked")] == [value]
    lift(rule_id=rule, by="Dana", now=NOW)


def test_learned_sharing_can_be_overruled() -> None:
    """One person whom three shops call by three names: their own address after all."""
    crowd = [
        seen("a", "Anna", "Kowalska", email="ak@wp.pl"),
        seen("b", email="ak@wp.pl"),
        seen("c", "Piotr", "Lis", email="ak@wp.pl"),
        seen("d", "Ewa", "Mazur", email="ak@wp.pl"),
    ]
    receive(crowd)
    assert partition() == groups("a", "b", "c", "d")
    rule = block("ak@wp.pl", rule="personal")
    assert partition() != groups("a", "b", "c", "d")
    assert proved()
    receive([seen("e", "Olga", "Baran", email="ak@wp.pl"), seen("f", email="ak@wp.pl")])
    assert proved()
    lift(rule_id=rule, by="Dana", now=NOW)
    assert partition() == groups("a", "b", "c", "d", "e", "f")
    assert proved()


@pytest.mark.parametrize("first", ["rule", "people"])
def test_an_office_mailbox_can_be_called_one_persons_own(first: str) -> None:
    """A sole trader who only has biuro@: before and after, online, at once, and when asked."""
    trader = [
        seen("a", "Jan", "Nowak", email="biuro@nowak.pl"),
        seen("b", "Jan", "Nowak", email=["biuro@nowak.pl"], source="till"),
    ]
    late = seen("c", "Jan", "Nowak", email="biuro@nowak.pl", source="chat")
    if first == "people":
        receive(trader)
        assert partition() == groups("a", "b")
    rule = block("biuro@nowak.pl", rule="personal")
    receive([late] if first == "people" else [*trader, late])
    assert partition() == groups("abc")
    assert proved()
    asked = probing.probe(fields={"given_name": "Jan", "family_name": "Nowak"}, identifiers=late.identifiers)
    assert [each.verdict for each in asked.likely] == ["join"]
    assert ("email", "same") in {(row["field"], row["level"]) for row in asked.likely[0].evidence}
    lift(rule_id=rule, by="Dana", now=NOW)
    assert partition() == groups("a", "b", "c")
    assert proved()


def test_rules_and_arrivals_in_any_order_give_one_partition(session: Any) -> None:
    people = [
        seen(f"{name}{n}", name, "Nowak", email=["dom@wp.pl", f"{name}@wp.pl".lower()], at=n)
        for name in ("Anna", "Piotr", "Ewa")
        for n in range(2)
    ]
    found = set()
    for seed in range(6):
        point = session.begin_nested()
        acts: list[Any] = [*people, "block", "personal"]
        random.Random(seed).shuffle(acts)
        for act in acts:
            if act == "block":
                block("anna@wp.pl")
            elif act == "personal":
                block("piotr@wp.pl", rule="personal")
            else:
                receive([act])
        found.add(partition())
        assert proved()
        point.rollback()
        session.expire_all()
    assert len(found) == 1


def test_a_blocked_value_that_was_shared_is_on_no_list_of_learned_ones(session: Any) -> None:
    receive([seen(n, n, "Nowak", email="dom@wp.pl") for n in ("Anna", "Piotr", "Ewa")])
    assert session.get(WeakValue, "email:dom@wp.pl")
    block("dom@wp.pl")
    session.expire_all()
    assert session.get(WeakValue, "email:dom@wp.pl") is None


@pytest.mark.parametrize(
    ("kind", "value", "rule"),
    [
        ("email", "  ", "blocked"),
        ("colour", "red", "blocked"),
        ("email", "a@b.pl", "hated"),
        ("phone", "6" * 300, "blocked"),
    ],
)
def test_nonsense_is_refused(kind: str, value: str, rule: str) -> None:
    with pytest.raises(BadRule):
        block(value, kind, rule)


def test_one_rule_at_a_time() -> None:
    block()
    with pytest.raises(AlreadyRuled):
        block("kasa3@sklep.pl", rule="personal")
    with pytest.raises(RuleNotFound):
        lift(rule_id=404, by="Dana", now=NOW)
