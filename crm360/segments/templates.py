"""Rules most shops want, to start from. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from crm360.segments.catalog import Named


class Template(NamedTuple):
    """`needs`: an event there must be some of before it makes sense; empty: none."""

    name: Named
    why: Named
    rule: Mapping[str, Any]
    needs: str = ""


def _all(*parts: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": 1, "match": {"group": "all", "of": list(parts)}}


def _last(n: int, unit: str = "days") -> dict[str, Any]:
    return {"kind": "last", "span": {"n": n, "unit": unit}}


def _score(name: str, op: str, value: int) -> dict[str, Any]:
    return {"if": "value", "field": f"{name}_score", "op": op, "value": value}


_ORDER = {"event": "order"}

TEMPLATES: Mapping[str, Template] = {
    "champions": Template(
        Named("Champions", "Najlepsi klienci"),
        Named("Bought lately, often and for much.", "Kupują od niedawna, często i dużo."),
        _all(_score("recency", "at_least", 4), _score("frequency", "at_least", 4), _score("monetary", "at_least", 4)),
    ),
    "at-risk": Template(
        Named("At risk", "Zagrożeni"),
        Named("Good customers who have not bought for long.", "Dobrzy klienci, którzy dawno nie kupowali."),
        _all(_score("recency", "at_most", 2), _score("frequency", "at_least", 3), _score("monetary", "at_least", 3)),
    ),
    "cart-abandoned": Template(
        Named("Added to cart, did not buy", "Dodali do koszyka, nie kupili"),
        Named("Put something into a cart in the last 7 days and bought nothing since.", "W ciągu 7 dni dodali coś do koszyka i od tego czasu nic nie kupili."),
        _all({"if": "without", "what": {"event": "cart.added"}, "other": _ORDER, "when": _last(7)}),
    ),
    "first-purchase": Template(
        Named("First purchase", "Pierwszy zakup"),
        Named("Bought for the first time in the last 30 days.", "Pierwszy raz kupili w ciągu ostatnich 30 dni."),
        _all({"if": "extreme", "which": "first", "what": _ORDER, "when": _last(30)}),
    ),
    "win-back": Template(
        Named("Win back", "Do odzyskania"),
        Named("Bought twice or more, the last time over 180 days ago.", "Kupili co najmniej 2 razy, ostatnio ponad 180 dni temu."),
        _all(
            {"if": "did", "what": _ORDER, "op": "at_least", "n": 2},
            {"if": "extreme", "which": "latest", "what": _ORDER, "when": {"kind": "ago", "span": {"n": 180}}},
        ),
    ),
    "birthday": Template(
        Named("Birthday within a week", "Urodziny w ciągu tygodnia"),
        Named("To congratulate in time.", "Aby zdążyć z życzeniami."),
        _all({"if": "birthday", "days": 7}),
    ),
    "detractors": Template(
        Named("Detractors", "Krytycy"),
        Named("Answered “how likely would you recommend us” with 6 or less in the last 90 days.", "W ciągu 90 dni na pytanie o polecenie nas odpowiedzieli 6 lub mniej."),
        _all(
            {
                "if": "did",
                "what": {
                    "event": "survey.answered",
                    "where": [{"name": "kind", "op": "is", "value": "nps"}, {"name": "score", "op": "at_most", "value": 6}],
                },
                "op": "at_least", "n": 1, "when": _last(90),
            }
        ),
        needs="survey.answered",
    ),
}  # fmt: skip
