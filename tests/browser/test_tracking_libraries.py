"""analytics-next and RudderStack's library in a real browser, on a site of another origin, past a proxy that stumbles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page

import config
from tests import processes
from tests.browser.conftest import PATIENCE_MS
from tests.browser.site_server import shop_site
from tests.stories.clients.story import told_by
from tests.stories.stumbling import Stumbling, stumbling
from tests.stories.told import CALLS, WRITE_KEY, Shop

pytestmark = [pytest.mark.browser, pytest.mark.server]

#: How a page tells the story: each step waits a moment, as people do, so that no two have the same time.
TELL = """async ([name, story]) => {
  const pause = () => new Promise((go) => setTimeout(go, 40))
  const analytics = window.analytics
  const steps = [
    () => analytics.identify(`user-${name}`, { ...story.traits, email: `${name}@example.com` }),
    () => analytics.track('Product Viewed', story.view),
    () => analytics.track('Product Added', story.add),
    () => analytics.track('Product Removed', story.remove),
    () => analytics.track('Order Completed', story.order),
    () => analytics.group(`org-${name}`, story.group),
    () => analytics.alias(`new-${name}`, `user-${name}`),
  ]
  for (const step of steps) { step(); await pause() }
}"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Shop, Stumbling]]:
    """An installation that is reached through the proxy only, and its owner's view of it."""
    if not (config.ROOT / "crm360/static/vendor/analytics-next").is_dir():
        pytest.skip("the libraries are not installed (make setup)")
    port = processes.free_port()
    extra = {"PUBLIC_URL": f"http://127.0.0.1:{port}"}
    instance = processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'browser.sqlite3'}", extra).migrate()
    instance.flask("keys", "create", "--kind", "write", "--name", "web", "--value", WRITE_KEY)
    with processes.running(instance) as server, stumbling(port, server.url) as proxy:
        yield Shop(instance, server.url), proxy


def visit(browser: Browser, site: str, page: str, **asked: Any) -> Page:
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    opened.goto(f"{site}/{page}?{urlencode({'key': WRITE_KEY, **asked})}")
    return opened


def test_browsers_tell_a_purchase_from_another_origin(browser: Browser, shop: tuple[Shop, Stumbling]) -> None:
    owner, proxy = shop
    with shop_site() as site:
        segment = visit(browser, site, "analytics_next.html", host=proxy.url)
        segment.wait_for_function("window.analytics.initialized")
        segment.evaluate(TELL, ["segmentweb", told_by("segmentweb")])
        rudder = visit(browser, site, "rudder.html", host=proxy.url)
        rudder.wait_for_function("document.body.dataset.ready")
        rudder.evaluate(TELL, ["rudderweb", told_by("rudderweb")])
        # analytics-next names the user of its identify call twice, whatever it is told: an alias of nobody
        owner.assert_told("segmentweb", calls=CALLS, renamed=False)
        owner.assert_told("rudderweb", calls=CALLS)
        assert proxy.is_steady(), "beacons are never sent again, so none of them may meet a mishap"
        batching = {"useBeacon": True, "beaconQueueOptions": {"flushQueueInterval": 300}}
        beacon = visit(browser, site, "rudder.html", host=proxy.url, options=json.dumps(batching))
        beacon.wait_for_function("document.body.dataset.ready")
        beacon.evaluate(TELL, ["rudderbeacon", told_by("rudderbeacon")])
        owner.assert_told("rudderbeacon", calls=CALLS)
    assert proxy.mishaps >= 6
    assert owner.instance.json("stats")["profiles"] == 3
    assert owner.instance.json("stats")["quarantined"] == 0
