"""How well two values of one field agree, as a named level: the one definition online and batch comparison share. Pure.

Levels and thresholds follow the practice of the field: equality, then edit distance and Jaro–Winkler similarity
(Winkler 1990), with rules of our own for names that people write in several ways.
"""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from crm360.normalise import dates, name
from crm360.normalise.nicknames import KNOWN

#: Every level a comparison can give, strongest first; a model has a weight for each.
LEVELS: dict[str, tuple[str, ...]] = {
    "national_id": ("same", "similar", "near", "shared by many", "different"),
    "customer_id": ("same", "shared by many", "different"),
    "chat_id": ("same", "shared by many", "different"),
    "card": ("same", "shared by many", "different"),
    "email": ("same", "same name", "similar", "alike", "shared by many", "different"),
    "phone": ("same", "similar", "shared by many", "different"),
    "name": ("swapped", "misplaced", "half swapped"),
    "given_name": ("same", "nickname", "similar", "initial", "different"),
    "family_name": ("same", "similar", "part", "alike", "different"),
    "birth_date": ("same", "close", "part", "near", "different"),
    "address": ("same door", "same street", "same number", "same postcode", "near postcode", "same city", "different"),
    "birth_place": ("same", "similar", "different"),
    "job_title": ("same", "similar", "different"),
    "company": ("same", "similar", "different"),
    "address_2": ("same", "similar", "different"),
}
#: Fields whose text is compared as it stands.
TEXTS = ("birth_place", "job_title", "company", "address_2")

SWAPPED = 1.84
GIVEN_ALIKE = 0.9
FAMILY_ALIKE = 0.88
#: Below this two names are two, whatever letters they share.
HOPELESS = 0.7
#: Names so short are one slip apart however little alike.
BRIEF = 3
STREET_ALIKE = 0.9
CITY_ALIKE = 0.92
TEXT_ALIKE = 0.9
EMAIL_ALIKE = 0.92
#: Local parts shorter than this are anybody's.
LOCAL_LENGTH = 6
#: Domains shorter than this may well be two.
DOMAIN_LENGTH = 8
#: Digits at a phone number's end that name the line whatever prefix it was written with.
PHONE_END = 9
#: A year and a little, in months of 31 days.
NEAR_DAYS = 380


def jaro_winkler(a: str, b: str) -> float:
    """Similarity 0 to 1, the same both ways (the measure itself is not always)."""
    return JaroWinkler.similarity(*((a, b) if a <= b else (b, a)))


def given_level(a: str, b: str) -> str:
    """same · nickname · similar · initial · different, or "unknown" where a side holds no name."""
    level = name.same_given(a, b)
    return "similar" if level == "different" and _typing_error(a, b) else level


@lru_cache(maxsize=1 << 17)
def _typing_error(a: str, b: str) -> bool:
    """One the nickname rules did not settle (Polish name pairs that tell the sexes apart are settled)."""
    if min(len(a), len(b)) <= 3 or a.endswith("a") != b.endswith("a") or (a in KNOWN and b in KNOWN):
        return False
    likeness = jaro_winkler(a, b)
    if likeness >= GIVEN_ALIKE and (len(a) != len(b) or a[-1] == b[-1]):
        return True
    return likeness >= HOPELESS and _jumbled(a, b)


def _jumbled(a: str, b: str) -> bool:
    """The same letters in another order, the first in its place."""
    return a[0] == b[0] and sorted(a) == sorted(b)


@lru_cache(maxsize=1 << 17)
def family_level(a: str, b: str) -> str:
    """same · part (a double-barrelled name after marriage) · similar (a typing error) · alike · different."""
    if a == b:
        return "same"
    if set(name.family_parts(a)) & set(name.family_parts(b)):
        return "part"
    distance = OSA.distance(a.replace(" ", ""), b.replace(" ", ""))
    if distance <= (1 if min(len(a), len(b)) < 6 else 2) and min(len(a), len(b)) > 3:
        return "similar"
    likeness = jaro_winkler(a, b)
    slip = (distance <= 1 and a[0] == b[0] and max(len(a), len(b)) >= BRIEF) or (
        likeness >= HOPELESS and _jumbled(a, b)
    )
    return "alike" if likeness >= FAMILY_ALIKE or slip else "different"


def name_level(mine: tuple[str, str], theirs: tuple[str, str]) -> str:
    """swapped (given and family name exchanged) · misplaced (a lone name, in the wrong place) · half swapped · "" else."""
    if all(mine) and all(theirs) and _swapped(mine, theirs):
        return "swapped"
    crossed = (mine[0] and mine[0] == theirs[1], mine[1] and mine[1] == theirs[0])
    if not any(crossed) or (mine[0] == theirs[0] or mine[1] == theirs[1]):
        return ""
    if all(mine) and all(theirs):
        return "half swapped"
    beside = (mine[1] and theirs[0]) if crossed[0] else (mine[0] and theirs[1])
    return "" if beside else "misplaced"


