"""A real worker lets a member go as the window ends. Nothing asks in between: what is looked for every second is whether something
happened, and the end of a window is not that; so who leaves at all, leaves by the clock that was set for them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm360.app import create_app
from crm360.facts import ActivityNoted, ContactRef
from crm360.flows import receive
from crm360.inbox import operations as inbox
from crm360.kernel import clock, dialects
from crm360.kernel.db import db
from crm360.segments import keeping, operations
from crm360.segments.models import Change
from tests.processes import Instance, RunningServer, wait_until

pytestmark = [pytest.mark.server]

WINDOW = timedelta(minutes=1)
#: How long the member stays: enough for the worker to see them come.
STAYS = timedelta(seconds=8)
AT_MOST = timedelta(seconds=5)
RULE = {
    "match": {
        "group": "all",
        "of": [
            {
                "if": "did", "what": {"event": "cart.added"}, "op": "at_least", "n": 1,
                "when": {"kind": "last", "span": {"n": 1, "unit": "minutes"}},
            }
        ],
    }
}  # fmt: skip


def test_a_member_leaves_within_five_seconds_of_the_windows_end(instance: Instance) -> None:
    worker = RunningServer(instance).worker
    app = create_app(instance.settings())
    with app.app_context():
        dialects.set_may_write(True)
        segment = operations.create(name="Carts", by="ola", now=clock.now(), rule=RULE, marketing=False).id
        db.session.commit()
        worker.start()
        try:
            wait_until(lambda: not looked(keeping.anything_waiting), seconds=60, what="the segment is built")
            end = clock.now() + STAYS
            put_into_a_cart(end - WINDOW)
            wait_until(lambda: changes(segment), seconds=STAYS.seconds, what="somebody comes in")
            assert not looked(keeping.anything_waiting), "the worker rests"
            wait_until(lambda: len(changes(segment)) == 2, seconds=STAYS.seconds + AT_MOST.seconds, what="they leave")
            came, left = changes(segment)
        finally:
            worker.kill()
            db.session.remove()
            db.engine.dispose()
    assert (came.entered, came.reason) == (True, "data")
    assert (left.entered, left.reason, left.at) == (False, "time", end)
    assert left.recorded_at - end < AT_MOST


def put_into_a_cart(at: object) -> None:
    """As a site tells it."""
    now = clock.now()
    source = inbox.ensure_source(name="site", channel="tracking", now=now)
    fact = ActivityNoted(ref=ContactRef("site", "17"), kind="cart.added", occurred_at=at, title="Mug", properties={})  # type: ignore[arg-type]
    receive.apply([receive.Read(None, [fact], source)], now=now)  # type: ignore[arg-type]
    db.session.commit()


def looked(ask: object) -> object:
    """An answer by what is committed now."""
    db.session.rollback()
    return ask()  # type: ignore[operator]


def changes(segment: int) -> list[Change]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Change).where(Change.segment_id == segment).order_by(Change.id)))
