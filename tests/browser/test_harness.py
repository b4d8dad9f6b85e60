"""The browser fixtures themselves: the accessibility check finds what is wrong, and the first page passes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_the_accessibility_check_refuses_what_is_wrong(page: Page, axe: Callable[[Page], None]):
    page.set_content("<html lang='en'><title>t</title><main><h1>t</h1><img src='data:,'><input></main></html>")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_sign_in_page_is_accessible(page: Page, axe: Callable[[Page], None], scheme: str, width: int):
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/sign-in")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
