"""Gives invented people names as common as in life, by sex, country and year of birth."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Literal, NamedTuple

from crm360.demo import names_abroad, names_polish

Gender = Literal["f", "m"]


class Stock(NamedTuple):
    """Names of one country: given names by generation, surnames, and how much rarer the next surname is."""

    women: tuple[list[str], ...]
    men: tuple[list[str], ...]
    surnames: list[str]


_STOCKS = {
    "PL": Stock(names_polish.WOMEN, names_polish.MEN, names_polish.SURNAMES),
    "GB": Stock(names_abroad.WOMEN, names_abroad.MEN, names_abroad.SURNAMES),
    "IE": Stock(names_abroad.WOMEN, names_abroad.MEN, names_abroad.SURNAMES[-60:] + names_abroad.SURNAMES[:20]),
    "DE": Stock(names_abroad.GERMAN_WOMEN, names_abroad.GERMAN_MEN, names_abroad.GERMAN_SURNAMES),
}
_SHORT_FORMS = {"PL": names_polish.SHORT_FORMS, "GB": names_abroad.SHORT_FORMS, "IE": names_abroad.SHORT_FORMS}


def given_name(rng: Random, *, country: str, gender: Gender, year: int) -> str:
    """A given name of that generation."""
    stock = _STOCKS[country]
    generation = 0 if year < 1965 else 1 if year < 1990 else 2
    names = (stock.women if gender == "f" else stock.men)[generation]
    return rng.choices(names, _falling(len(names), 0.55))[0]


def surname(rng: Random, *, country: str) -> str:
    """A surname in its masculine form. Poland's fall off as in the national register: Nowak twelve times the 250th."""
    names = _STOCKS[country].surnames
    return rng.choices(names, _falling(len(names), 0.45))[0]


def for_gender(family: str, *, country: str, gender: Gender) -> str:
    """The surname as a person of that sex bears it."""
    return names_polish.feminine(family) if country == "PL" and gender == "f" else family


def nickname(given: str, *, country: str) -> str:
    """What friends say, or ""."""
    return _SHORT_FORMS.get(country, {}).get(given, "")


@cache
def _falling(count: int, steepness: float) -> list[float]:
    return [float(rank**-steepness) for rank in range(1, count + 1)]
