"""Pictures of every page: `PYTHONPATH=. python tools/screenshots.py FOLDER [--only TEXT …] [--readme]`.

Fills an empty database with the demo shop and a little of everything, starts the real server, follows the links as an
administrator and photographs each page at 1440 and 390 px, light and dark; then, signed out, the page of signing in and
those customers reach by their links. `--only`: addresses that hold one of the texts. `--readme`: only the pictures of the
README, into docs/screenshots.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain, product
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from crm360.app import create_app
from crm360.kernel.db import db
from tests import full_shop, processes, visits
from tests.browser.conftest import FLAGS, chromium
from tests.browser.test_every_page import SETTLED, is_document
from tests.every_page import Pages

WIDTHS = (1440, 390)
SIGNED = re.compile(r"(/(?:survey|preferences|unsubscribe|confirm|data))/[^/?]{20,}")
SCHEMES = ("light", "dark")
#: Name of a picture in the README → the beginning of the address, its width, its scheme.
README = {
    "customer": (r"/customers/\d+$", 1440, "light"),
    "segment": (r"/segments/\d+/edit$", 1440, "light"),
    "duplicates": (r"/duplicates$", 1440, "dark"),
    "consents": (r"/privacy/consents/\d+$", 1440, "light"),
    "customer-phone": (r"/customers/\d+$", 390, "light"),
}
HEIGHTS = {1440: 900, 390: 844}
#: How tall a page is; on a phone its middle scrolls between two bars.
TALL = """() => {
  const [stage, rail] = [".stage", ".rail"].map((each) => document.querySelector(each));
  const within = stage && stage.scrollHeight > stage.clientHeight ? stage.scrollHeight + rail.offsetHeight : 0;
  return Math.ceil(Math.max(document.documentElement.scrollHeight, within));
}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Photograph; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs/screenshots"))
    parser.add_argument("--only", nargs="*", default=[], metavar="TEXT")
    parser.add_argument("--people", type=int, default=full_shop.PEOPLE, help="customers of the demo shop")
    parser.add_argument("--readme", action="store_true")
    options = parser.parse_args(arguments)
    if not chromium():
        print("no Chromium: install Debian's package chromium, or set CHROMIUM to the program", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        instance = processes.Instance(Path(folder), f"sqlite:///{folder}/shown.sqlite3").migrate()
        addresses, strangers = documents(instance, options.people)
        with processes.running(instance) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            shots = readme(addresses) if options.readme else every(addresses, options.only)
            outside = [] if options.readme else every(strangers, options.only)
            for page, address, target in chain(
                opened(browser, server.url, shots, options.folder),
                opened(browser, server.url, outside, options.folder, signed_in=False),
            ):
                page.goto(address)
                page.wait_for_function(SETTLED)
                if not options.readme:
                    whole(page)
                page.screenshot(path=target)
                print(target, flush=True)
            browser.close()
    return 0


def documents(instance: processes.Instance, people: int) -> tuple[list[str], list[str]]:
    """The address of every page of the furnished shop: for colleagues, and for whoever is not signed in."""
    app = create_app(instance.settings())
    app.test_client_class, app.test_cli_runner_class = visits.Visitor, visits.Operator
    with app.app_context():
        walked = Pages(app).walk(full_shop.furnish(app, people=people))
        found = [address for address, answer in walked if is_document(answer)]
        strangers = ["/sign-in", *full_shop.links_of_customers(app)]
        db.session.remove()
        db.engine.dispose()
    return found, strangers


Shot = tuple[str, int, str, str]


def every(addresses: Sequence[str], only: Sequence[str]) -> list[Shot]:
    """(address, width, scheme, name) of each page both ways in both schemes."""
    chosen = [each for each in addresses if not only or any(text in each for text in only)]
    return [
        (each, width, scheme, f"{named(each)}-{width}-{scheme}")
        for (width, scheme), each in product(product(WIDTHS, SCHEMES), chosen)
    ]


def readme(addresses: Sequence[str]) -> list[Shot]:
    """The few of the README."""
    found = []
    for name, (pattern, width, scheme) in README.items():
        address = next(each for each in addresses if re.match(pattern, each.partition("?")[0]))
        found.append((address, width, scheme, name))
    return found


def named(address: str) -> str:
    """A file name that tells the address, without what is signed in it."""
    return re.sub(r"[^a-z0-9]+", "-", SIGNED.sub(r"\1", address).lower()).strip("-") or "home"


def opened(
    browser: Browser, url: str, shots: Sequence[Shot], folder: Path, *, signed_in: bool = True
) -> Iterator[tuple[Page, str, Path]]:
    """A page of the right size and scheme for each shot, and where the picture goes."""
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(base_url=url, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    if signed_in:
        sign_in(page)
    for address, width, scheme, name in shots:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        yield page, address, folder / f"{name}.png"


def whole(page: Page) -> None:
    """Make the window as tall as the page: bars that stick to its edges stand where the page begins and ends."""
    wide = page.viewport_size
    assert wide
    tall = page.evaluate(TALL)
    page.set_viewport_size({"width": wide["width"], "height": max(wide["height"], tall)})
    page.wait_for_function(SETTLED)


def sign_in(page: Page) -> None:
    """As the administrator of the demo."""
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(full_shop.ADMIN.email)
    page.get_by_label("Password").fill(full_shop.ADMIN.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


if __name__ == "__main__":
    sys.exit(main())
