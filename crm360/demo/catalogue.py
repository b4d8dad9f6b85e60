"""The demo shop's products, their prices in three currencies and when in the year each shelf sells."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from crm360.demo.catalogue_table import TABLE
from crm360.demo.world import Item, Product

CURRENCY_OF = {"PL": "PLN", "GB": "GBP", "IE": "EUR", "DE": "EUR"}
_PER_ZLOTY = {"EUR": 0.25, "GBP": 0.215}
#: January to December; 10 is an ordinary month.
_SEASONS: dict[str, tuple[int, ...]] = {
    "coffee": (11, 11, 10, 10, 9, 8, 7, 8, 10, 11, 13, 14),
    "brewing": (8, 8, 8, 8, 8, 7, 7, 7, 9, 10, 15, 18),
    "tea": (13, 12, 10, 8, 7, 6, 5, 6, 9, 12, 15, 16),
    "candles": (8, 8, 6, 6, 5, 4, 4, 5, 9, 13, 18, 24),
    "textiles": (9, 8, 8, 9, 9, 8, 8, 8, 10, 12, 13, 13),
    "lighting": (9, 8, 8, 8, 9, 8, 7, 8, 10, 12, 14, 13),
    "garden": (1, 3, 12, 20, 22, 16, 10, 7, 4, 2, 1, 1),
    "gifts": (3, 8, 4, 4, 9, 4, 3, 3, 4, 6, 18, 40),
}
_ORDINARY = (10,) * 12
_ONE_SEASON = {"COF-1010": (11, 12), "TEA-3007": (10, 11, 12, 1, 2), "LGT-7011": (11, 12), "CND-8010": (10, 11, 12),
               "GFT-9805": (10, 11), "GFT-9806": (11, 12), "COF-1012": (5, 6, 7, 8)}  # fmt: skip
_CONSUMED = frozenset({"coffee", "tea", "candles"})


@lru_cache(maxsize=1)
def products() -> tuple[Product, ...]:
    """Every product, in shelf order."""
    found, category = [], ""
    for line in TABLE.strip().splitlines():
        cells = [cell.strip() for cell in line.removeprefix("=").split("|")]
        if line.startswith("="):
            category = cells[0]
            continue
        sku, polish, english, zloty = cells
        found.append(Product(sku=sku, category=category, name_pl=polish, name_en=english, prices=prices(int(zloty))))
    return tuple(found)


@lru_cache(maxsize=1)
def shelves() -> dict[str, tuple[str, str]]:
    """Category → its Polish and English name."""
    rows = (line.removeprefix("=").split("|") for line in TABLE.strip().splitlines() if line.startswith("="))
    return {key.strip(): (polish.strip(), english.strip()) for key, polish, english in rows}


def product(sku: str) -> Product:
    """The product of that SKU."""
    return next(found for found in products() if found.sku == sku)


def prices(zloty: int) -> dict[str, int]:
    """Minor units by currency: whole złoty, and the nearest .50 or .90 abroad."""
    found = {"PLN": zloty * 100}
    for currency, rate in _PER_ZLOTY.items():
        whole = int(zloty * rate)
        found[currency] = whole * 100 + (50 if zloty * rate - whole < 0.5 else 90)
    return found


def pick(rng: Random, *, month: int, favourites: tuple[str, ...] = ()) -> Product:
    """A product as likely as it sells in that month, favourite shelves four times as often."""
    candidates, weights = _weighted(month)
    if favourites and rng.random() < 0.6:
        chosen = [
            (found, weight) for found, weight in zip(candidates, weights, strict=True) if found.category in favourites
        ]
        candidates, weights = tuple(found for found, _ in chosen), tuple(weight for _, weight in chosen)
    return rng.choices(candidates, weights)[0]


def basket(rng: Random, *, month: int, favourites: tuple[str, ...], size: float) -> tuple[Item, ...]:
    """Different products, `size` on average; what is used up is bought in twos and threes."""
    count = min(8, max(1, round(rng.expovariate(1 / size))))
    chosen = dict.fromkeys(pick(rng, month=month, favourites=favourites) for _ in range(count))
    return tuple(Item(product=found, quantity=_quantity(rng, found)) for found in chosen)


def _quantity(rng: Random, found: Product) -> int:
    if found.category in _CONSUMED:
        return rng.choices((1, 2, 3, 4), (60, 26, 9, 5))[0]
    if found.category == "tableware":
        return rng.choices((1, 2, 4, 6), (55, 22, 15, 8))[0]
    return rng.choices((1, 2), (94, 6))[0]


@lru_cache(maxsize=12)
def _weighted(month: int) -> tuple[tuple[Product, ...], tuple[float, ...]]:
    """Products sold that month; the cheaper ones go oftener."""
    pairs = [
        (found, _SEASONS.get(found.category, _ORDINARY)[month - 1] / (found.prices["PLN"] / 100 + 40) ** 0.7)
        for found in products()
        if month in _ONE_SEASON.get(found.sku, (month,))
    ]
    return tuple(found for found, _ in pairs), tuple(weight for _, weight in pairs)
