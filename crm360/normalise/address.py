"""Postal addresses: taking a street line apart, and the form in which its pieces are compared."""

from __future__ import annotations

import re
from functools import lru_cache

from crm360.normalise.text import clean, fold, words

_DROPPED_FIRST = frozenset({"ul", "ulica", "ulicy"})
_FIRST = {"al": "aleja", "aleje": "aleja", "os": "osiedle", "pl": "plac", "st": "saint", "str": "strada"}
_LAST = (
    {"st": "street", "str": "strasse", "rd": "road", "ave": "avenue", "av": "avenue", "ln": "lane", "dr": "drive"}
    | {
        "blvd": "boulevard",
        "ct": "court",
        "pl": "place",
        "sq": "square",
        "cres": "crescent",
        "tce": "terrace",
        "cl": "close",
    }
    | {
        "ter": "terrace",
        "gdns": "gardens",
        "hwy": "highway",
        "pde": "parade",
        "crt": "court",
        "cct": "circuit",
        "grv": "grove",
    }
)
_ANYWHERE = {
    "swietego": "sw",
    "swietej": "sw",
    "swietych": "sw",
    "generala": "gen",
    "ksiedza": "ks",
    "doktora": "dr",
} | {
    "marszalka": "marsz",
    "pulkownika": "plk",
    "profesora": "prof",
    "kardynala": "kard",
    "biskupa": "bp",
    "majora": "mjr",
}
_AFTER_A_DAY_TEXT = (
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia pulku"
)
_AFTER_A_DAY = frozenset(_AFTER_A_DAY_TEXT.split())
_CITIES = {
    "warsaw": "warszawa", "warschau": "warszawa", "cracow": "krakow", "krakau": "krakow", "danzig": "gdansk",
    "breslau": "wroclaw", "posen": "poznan", "londyn": "london", "monachium": "munchen", "munich": "munchen",
    "kolonia": "koln", "cologne": "koln", "wieden": "wien", "vienna": "wien", "prague": "praha", "praga": "praha",
    "paryz": "paris", "rzym": "roma", "rome": "roma", "bruksela": "bruxelles", "brussels": "bruxelles",
    "kopenhaga": "kobenhavn", "copenhagen": "kobenhavn", "lizbona": "lisboa", "lisbon": "lisboa", "wilno": "vilnius",
    "lwow": "lviv", "kijow": "kyiv", "kiev": "kyiv", "mediolan": "milano", "milan": "milano", "drezno": "dresden",
}  # fmt: skip
_DIGITS_LOST = {"PL": 5, "DE": 5, "US": 5, "FR": 5, "IT": 5, "ES": 5, "CZ": 5}

_UNIT = r"(?:\b(?:m|lok|lokal|mieszk|mieszkanie|flat|apt|apartment|unit|suite)\b|#)"
_NUMBER = r"\d+\s?[a-z]?(?![a-z\d])(?:\s?[/-]\s?\d+\s?[a-z]?(?![a-z\d]))*"
_TRAILING = re.compile(rf"(?i)(?P<street>.*?)[,\s]*\b(?:(?:nr|no)\b\.?\s*)?(?P<number>{_NUMBER})\.?\Z")
_LEADING = re.compile(rf"(?i)(?P<number>{_NUMBER})[,\s]+(?P<street>\S.*)\Z")
_LAST_UNIT = re.compile(rf"(?i)[,\s]+{_UNIT}\.?\s*(?P<unit>\d+\s?[a-z]?|[a-z])\.?\Z")
_FIRST_UNIT = re.compile(rf"(?i)\A{_UNIT}\.?\s*(?P<unit>\d+\s?[a-z]?|[a-z])[,\s]+(?=\S)")
_UNIT_WORD = re.compile(rf"{_UNIT}\.?(?=\W*\w)")
_NUMBER_WORD = re.compile(r"\b(?:nr|no|number|numer)\b\.?")


