"""Thousands of people are found in bytes by the same rules as one is."""

from __future__ import annotations

import json
import random
from urllib.parse import quote

import pytest

from crm360.privacy import needles
from crm360.privacy.needles import Needles

FORMS = (
    lambda value, _: value, lambda value, _: value.upper(), lambda value, _: quote(value), lambda value, _: json.dumps(value),
    lambda value, _: value.replace("+48", "0048 "), lambda value, at: f"{value[:at]} {value[at:]}",
    lambda value, at: f"{value[:at]}-{value[at:]}", lambda value, _: f"x{value}", lambda value, _: f"{value}x",
)  # fmt: skip


def crowd(size: int) -> list[str]:
    kinds = (
        "user{0}.nowak@example.com",
        "+486{0:08d}",
        "zażółć{0}@x.pl",
        "CARD-{0:08d}",
        "sklep:cus_{0:012d}",
        "601 {0:06d}",
    )
    return [kinds[number % len(kinds)].format(number) for number in range(size)]


def test_many_are_found_where_each_alone_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    chance, everybody = random.Random(5), crowd(2000)
    wanted = chance.sample(everybody, needles._MANY + 20)
    many = Needles(wanted)
    monkeypatch.setattr(needles, "_MANY", 10**9)
    one_by_one, hits = Needles(wanted), 0
    for _ in range(500):
        value = chance.choice(wanted if chance.random() < 0.5 else everybody)
        body = f"of {chance.choice(FORMS)(value, chance.randrange(4, 9))} too".encode()
        assert many.within(body) == one_by_one.within(body), body
        hits += many.within(body)
    assert 100 < hits < 400
    assert not Needles([])
