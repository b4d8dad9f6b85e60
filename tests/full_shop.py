"""The demo shop with a little of everything that colleagues do by hand, so that every page has something to show.

Written through the forms of the pages themselves, as the administrator of the demo: a form that cannot be sent ends the walk.
"""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from crm360.consents import defining
from crm360.demo import load
from crm360.demo.staff import SIGN_INS
from crm360.identity.models import ContactIdentifier
from crm360.kernel import clock, tickets
from crm360.kernel.db import db
from crm360.surveys.models import Invitation, Survey
from tests import pages, visits

PEOPLE = 60
LIST = b"email,first_name,last_name\nnew.one@example.com,Nina,Nowa\nno address,Bad,Row\n"
ASKED = {
    "en": "Yes, write to me by e-mail about offers of the shop. I can withdraw this at any time by the link in every message.",
    "pl": "Tak, chcę dostawać e-mailem oferty sklepu. Mogę to wycofać w każdej chwili linkiem z każdej wiadomości.",
}
ADMIN = next(each for each in SIGN_INS if each.role == "admin")


def furnish(app: Flask, *, people: int = PEOPLE) -> visits.Visitor:
    """Fill the empty database of `app` (its context is pushed, its client is a Visitor); the signed-in administrator."""
    now = clock.now()
    load.load(app, anchor=now.replace(hour=0, minute=0, second=0, microsecond=0), people=people, report=lambda *_: None)
    client: Any = app.test_client()
    answer = client.submit("/sign-in", action="/sign-in", email=ADMIN.email, password=ADMIN.password)
    assert answer.status_code == 303
    who = customer(client)
    for write in (work, many, privacy, marketing, machines):
        write(client, who, now)
    settle(app)
    return client


def customer(client: Any) -> str:
    """The number of the first customer of the list."""
    found = re.search(r'href="/customers/(\d+)', client.page("/customers?q=an").html)
    assert found
    return found[1]


def sent(answer: Any) -> str:
    """Where a form that was taken leads to."""
    assert answer.status_code == 303, pages.Page(answer.get_data(as_text=True)).text.split("Sign out")[-1]
    return str(answer.location)


def work(client: Any, who: str, now: datetime) -> None:
    """A task, a call and a deal of a customer."""
    page, tomorrow = f"/customers/{who}/work", f"{now + timedelta(days=1):%Y-%m-%d}"
    sent(client.submit(page, action="/tasks", title="Call back about the lamp", due_on=tomorrow))
    sent(client.submit("/team/pulse", action="/team/pulse", question_en="How is work?", question_pl="Jak praca?"))
    sent(client.submit(page, action="/calls", body="Asked for the opening hours."))
    sent(
        client.submit(page, action="/deals", title="Twelve lamps for a hotel", value="4800", next_step="Send an offer")
    )


def many(client: Any, _who: str, _now: datetime) -> None:
    """A list that is kept, and something done to everybody on it."""
    sent(client.submit("/customers?owner=none", action="/customers/lists", name="Nobody’s", shared="1"))
    chosen = client.page("/customers/actions/new?deed=tag.add&whom=all&owner=none&do_tag=unowned")
    sent(client.post("/customers/actions", data=chosen.form(action="/customers/actions", form_id="press").values))


def privacy(client: Any, who: str, now: datetime) -> None:
    """A request for a copy, a request to be erased, a legal hold, a breach."""
    for right in ("access", "erasure"):
        sent(client.submit("/privacy/cases/new", action="/privacy/cases", right=right, customer=who))
    day = f"{now + timedelta(days=90):%Y-%m-%d}"
    sent(client.submit("/privacy/holds", action="/privacy/holds", profile=who, ground="Claim 7", review_on=day))
    span = {"began_at": f"{now - timedelta(days=900):%Y-%m-%dT%H:%M}", "ended_at": f"{now:%Y-%m-%dT%H:%M}"}
    sent(client.submit("/privacy/breaches/new", action="/privacy/breaches", by="kind", title="Open bucket", **span))