@lru_cache(maxsize=2**16)
def street(value: str) -> str:
    """Comparison form of a street's name (house number already split off): folded, kinds of street written out.

    `ul.` is dropped, for it is the kind nobody names; `al. Pokoju` → `aleja pokoju`, `High St` → `high street`,
    `ul. św. Anny` and `Świętej Anny` → `sw anny`.
    """
    tokens = list(words(value))
    while len(tokens) > 1 and tokens[0] in _DROPPED_FIRST:
        del tokens[0]
    if len(tokens) > 1:
        tokens[0] = _FIRST.get(tokens[0], tokens[0])
        tokens[-1] = _LAST.get(tokens[-1], tokens[-1])
    if tokens and len(tokens[-1]) > 5 and tokens[-1].endswith("str"):
        tokens[-1] += "asse"
    return " ".join(_ANYWHERE.get(token, token) for token in tokens)


@lru_cache(maxsize=2**16)
def split_street(text: str) -> tuple[str, str]:
    """A street line as (street as written, house number): `ul. Długa 12/4` → (`ul. Długa`, `12/4`).

    Numbers after the street (Poland, Germany) and before it (`12 High Street`) are known, flats too (`Flat 3, 12 High
    St` → `12/3`). A date that is a street's name (`3 Maja`) stays. Without a number the second part is empty.
    """
    line = clean(text).rstrip(".,; ")
    line, unit = _without_unit(line)
    found = _TRAILING.fullmatch(line)
    if not found:
        found = _LEADING.match(line)
        if found and fold(found["street"]).partition(" ")[0] in _AFTER_A_DAY:
            found = None
    if not found:
        return clean(text).strip(" ,;"), ""
    return found["street"].strip(" ,;"), house_number(f"{found['number']}/{unit}" if unit else found["number"])


@lru_cache(maxsize=2**16)
def house_number(value: str) -> str:
    """Comparison form of a house number with flat: `12 A m. 4` → `12a/4`, `nr 7` → `7`."""
    text = value
    while (shorter := _house_number(text)) != text:  # taking spaces out can make a word that stands for "number"
        text = shorter
    return text


@lru_cache(maxsize=2**16)
def postcode(value: str, country: str = "") -> str:
    """Comparison form of a postcode: letters and digits only, upper case (`00-950` → `00950`, `sw1a 1aa` → `SW1A1AA`).

    With the country's ISO code a prefix (`PL-`, `D-`) and a ZIP+4 ending go, and zeros a spreadsheet ate come back.
    Empty when nothing remains, or only zeros.
    """
    code = "".join(words(re.sub(r"\.0+\Z", "", clean(value)))).upper()
    land = country.upper()
    if land:
        code = re.sub(rf"\A(?:{re.escape(land)}|{re.escape(land[0])})(?=\d)", "", code)
    if land == "US" and len(code) == 9:
        code = code[:5]
    length = _DIGITS_LOST.get(land, 0)
    if length - 2 <= len(code) < length and code.isdecimal():
        code = code.zfill(length)
    return code if code.strip("0") else ""


@lru_cache(maxsize=2**16)
def city(value: str) -> str:
    """Comparison form of a town: folded, without postcode, district after a comma or `m. st.`; exonyms resolved."""
    first = next((part for part in value.split(",") if any(map(str.isalpha, part))), "")
    name = " ".join(word for word in words(first) if not any(map(str.isdigit, word)))
    name = re.sub(r"\Am st ", "", name)
    return _CITIES.get(name, re.sub(r"\A(?:st) (?=.)", "saint ", name))


def _without_unit(line: str) -> tuple[str, str]:
    for pattern in (_LAST_UNIT, _FIRST_UNIT):
        found = pattern.search(line)
        if found:
            return line[: found.start()] + line[found.end() :], found["unit"]
    return line, ""


def _house_number(value: str) -> str:
    text = _NUMBER_WORD.sub(" ", clean(value).casefold())
    text = _UNIT_WORD.sub("/", text)
    text = "/".join("-".join(fold(piece).replace(" ", "") for piece in part.split("-")) for part in text.split("/"))
    return re.sub(r"[/-]*/[/-]*", "/", re.sub(r"-+", "-", text)).strip("/-")
