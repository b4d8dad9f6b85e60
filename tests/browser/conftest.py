"""A real Chromium against a real server on an instance of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests import processes

FLAGS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-gpu-compositing",
    "--disable-software-rasterizer",
    "--renderer-process-limit=1",  # a page of one context after another: each new process cost a tenth of the time
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: So long a busy machine may take; what fails takes it, too.
PATIENCE_MS = processes.PATIENCE_SECONDS * 1000
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What Chromium says while a test keeps it offline.
OFFLINE = "ERR_INTERNET_DISCONNECTED"
#: A transition that was under way has ended by the second frame; some animations turn for ever. A page that draws no frame,
#: or an animation nobody sees, ends neither: Playwright would wait for it without limit.
STILL = """async () => {
    const rest = async () => {
        for (let frame = 0; frame < 2; frame++) await new Promise(done => requestAnimationFrame(() => done()));
        await Promise.allSettled(document.getAnimations().map(each => each.finished));
    };
    await Promise.race([rest(), new Promise(done => setTimeout(done, 1000))]);
}"""


def chromium() -> str:
    """The browser's program: CHROMIUM, else Debian's, else the Mac's."""
    usual = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
    mac = (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    )
    given = os.environ.get("CHROMIUM")
    return next((path for path in ([given] if given else [*usual, *mac]) if Path(path).is_file()), "")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser per test process."""
    program = chromium()
    if not program:
        pytest.skip("no Chromium: install Debian's package chromium, or set CHROMIUM to the program")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[processes.RunningServer]:
    """A server of its own on an empty SQLite database. A test that needs data overrides it or speaks to its instance."""
    instance = processes.Instance(tmp_path, f"sqlite:///{tmp_path / 'browser.sqlite3'}").migrate()
    with processes.running(instance) as started:
        yield started


@pytest.fixture
def page(browser: Browser, server: processes.RunningServer) -> Iterator[Page]:
    """A page of a fresh browser context at `server`; an error in the console of a page of that context,
    or an exception, fails the test."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(f"exception: {error.error}"))
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield context.new_page()
    context.close()
    expected = ["status of 401", "status of 403", "status of 404", "status of 409", "status of 422"]
    if any(OFFLINE in text for text in complaints):
        expected += [OFFLINE, "Failed to fetch"]  # the test took the line away
    assert [text for text in complaints if not any(part in text for part in expected)] == []


def arrived(page: Page, path: str) -> None:
    """Wait until the page with this path is shown: a key that was pressed waits for nothing."""
    page.wait_for_url(lambda address: urlsplit(address).path == path)


def sent(page: Page, button: Locator) -> None:
    """Press a button that sends a form and wait for the page that answers: a click does not, and to reload meanwhile fails."""
    with page.expect_navigation():
        button.click()


def still(page: Page) -> None:
    """Wait until what moves or changes its colour has come to rest."""
    page.evaluate(STILL)


@pytest.fixture
def axe(root: Path) -> Callable[..., None]:
    """`axe(page)` refuses a page with accessibility violations. Nothing is loaded ahead: that serves sound and video."""
    program = (root / "node_modules/axe-core/axe.min.js").read_text()

    def run(page: Page) -> None:
        if not page.evaluate("() => matchMedia('(prefers-reduced-motion: reduce)').matches"):
            page.emulate_media(reduced_motion="reduce")  # colours are compared at once, not on their way to others
        still(page)
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(program)  # by the debugger, so the content security policy of the page stays as it is
        only = {"type": "tag", "values": TAGS}
        found: dict[str, Any] = page.evaluate(
            "only => axe.run(document, {runOnly: only, resultTypes: ['violations'], preload: false})", only
        )
        assert [summary(violation) for violation in found["violations"]] == []

    return run


def summary(violation: dict[str, Any]) -> str:
    """A violation in a line: rule, what it asks, where, and why the first place breaks it."""
    places = "; ".join(node["html"][:160] for node in violation["nodes"][:5])
    why = violation["nodes"][0]["failureSummary"].partition(":")[2].strip()
    return f"{violation['id']}: {violation['help']} at {places} ({why})"