def marketing(client: Any, who: str, now: datetime) -> None:
    """A segment and its file at a set time, a template, a campaign with its audience."""
    rule = {"match.group": "all", "match.of.0.if": "identifier", "match.of.0.kind": "email", "match.of.0.op": "has"}
    sent(client.submit("/segments/new", action="/segments/draft", name="Has an address", tag="mailable", do="save", **rule))  # fmt: skip
    sent(client.submit("/segments/drops", action="/segments/drops", folder="mailing", channel="email", purpose="marketing", form="csv", hour="6", keep_days="7"))  # fmt: skip
    sent(client.submit("/segments/drops", action="/segments/drops/1/turn"))
    sent(client.submit("/templates/new", action="/templates/new", name="Coffee", **{"pl.html": "<p>Kawa</p>", "en.html": "<p>Coffee</p>"}))  # fmt: skip
    template = re.search(r'href="/templates/(\d+)', client.page("/templates").html)
    assert template
    sent(client.submit("/campaigns/new", action="/campaigns/new", name="Coffee days", audience="profiles", profiles=who, template=template[1]))  # fmt: skip


def machines(client: Any, _who: str, _now: datetime) -> None:
    """A webhook with a delivery, a list with a bad row, a question to the model, a backup."""
    client.submit("/admin/webhooks", action="/admin/webhooks", url="http://127.0.0.1:9/hook")
    hook = re.search(r"/admin/webhooks/\d+", client.page("/admin/webhooks").html)
    assert hook
    sent(client.submit(hook[0], action="/test"))
    form = client.page("/imports").form(action="/imports")
    at = sent(client.post("/imports", data=form.values | {"file": (io.BytesIO(LIST), "list.csv"), "source": "list"}))
    sent(client.submit(at, action=f"{at}/columns"))
    sent(client.submit("/duplicates/model", action="/what-ifs"))
    sent(client.submit("/admin/backups", action="/admin/backups"))


def settle(app: Flask) -> None:
    """What the worker does of its own."""
    for command in (["jobs", "run-once"], ["insights", "compute"]):
        done = app.test_cli_runner().invoke(args=command)
        assert done.exit_code == 0, done.output


def links_of_customers(app: Flask) -> list[str]:
    """The pages customers reach: by links of their letters, by a code on a receipt, on the shop's own page."""
    key, now = app.config["SECRET_KEY"], clock.now()
    address = db.session.scalars(
        select(ContactIdentifier.id).where(ContactIdentifier.kind == "email").order_by(ContactIdentifier.id)
    ).first()
    survey = db.session.scalars(select(Survey).order_by(Survey.id)).first()
    notice, *_ = defining.publish_notice(
        code="offers", texts=ASKED, purposes=["marketing"], about={"controller": "Lipowa & Oak"}, effective_from=now,
        by=ADMIN.name, now=now,
    )  # fmt: skip
    assert address, "nobody has an address"
    assert survey, "there is no survey"
    held = db.session.get_one(ContactIdentifier, address)
    asked = Invitation(
        survey_id=survey.id,
        contact_id=held.contact_id,
        subject="shown:1",
        ask_at=now,
        state="asked",
        asked_at=now,
        expires_at=now + timedelta(days=30),
    )
    db.session.add(asked)
    db.session.commit()
    signed = {
        tickets.SURVEY: (asked.id,), tickets.PREFERENCES: (address,),
        tickets.UNSUBSCRIBE: (address, "marketing", "email", ""), tickets.DATA: (1,),
        tickets.CONFIRM: (address, notice.code, notice.version, notice.locale, int(now.timestamp())),
    }  # fmt: skip
    links = [f"/{kind}/{tickets.make(kind, *parts, key=key)}" for kind, parts in signed.items()]
    return [*links, f"/ask/{survey.code}", f"/subscribe/{notice.code}", "/privacy-request", "/unsubscribe/cut-off"]
