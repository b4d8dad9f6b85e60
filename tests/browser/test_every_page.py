"""Every page a link leads to, in a real browser: no barriers, light and dark, on a phone and a desk, light to load, nothing refused.

The content security policy is watched by the fixture `page`: what it refuses is an error in the console.
"""

from __future__ import annotations

import fcntl
import gzip
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.test import TestResponse

from crm360.app import create_app
from crm360.kernel.db import db
from tests import full_shop, processes, visits
from tests.every_page import Pages

pytestmark = pytest.mark.browser
#: Compressed bytes of a page with everything it loads.
MOST_BYTES = 150_000
PARTS = 3
#: Each width and each scheme once. A rule of colours that holds only for one width would be seen at that width.
SEEN: tuple[tuple[int, Literal["light", "dark"]], ...] = ((390, "light"), (1440, "dark"))
#: A file of which several parts are shown (icons.svg#home, icons.svg#bell) is loaded once.
LOADED = """() => [...new Set(performance.getEntries().map(each => each.name.split("#")[0]))]
    .filter(each => each.startsWith("http"))"""
WIDE = "document.documentElement.scrollWidth"
#: Parts that come after the page are there, and nothing is on its way.
SETTLED = "() => !document.querySelector('[hx-trigger=load], .htmx-request')"


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> tuple[processes.Instance, list[str]]:
    """The full shop, and every page of it that is a document of its own. Test processes take what the first of them made."""
    ours = tmp_path_factory.mktemp("every")
    everybodys = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    made, listed = everybodys / "full-shop", everybodys / "full-shop.json"
    with (everybodys / "full-shop.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not listed.exists():
            made.mkdir()
            listed.write_text(json.dumps(documents_of(installed(made).migrate())))
    shutil.copytree(made, ours, dirs_exist_ok=True)
    return installed(ours), json.loads(listed.read_text())


def installed(folder: Path) -> processes.Instance:
    return processes.Instance(folder, f"sqlite:///{folder / 'every.sqlite3'}")


def documents_of(instance: processes.Instance) -> list[str]:
    """Furnish it, and find the address of every document."""
    app = create_app(instance.settings())
    app.test_client_class, app.test_cli_runner_class = visits.Visitor, visits.Operator
    with app.app_context():
        walked = Pages(app).walk(full_shop.furnish(app))
        documents = [address for address, answer in walked if is_document(answer)]
        db.session.remove()
        db.engine.dispose()
    return documents


def is_document(answer: TestResponse) -> bool:
    """Whether it is a page of its own: no part, no file, no letter written for a customer's mail program."""
    letter = "sandbox" in answer.headers.get("Content-Security-Policy", "")
    return answer.mimetype == "text/html" and "<html" in answer.get_data(as_text=True) and not letter


@pytest.fixture
def server(addresses: tuple[processes.Instance, list[str]]) -> Iterator[processes.RunningServer]:
    with processes.running(addresses[0]) as started:
        yield started


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page(
    page: Page, axe: Callable[..., None], addresses: tuple[processes.Instance, list[str]], part: int
) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(full_shop.ADMIN.email)
    page.get_by_label("Password").fill(full_shop.ADMIN.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("combobox").first).to_be_visible()
    views = [view(page.context, *how) for how in SEEN]
    faults = [fault for address in addresses[1][part::PARTS] for fault in faults_of(views, axe, address)]
    assert not faults, "\n".join(faults)


def view(context: BrowserContext, width: int, scheme: Literal["light", "dark"]) -> Page:
    """A page that stays so wide and so coloured: to change one that is there draws it anew, at a fifth of the test's time."""
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    return page


def faults_of(views: list[Page], axe: Callable[..., None], address: str) -> list[str]:
    """What is wrong with one page: light on a phone, dark on a desk."""
    found = []
    for page, (width, scheme) in zip(views, SEEN, strict=True):
        page.bring_to_front()  # a page behind another gets a frame now and then, or none
        page.goto(address)
        page.wait_for_function(SETTLED)
        found += violations(axe, page, f"{address}, {scheme}, at {width} px")
        if (wide := page.evaluate(WIDE)) > width:
            found.append(f"{address} is {wide} px wide at {width}")
    weight = sum(compressed(page, each) for each in page.evaluate(LOADED))
    return found if weight <= MOST_BYTES else [*found, f"{address} weighs {weight} bytes"]


_sizes: dict[str, int] = {}


def compressed(page: Page, address: str) -> int:
    """Bytes of what an address answers, as a proxy in front would send them."""
    if address not in _sizes:
        _sizes[address] = len(gzip.compress(page.context.request.get(address).body()))
    return _sizes[address]


def violations(axe: Callable[..., None], page: Page, where: str) -> list[str]:
    """What axe complains of, with the place."""
    try:
        axe(page)
    except AssertionError as error:
        return [f"{where}: {error}"]
    return []
