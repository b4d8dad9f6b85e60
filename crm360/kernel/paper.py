"""A page on paper: HTML as PDF, with nothing fetched from anywhere."""

from __future__ import annotations

import logging
from ctypes.util import find_library
from functools import cache
from typing import Any

#: Libraries of the system that set the type; no Python package brings them along.
LIBRARIES = ("gobject-2.0", "pango-1.0", "pangoft2-1.0", "harfbuzz", "fontconfig")


@cache
def missing() -> tuple[str, ...]:
    """Those of the libraries that are not installed, as they were when this process first asked."""
    return tuple(name for name in LIBRARIES if find_library(name) is None)


def pdf(html: str, *, style: str = "") -> bytes:
    """The page as PDF, in `style` beside what it says itself. Raises OSError where the libraries are not installed."""
    import weasyprint  # slow to load, and few pages need it

    logging.getLogger("weasyprint").setLevel(
        logging.CRITICAL
    )  # rules only screens obey are left out; nobody need read of it

    sheets = [weasyprint.CSS(string=style, url_fetcher=_fetch_nothing)] if style else []
    made: bytes = weasyprint.HTML(string=html, url_fetcher=_fetch_nothing).write_pdf(stylesheets=sheets)
    return made


def _fetch_nothing(url: str, *_args: Any, **_kwargs: Any) -> Any:
    raise ValueError(f"a page on paper loads nothing: {url[:100]}")
