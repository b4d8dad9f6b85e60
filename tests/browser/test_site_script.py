"""The site script in a real browser, on a shop's own site: nothing before consent, everything once after it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select

import config
from crm360.accounts import operations as accounts
from crm360.app import create_app
from crm360.consents.models import Statement
from crm360.kernel import clock
from crm360.kernel.db import db
from tests import processes
from tests.browser.conftest import PATIENCE_MS
from tests.browser.site_server import shop_site
from tests.processes import wait_until
from tests.push.browsers import BrowserKeys
from tests.stories.stumbling import Stumbling, stumbling
from tests.stories.told import Shop

pytestmark = [pytest.mark.browser, pytest.mark.server]

SCRIPT = config.ROOT / "crm360/static/site/site.js"
PROOF = {"text_sha256": "ab" * 32, "language": "pl", "script": "site.js/1"}


class Scene:
    """A shop's site, the installation behind a proxy, and every request the site's visitor makes to it."""

    def __init__(self, owner: Shop, key: str, proxy: Stumbling, site: str, context: BrowserContext):
        self.owner, self.key, self.proxy, self.site, self.context = owner, key, proxy, site, context
        self.asked: list[str] = []

    def open(self, **more: Any) -> Page:
        page = self.context.new_page()
        page.on("request", lambda request: self._note(request.method, request.url))
        page.goto(f"{self.site}/shop.html?{urlencode({'host': self.proxy.url, 'key': self.key, **more})}")
        page.wait_for_function("window.crm360")
        return page

    def _note(self, method: str, url: str) -> None:
        if url.startswith(self.proxy.url):
            self.asked.append(f"{method} {url.removeprefix(self.proxy.url).partition('?')[0]}")

    def heard(self, count: int) -> list[dict[str, Any]]:
        """The events stored, oldest first, once there are so many and all are worked off."""
        wait_until(lambda: len(self.owner.events(self.key)) >= count, what=f"{count} events")
        wait_until(self.owner.is_worked_off, what="an empty inbox")
        events = sorted(self.owner.events(self.key), key=lambda event: event["timestamp"])
        assert len(events) == count, [event.get("event", event["type"]) for event in events]
        return events

    def ledger(self) -> list[tuple[str, str, str, str, str]]:
        """(purpose, channel, state, method, notice) of every statement, in the order they were made."""
        return [(s.purpose, s.channel, s.state, s.method, s.notice) for s in self.statements()]

    def statements(self) -> list[Any]:
        engine = self.owner.instance.engine()
        try:
            with engine.connect() as connection:
                query = (
                    select(Statement.__table__)
                    .where(Statement.source == self.key)
                    .order_by(Statement.occurred_at, Statement.id)
                )
                return list(connection.execute(query))
        finally:
            engine.dispose()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One installation for all tests of this module; each has a write key, and so a source, of its own."""
    folder = tmp_path_factory.mktemp("shop")
    instance = processes.Instance(folder, f"sqlite:///{folder / 'browser.sqlite3'}").migrate()
    with processes.running(instance) as server:
        yield Shop(instance, server.url)


@pytest.fixture(scope="module")
def beside(shop: Shop) -> Flask:
    """An application beside the running ones, to make a key quicker than a command does."""
    return create_app(shop.instance.settings())


@pytest.fixture
def scene(browser: Browser, shop: Shop, beside: Flask, request: pytest.FixtureRequest) -> Iterator[Scene]:
    key = f"key-of-{request.node.originalname}"
    with beside.app_context():
        accounts.create_key(kind="write", name=key, value=key, now=clock.now())
        db.session.commit()
        db.engine.dispose()
    mishaps = ("503 before", "500 after", "ok", "503 after", "ok")
    with stumbling(processes.free_port(), shop.url, mishaps) as proxy, shop_site() as site:
        context = browser.new_context(locale="pl-PL")
        context.set_default_timeout(PATIENCE_MS)
        yield Scene(shop, key, proxy, site, context)
        context.close()


def test_the_script_is_small_and_may_be_pinned(scene: Scene) -> None:
    source = SCRIPT.read_bytes()
    assert len(gzip.compress(source)) < 10_000
    pin = "sha384-" + base64.b64encode(hashlib.sha384(source).digest()).decode()
    scene.open(integrity=pin)
    page = scene.context.new_page()
    asked = {"host": scene.proxy.url, "key": scene.key, "integrity": pin.replace("A", "B")}
    page.goto(f"{scene.site}/shop.html?{urlencode(asked)}")
    assert page.evaluate("typeof window.crm360") == "undefined"


def test_nothing_is_told_before_consent_and_everything_once_after_it(scene: Scene) -> None:
    page = scene.open()
    page.evaluate("crm360.page('Home'); crm360.track('Product Viewed', {product_id: 'P-1', name: 'Mug', price: 9.99})")
    page.evaluate("crm360.consent.deny('ads')")
    assert page.evaluate("[crm360.consent.get('ads'), crm360.consent.get('analytics')]") == ["refused", ""]
    assert scene.asked == ["GET /site.js"], "no consent, no request"
    assert (
        "id" not in json.loads(page.evaluate("localStorage['crm360:' + asked.get('key')]") or "{}")
        or not json.loads(page.evaluate("localStorage['crm360:' + asked.get('key')]"))["id"]
    )
    assert scene.context.cookies() == []
    page.evaluate("crm360.consent.grant(['analytics', 'marketing'], {method: 'banner'})")
    page.evaluate("crm360.identify('u-1', {email: 'visitor@example.com'})")
    events = scene.heard(4)
    assert scene.proxy.mishaps >= 2, "it was sent again after 503 and 500"
    assert [event.get("event", event["type"]) for event in events] == [
        "page",
        "Product Viewed",
        "Consent Stated",
        "identify",
    ]
    assert len({event["anonymousId"] for event in events}) == 1
    assert scene.ledger() == [
        ("analytics", "web", "given", "banner", "2026-03"),
        ("marketing", "web", "given", "banner", "2026-03"),
    ]
    stated = scene.statements()[0]
    assert (stated.evidence_grade, {name: stated.evidence[name] for name in PROOF}) == ("B", PROOF)
    assert stated.evidence["url"].startswith(scene.site)
    (profile,) = scene.owner.profiles("visitor")
    kinds = [entry["kind"] for entry in scene.owner.ask(f"/profiles/{profile}/timeline")["items"]]
    assert {"page.viewed", "cart.viewed", "consent.given"} <= set(kinds)


