"""A copy says why somebody is, or was, in each segment: the rule in their language, what of it they meet, since when."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from crm360.flows import access_labels
from crm360.segments import operations
from tests.segments import world
from tests.segments.test_keeping import document, settle
from tests.segments.world import NOW

DAY = timedelta(days=1)


def test_each_segment_comes_with_its_rules_and_its_history(session: Any) -> None:
    known = world.draw(Random(5), people=4)
    contact, profile = next(
        (each, whose) for each, whose in known.profile_of.items() if whose and not known.stops_on(each)
    )
    world.add_tag(known, contact, "gold")
    rule = document({"if": "tag", "tag": "gold", "op": "has"})
    gold = operations.create(name="Gold", by="Ola", now=NOW, rule=rule)
    fair = operations.create(name="Fair", by="Ola", now=NOW)
    operations.add_members(segment_id=fair.id, profile_ids=[profile], by="Ola", now=NOW)
    settle(NOW)
    by_hand, by_rule = access_labels.segments_of(profile, locale="pl", now=NOW)
    assert (by_hand["name"], by_hand["why"], by_hand["is_member"]) == ("segment: Fair", "put in by a colleague", True)
    assert (by_rule["name"], by_rule["rules"][0]["rule"]["match"]) == ("segment: Gold", rule["match"])
    assert by_rule["rules"][0]["in_words"] == by_rule["why"]
    assert "gold" in by_rule["why"]
    assert [each["met"] for each in by_rule["conditions"]] == [True]
    operations.set_rule(
        segment_id=gold.id, rule=document({"if": "tag", "tag": "none", "op": "has"}), by="Ola", now=NOW + DAY
    )
    settle(NOW + DAY)
    _, left = access_labels.segments_of(profile, locale="en", now=NOW + DAY)
    assert (left["is_member"], [each["what"] for each in left["history"]]) == (False, ["entered", "left"])
    assert [each["version"] for each in left["rules"]] == [1, 2]
