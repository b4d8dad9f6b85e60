"""A real worker lets a member go as the window ends. Nothing asks in between: what is looked for every second is whether something
happened, and the end of a window is not that; so who leaves at all, leaves by the clock that was set for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from crm360.app import create_app
from crm360.facts import ActivityNoted, ContactRef
from crm360.flows import receive
from crm360.identity.models import Contact
from crm360.inbox import operations as inbox
from crm360.kernel import clock, dialects
from crm360.kernel.db import db
from crm360.segments import keeping, operations
from crm360.segments.models import Change
from tests.processes import Instance, RunningServer, wait_until

pytestmark = [pytest.mark.server]

WINDOW = timedelta(minutes=1)
#: How long members stay, one after another: enough for the worker to see the first come; on a busy machine a later one.
STAYS = (timedelta(seconds=8), timedelta(seconds=30), timedelta(seconds=55))
#: The worker's own figure is printed; this bound only tells a clock that was set from one that was not.
AT_MOST = timedelta(seconds=50)
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


def test_a_member_leaves_as_the_window_ends(instance: Instance) -> None:
    worker = RunningServer(instance).worker
    app = create_app(instance.settings())
    with app.app_context():
        with writing():
            segment = operations.create(name="Carts", by="ola", now=clock.now(), rule=RULE, marketing=False).id
        worker.start()
        try:
            wait_until(lambda: not looked(keeping.anything_waiting), what="the segment is built")
            tried = ((str(number), seen_coming(segment, str(number), stay)) for number, stay in enumerate(STAYS))
            customer, end = next((customer, end) for customer, end in tried if end is not None)
            assert not looked(keeping.anything_waiting), "the worker rests"
            wait_until(
                lambda: len(changes(segment, customer)) == 2,
                seconds=(end - clock.now() + AT_MOST).seconds,
                what="they leave",
            )
            came, left = changes(segment, customer)
        finally:
            worker.kill()
            db.session.remove()
            db.engine.dispose()
    assert (came.entered, came.reason) == (True, "data")
    assert (left.entered, left.reason, left.at) == (False, "time", end)
    print(f"left {(left.recorded_at - end).total_seconds():.2f} s after the end of the window")
    assert left.recorded_at - end < AT_MOST


@contextmanager
def writing() -> Iterator[None]:
    """To look again and again with SQLite's one write lock in hand would keep the worker from its work."""
    db.session.rollback()
    dialects.set_may_write(True)
    yield
    db.session.commit()
    dialects.set_may_write(False)


def seen_coming(segment: int, customer: str, stay: timedelta) -> datetime | None:
    """When the window of a customer ends whom the worker saw come in before it ended; None if it was too busy."""
    end = clock.now() + stay
    put_into_a_cart(customer, end - WINDOW)
    try:
        wait_until(lambda: changes(segment, customer), seconds=stay.seconds, what="somebody comes in")
    except AssertionError:
        return None
    return end


def put_into_a_cart(customer: str, at: datetime) -> None:
    """As a site tells it."""
    now = clock.now()
    fact = ActivityNoted(
        ref=ContactRef("site", customer), kind="cart.added", occurred_at=at, title="Mug", properties={}
    )
    with writing():
        source = inbox.ensure_source(name="site", channel="tracking", now=now)
        receive.apply([receive.Read(None, [fact], source)], now=now)  # type: ignore[arg-type]


def looked(ask: object) -> object:
    """An answer by what is committed now."""
    db.session.rollback()
    return ask()  # type: ignore[operator]


def changes(segment: int, customer: str) -> list[Change]:
    db.session.rollback()
    db.session.expire_all()
    who = select(Contact.profile_id).where(Contact.external_id == customer)
    found = select(Change).where(Change.segment_id == segment, Change.profile_id.in_(who))
    return list(db.session.scalars(found.order_by(Change.id)))
