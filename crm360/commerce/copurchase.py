"""What customers of one product also buy: support, confidence and lift of pairs of products. Pure.

Counted by customers, not by baskets: "of the 120 who bought A, 42 bought B as well, 3.1 times as many as among all".
Returned and called-off purchases are for the caller to leave out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

#: The most bought products are compared with each other; of each, so many others are kept.
MOST_PRODUCTS, MOST_PER_PRODUCT = 4000, 12
#: Fewer customers in common than this are chance, and a lift under this says nothing.
LEAST_BOTH, LEAST_LIFT = 3, 1.1


class Pair(NamedTuple):
    """`both` of the `buyers` of `product` also bought `other`; `lift` times as many as among all `customers`."""

    product: str
    other: str
    both: int
    buyers: int
    other_buyers: int
    customers: int

    @property
    def support(self) -> float:
        return self.both / self.customers

    @property
    def confidence(self) -> float:
        return self.both / self.buyers

    @property
    def lift(self) -> float:
        return self.both * self.customers / (self.buyers * self.other_buyers)


def pairs(bought: Iterable[tuple[int, str]]) -> list[Pair]:
    """Pairs worth telling of (customer, product) rows, repeats allowed; by product, the surest first."""
    rows = set(bought)
    who = {customer: place for place, customer in enumerate(sorted({customer for customer, _ in rows}))}
    products = _most_bought(rows)
    where = {product: place for place, product in enumerate(products)}
    cells = [(who[customer], where[product]) for customer, product in rows if product in where]
    if not cells:
        return []
    customers, columns = np.array(cells).T
    matrix = sparse.csr_array((np.ones(len(cells), dtype=np.int32), (customers, columns)), (len(who), len(products)))
    together = (matrix.T @ matrix).tocsr()
    counts = together.diagonal().tolist()
    return [pair for place in range(len(products)) for pair in _best(together, counts, place, products, len(who))]


def _most_bought(rows: Collection[tuple[int, str]]) -> list[str]:
    counts: dict[str, int] = {}
    for _, product in rows:
        counts[product] = counts.get(product, 0) + 1
    return sorted(counts, key=lambda product: (-counts[product], product))[:MOST_PRODUCTS]


def _best(together: Any, counts: Sequence[int], place: int, products: Sequence[str], customers: int) -> list[Pair]:
    found = []
    start, end = together.indptr[place], together.indptr[place + 1]
    for other, both in zip(together.indices[start:end].tolist(), together.data[start:end].tolist(), strict=True):
        if other != place and both >= LEAST_BOTH:
            found.append(Pair(products[place], products[other], both, counts[place], counts[other], customers))
    worth = [pair for pair in found if pair.lift >= LEAST_LIFT]
    return sorted(worth, key=surest)[:MOST_PER_PRODUCT]


def surest(pair: Pair) -> tuple[float, float, str, str]:
    """Sorts pairs: who leads to the other product most surely comes first."""
    return -pair.confidence, -pair.lift, pair.other, pair.product
