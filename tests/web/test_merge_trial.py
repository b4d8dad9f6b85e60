"""What a merge would change, told before the click: the trial says what the merge then does, and keeps nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from crm360.commerce import valuing
from crm360.flows import review, segmenting, trying_merges
from crm360.identity.models import Contact, Decision
from crm360.kernel.db import db
from crm360.sales import operations as sales
from crm360.segments import operations, queries
from crm360.segments.models import Change
from tests.segments import drawn

DRAWN = 6


def settle(now: datetime) -> None:
    while valuing.work_off(now=now):
        pass
    while segmenting.work_off(now=now):
        pass


def ordered(op: str, n: int) -> dict:
    bought = {"if": "did", "what": {"event": "order"}, "op": op, "n": n, "when": {"kind": "ever"}}
    return {"version": 1, "match": {"group": "all", "of": [bought]}}


def names_of(*profile_ids: int) -> set[str]:
    return {segment.name for each in profile_ids for segment, _ in queries.segments_of(each)}


def segments(orders: tuple[int, int], now: datetime) -> None:
    """One that only both together meet, one that only each alone meets, and some drawn by chance."""
    told = {"faithful": ordered("at_least", sum(orders)), "beginners": ordered("at_most", max(orders))}
    told |= {f"drawn {seed}": drawn.rule(Random(seed)) for seed in range(DRAWN)}
    for name, rule in told.items():
        operations.create(name=name, by="Ola", now=now, rule=rule, marketing=False)
    settle(now)
    db.session.commit()


def test_the_trial_says_what_the_merge_then_does(shop, visit_as, moment):
    pair = (shop["anna"], shop["anna_again"])
    values = valuing.computed(pair, now=moment)
    orders = {row["profile_id"]: row["orders"] for row in values}
    segments((orders[pair[0]], orders[pair[1]]), moment)
    before = names_of(*pair)
    tried = trying_merges.try_out(profile_ids=pair, now=moment)
    assert db.session.query(Decision).count() == 0
    assert len({db.session.get(Contact, each.id).profile_id for each in db.session.query(Contact)} & set(pair)) == 2
    changes = db.session.query(Change).count()
    assert names_of(*pair) == before
    review.merge(profile_ids=pair, by="Marta", now=moment)
    settle(moment)
    after = names_of(min(pair))
    assert (set(tried.entered), set(tried.left)) == (after - before, before - after)
    assert "faithful" in tried.entered
    assert "beginners" in tried.left
    assert db.session.query(Change).count() > changes


def test_the_page_tells_it_before_the_click(shop, visit_as):
    now, client = datetime.now(UTC), visit_as("sales")
    goes, stays = max(shop["anna"], shop["anna_again"]), min(shop["anna"], shop["anna_again"])
    me = client.page("/").text and db.session.execute(db.text("SELECT min(id) FROM accounts_staff")).scalar_one()
    sales.add_task(profile_id=goes, title="Ring back", due_at=None, owner_id=me, by="Marta", now=now)
    db.session.commit()
    compare = f"/customers/{stays}/compare/{goes}"
    page = client.page(compare)
    assert "1 open task comes along" in page.text
    trial = page.form(action="/trial")
    answer = client.post(trial.action, data=trial.values)
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert "No segment is entered or left." in text
    assert "What a merge changes" in text
    part = client.post(trial.action, data=trial.values, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "merge-trial" in part
    assert "What a merge changes" not in part
    assert db.session.query(Decision).count() == 0