def test_a_withdrawal_is_the_last_that_is_heard(scene: Scene) -> None:
    page = scene.open()
    page.evaluate("crm360.consent.grant('analytics'); crm360.track('Seen')")
    scene.heard(2)
    page.evaluate("crm360.consent.deny('analytics', {method: 'settings'}); crm360.track('Unseen')")
    assert [event["event"] for event in scene.heard(3)] == ["Consent Stated", "Seen", "Consent Stated"]
    assert scene.ledger()[-1] == ("analytics", "web", "withdrawn", "settings", "2026-03")
    state = "JSON.parse(localStorage['crm360:' + asked.get('key')])"
    page.wait_for_function(f"{state}.id === '' && {state}.queue.length === 0")
    again = scene.open()
    again.evaluate("crm360.track('Unseen')")
    assert again.evaluate("crm360.consent.get('analytics')") == "withdrawn"
    scene.heard(3)


def test_what_a_page_leaves_behind_is_sent_on_its_way_out_and_kept_once(scene: Scene) -> None:
    page = scene.open()
    page.evaluate("crm360.consent.grant('analytics'); crm360.track('First'); crm360.track('Last')")
    page.goto("about:blank")
    scene.open()  # the next page delivers again what it cannot know to have arrived
    assert [event["event"] for event in scene.heard(3)] == ["Consent Stated", "First", "Last"]


def test_global_privacy_control_refuses_ads_whatever_is_clicked(scene: Scene) -> None:
    scene.context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    scene.context.set_extra_http_headers({"Sec-GPC": "1"})
    page = scene.open()
    page.evaluate("crm360.consent.grant(['analytics', 'ads'])")
    assert page.evaluate("[crm360.consent.gpc, crm360.consent.allows('ads'), crm360.consent.allows('analytics')]") == [
        True,
        False,
        True,
    ]
    page.evaluate("crm360.track('One'); crm360.track('Two')")
    scene.heard(3)
    signalled = [row for row in scene.ledger() if row[3] == "gpc"]
    assert signalled == [("ads", "web", "refused", "gpc", "2026-03"), ("profiling", "web", "refused", "gpc", "2026-03")]
    assert all(row.evidence["gpc"] for row in scene.statements()), "a conflict can be seen in each"


#: Chromium under test reaches no push service; the subscription is ours, everything else is the browser's own.
SUBSCRIBE = """([endpoint, keys]) => {
  const made = { endpoint, toJSON: () => ({ endpoint, keys }), unsubscribe: async () => true }
  PushManager.prototype.subscribe = async (options) => {
    window.subscribedWith = Array.from(new Uint8Array(options.applicationServerKey))
    return made
  }
  PushManager.prototype.getSubscription = async () => made
}"""


def test_a_browser_takes_push_messages_and_takes_it_back(scene: Scene) -> None:
    scene.context.grant_permissions(["notifications"], origin=scene.site)
    browser, page = BrowserKeys(), scene.open()
    page.evaluate(SUBSCRIBE, ["https://push.example.com/1", browser.keys])
    page.evaluate(f"tag = document.querySelector('[data-key]'); worker = '/crm360-worker.js?from={scene.proxy.url}'")
    page.evaluate("crm360.push.subscribe({worker})")
    assert page.evaluate("crm360.push.state()") == "subscribed"
    public = page.evaluate("window.subscribedWith")
    assert (len(public), public[0]) == (65, 4)
    scene.heard(2)
    assert scene.ledger() == [("marketing", "push", "given", "browser_permission", "2026-03")]
    page.evaluate("crm360.push.unsubscribe()")
    scene.heard(4)
    assert scene.ledger()[-1][:3] == ("marketing", "push", "withdrawn")


def test_the_worker_shows_what_it_is_sent(scene: Scene) -> None:
    scene.context.grant_permissions(["notifications"], origin=scene.site)
    page = scene.open()
    devtools = scene.context.new_cdp_session(page)
    found: list[str] = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda said: found.extend(
        each["registrationId"] for each in said["registrations"] if not each["isDeleted"]
    ))  # fmt: skip
    devtools.send("ServiceWorker.enable")
    worker = f"/crm360-worker.js?from={scene.proxy.url}"
    page.evaluate(
        "async (worker) => { await navigator.serviceWorker.register(worker); await navigator.serviceWorker.ready }",
        worker,
    )
    said = json.dumps({"title": "Zażółć", "body": "gęślą", "url": "/sale"})
    message = {"origin": scene.site, "registrationId": found[0], "data": said}
    shown = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
        .map((each) => [each.title, each.body, each.data.url])"""
    looks = count()

    def seen() -> list[list[str]]:
        if next(looks) % 100 == 0:  # a message to a worker that is just waking up may be lost, as in the network
            devtools.send("ServiceWorker.deliverPushMessage", message)
        return list(page.evaluate(shown))

    assert wait_until(seen, what="the message")[0] == ["Zażółć", "gęślą", "/sale"]
