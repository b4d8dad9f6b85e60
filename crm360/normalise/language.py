"""Languages as the codes of locales name them."""

from __future__ import annotations


def language(code: str) -> str:
    """The language of a locale, whatever its country: `pl-PL`, `PL_pl` → `pl`."""
    return code.replace("_", "-").partition("-")[0].lower()
