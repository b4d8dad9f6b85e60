"""Countries as ISO 3166-1 alpha-2 codes, from the names and codes people write."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.core import get_global

from crm360.normalise.text import fold

_LANGUAGES = (
    "en",
    "pl",
    "de",
    "fr",
    "es",
    "it",
    "cs",
    "sk",
    "nl",
    "uk",
    "pt",
    "sv",
    "da",
    "nb",
    "fi",
    "hu",
    "lt",
    "ro",
)
_EVERYDAY = {
    "uk": "GB", "great britain": "GB", "britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "anglia": "GB",
    "northern ireland": "GB", "szkocja": "GB", "walia": "GB", "usa": "US", "u s a": "US", "united states of america": "US",
    "america": "US", "stany": "US", "stany zjednoczone ameryki": "US", "el": "GR", "holland": "NL", "holandia": "NL",
    "niderlandy": "NL", "the netherlands": "NL", "czech republic": "CZ", "republika czeska": "CZ", "eire": "IE",
    "republic of ireland": "IE", "macedonia": "MK", "rp": "PL", "rzeczpospolita polska": "PL",
    "republic of poland": "PL", "slovak republic": "SK", "russian federation": "RU", "republic of korea": "KR",
    "uae": "AE", "emiraty": "AE", "viet nam": "VN", "brd": "DE",
}  # fmt: skip


@lru_cache(maxsize=2**12)
def country(value: str) -> str | None:
    """ISO alpha-2 of a country named in any larger European language or by alpha-2 or alpha-3 code; else None."""
    return _names().get(fold(value)) if value else None  # the names are many, and most lists name no country


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Folded name or code → alpha-2; codes win over names, English and Polish names over the others."""
    territories = [Locale(language).territories for language in _LANGUAGES]
    codes = {str(code) for code in territories[0]} - {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}
    codes = {code for code in codes if len(code) == 2 and code.isalpha()}
    names: dict[str, str] = {}
    for known in reversed(territories):
        names.update({fold(str(name)): str(code) for code, name in known.items() if code in codes})
    aliases = get_global("territory_aliases")
    single = {str(old): str(new[0]) for old, new in aliases.items() if len(new) == 1}
    alpha_3 = {old.lower(): new for old, new in single.items() if len(old) == 3 and old.isalpha()}
    return names | alpha_3 | {code.lower(): code for code in codes} | _EVERYDAY
