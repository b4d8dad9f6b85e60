"""Rule documents drawn by chance."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from tests.segments.world import NOW

OPS = ("at_least", "at_most", "exactly", "more_than", "less_than")
TEXTS = ("is", "is_not", "contains", "starts", "ends", "one_of", "known", "unknown")
WORDS = ("coffee", "negative", "TEA", "łyżki", "Kraków", "łódź", "e", "wars", "PL", "de")


def rule(random: Random, others: list[int] = []) -> dict[str, Any]:  # noqa: B006 - only read
    said = {"version": 1, "match": group(random, 0, others)}
    if random.random() < 0.3:
        said["except"] = group(random, 1, others)
    return said


def group(random: Random, depth: int, others: list[int]) -> dict[str, Any]:
    parts = [
        group(random, depth + 1, others) if depth < 2 and random.random() < 0.25 else leaf(random, others)
        for _ in range(random.randrange(1, 4))
    ]
    return {"group": random.choice(("all", "all", "any", "none")), "of": parts}


def window(random: Random) -> dict[str, Any]:
    kind = random.choice(("ever", "last", "last", "ago", "between"))
    if kind in ("last", "ago"):
        n, unit = random.choice(((1, "days"), (2, "days"), (7, "days"), (30, "days"), (36, "hours"), (90, "minutes")))
        return {"kind": kind, "span": {"n": n, "unit": unit}}
    if kind == "between":
        since, until = NOW - timedelta(days=random.choice((40, 30, 7))), NOW - timedelta(days=random.choice((-2, 1, 2)))
        edges = {"since": since.isoformat(), "until": until.isoformat()}
        return {"kind": kind} | dict(random.sample(list(edges.items()), random.choice((1, 2))))
    return {"kind": "ever"}


def asked(random: Random, numeric: bool) -> dict[str, Any]:
    op = random.choice((*OPS, "known", "unknown") if numeric else TEXTS)
    if op in ("known", "unknown"):
        return {"op": op}
    if numeric:
        return {"op": op, "value": random.choice((1, 2, 2.5, 5, 10, 60, 100))}
    return {"op": op, "value": random.sample(WORDS, 2) if op == "one_of" else random.choice(WORDS)}


def what(random: Random) -> dict[str, Any]:
    event = random.choice(
        (
            "order",
            "order",
            "order.returned",
            "cart.added",
            "page.viewed",
            "email.opened",
            "custom.wizyta",
            "review.written",
        )
    )
    names = {
        "order": (("category", False), ("product", False), ("channel", False), ("total", True)),
        "review.written": (("rating", True), ("product", False), ("text", False), ("tone", False)),
        "cart.added": (("category", False), ("quantity", True), ("price", True)),
    }.get(event, ())
    where = [{"name": name, **asked(random, numeric)} for name, numeric in names if random.random() < 0.3]
    if event == "custom.wizyta" and random.random() < 0.5:
        where = [{"name": "stand", "op": "is", "value": "B"}, {"name": "minutes", "op": "at_least", "value": 10}]
    return {"event": event, "where": where} if where else {"event": event}


def leaf(random: Random, others: list[int]) -> dict[str, Any]:  # noqa: PLR0911, PLR0912 - one arm per condition
    kinds = [
        "did",
        "did",
        "did",
        "total",
        "extreme",
        "without",
        "without",
        "field",
        "age",
        "birthday",
        "identifier",
        "tag",
        "label",
        "value",
        "consent",
        "random",
    ]
    match random.choice(kinds + (["segment"] * 2 if others else [])):
        case "did":
            return {
                "if": "did",
                "what": what(random),
                "op": random.choice(OPS),
                "n": random.randrange(4),
                "when": window(random),
            }
        case "total":
            event, of = random.choice(
                (("order", "total"), ("cart.added", "price"), ("cart.added", "quantity"), ("custom.wizyta", "minutes"))
            )
            said = {
                "if": "total",
                "what": {"event": event},
                "of": of,
                "by": random.choice(("sum", "avg", "max", "min")),
            }
            return said | {"op": random.choice(OPS), "value": random.choice((2, 10, 25, 100)), "when": window(random)}
        case "extreme":
            return {
                "if": "extreme",
                "which": random.choice(("first", "latest")),
                "what": what(random),
                "when": window(random),
            }
        case "without":
            said = {"if": "without", "what": what(random), "other": what(random), "when": window(random)}
            return said | ({"within": {"n": random.choice((1, 7)), "unit": "days"}} if random.random() < 0.5 else {})
        case "field":
            return {"if": "field", "field": random.choice(("city", "country")), **asked(random, False)}
        case "age":
            return {"if": "age", "op": random.choice(OPS), "years": random.choice((17, 18, 26, 35, 36, 38))}
        case "birthday":
            return {"if": "birthday", "days": random.choice((0, 3, 30))}
        case "identifier":
            op = random.choice(("has", "lacks", "ends"))
            return {
                "if": "identifier",
                "kind": "email" if op == "ends" else random.choice(("email", "phone")),
                "op": op,
            } | ({"value": "@wp.pl"} if op == "ends" else {})
        case "tag":
            return {"if": "tag", "tag": random.choice(("vip", "żółty", "NEW")), "op": random.choice(("has", "lacks"))}
        case "label":
            return {
                "if": "label",
                "label": random.choice(("hurt", "ŁÓDŹ", "Vip")),
                "op": random.choice(("has", "lacks")),
            }
        case "value":
            field = random.choice(("orders", "spend", "recency_score", "points", "favourite_category"))
            return {"if": "value", "field": field, **asked(random, field != "favourite_category")}
        case "consent":
            return {"if": "consent", "purpose": "offers", "channel": "email", "op": random.choice(("may", "may_not"))}
        case "segment":
            return {"if": "segment", "segment": random.choice(others), "op": random.choice(("in", "not_in"))}
        case _:
            return {"if": "random", "percent": random.choice((10, 50)), "salt": random.choice("ab")}