def _swapped(mine: tuple[str, str], theirs: tuple[str, str]) -> bool:
    initials = mine[0][0] == theirs[1][0] or mine[1][0] == theirs[0][0]
    if mine == theirs or mine[0] == mine[1] or not initials:
        return False
    crossed = jaro_winkler(mine[0], theirs[1]) + jaro_winkler(mine[1], theirs[0])
    straight = jaro_winkler(mine[0], theirs[0]) + jaro_winkler(mine[1], theirs[1])
    return crossed >= SWAPPED and crossed > straight


@lru_cache(maxsize=1 << 17)
def birth_date_level(a: str, b: str) -> str:
    """same · close (a digit, two digits or day and month exchanged) · part (two of three) · near (a year) · different."""
    if a == b:
        return "same"
    distance = OSA.distance(a, b, score_cutoff=2)
    if distance == 1 or dates.transposed(a, b):
        return "close"
    agreeing = sum(one == other for one, other in zip(a.split("-"), b.split("-"), strict=True))
    if agreeing >= 2 or distance == 2:
        return "part"
    return "near" if abs(_day(a) - _day(b)) <= NEAR_DAYS else "different"


def _day(date: str) -> int:
    """A day's number in months of 31 days: mistyped dates have one too."""
    year, month, day = map(int, date.split("-"))
    return (year * 12 + month) * 31 + day


@lru_cache(maxsize=1 << 17)
def email_level(a: str, b: str) -> str:
    """same · same name (another provider) · similar (one slip) · alike · different."""
    if a == b:
        return "same"
    mine, theirs = a.partition("@")[0], b.partition("@")[0]
    distance = OSA.distance(a, b, score_cutoff=2)
    if mine == theirs and distance <= 2 and min(len(a), len(b)) - len(mine) > DOMAIN_LENGTH:
        return "similar"  # the domain mistyped
    if mine == theirs and len(mine) >= LOCAL_LENGTH:
        return "same name"
    if min(len(mine), len(theirs)) < LOCAL_LENGTH:
        return "different"
    if distance == 1:
        return "similar"
    return "alike" if distance == 2 or jaro_winkler(a, b) >= EMAIL_ALIKE else "different"


def phone_level(a: str, b: str) -> str:
    """same · similar (another prefix, or one digit) · different."""
    if a == b:
        return "same"
    return "similar" if a[-PHONE_END:] == b[-PHONE_END:] or OSA.distance(a, b, score_cutoff=1) <= 1 else "different"


def national_id_level(a: str, b: str) -> str:
    """same · similar (one slip) · near (two) · different."""
    distance = OSA.distance(a, b, score_cutoff=2)
    return ("same", "similar", "near", "different")[min(distance, 3)]


@lru_cache(maxsize=1 << 17)
def street_alike(a: str, b: str) -> bool:
    return a == b or jaro_winkler(a, b) >= STREET_ALIKE


@lru_cache(maxsize=1 << 17)
def city_alike(a: str, b: str) -> bool:
    return a == b or jaro_winkler(a, b) >= CITY_ALIKE


@lru_cache(maxsize=1 << 17)
def postcode_near(a: str, b: str) -> bool:
    """One slip apart, two digits exchanged included."""
    return a != b and OSA.distance(a, b, score_cutoff=1) == 1


@lru_cache(maxsize=1 << 17)
def text_level(a: str, b: str) -> str:
    """same · similar · different."""
    if a == b:
        return "same"
    return "similar" if jaro_winkler(a, b) >= TEXT_ALIKE else "different"


def area_level(postcodes: tuple[str, str], cities: tuple[str, str]) -> str:
    """same postcode · near postcode · same city · different, or "" where nothing can be compared."""
    if all(postcodes) and postcodes[0] == postcodes[1]:
        return "same postcode"
    same_city = all(cities) and city_alike(*cities)
    if all(postcodes) and postcode_near(*postcodes):
        return "near postcode"
    if same_city:
        return "same city"
    return "different" if all(postcodes) or all(cities) else ""


def address_level(
    streets: tuple[str, str], houses: tuple[str, str], postcodes: tuple[str, str], cities: tuple[str, str]
) -> str:
    """One level for the whole address, for its parts are not independent evidence; "" where nothing can be compared."""
    area = area_level(postcodes, cities)
    number = all(houses) and houses[0] == houses[1]
    if all(streets):
        alike = street_alike(*streets)
        if alike and number and area != "different":
            return "same door"
        if alike and area not in ("different", ""):
            return "same street"
        area = area or "different"
    return "same number" if number and area in ("same postcode", "near postcode", "same city") else area
