"""Who meets a rule, told in plain Python over the rows of a world: what the compiler is held against."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm360.consents import reaching
from crm360.segments import compiler
from tests.segments.world import World

ZONE = ZoneInfo("Europe/Warsaw")


def members(
    world: World, rule: dict[str, Any], now: datetime, *, marketing: bool = True, others: dict[int, Any] | None = None
) -> set[int]:
    """Profile ids that meet a rule document; `others`: segment → its members."""
    return {
        each
        for each in world.golden
        if not out(world, each, now, marketing) and meets(world, each, rule, now, others or {})
    }


def out(world: World, who: int, now: datetime, marketing: bool) -> bool:
    kinds = {"restriction"} | ({"objection_marketing"} if marketing else set())
    return any(
        world.profile_of[contact] == who and kind in kinds and since <= now and (until is None or now < until)
        for contact, kind, since, until in world.stops
    )


def meets(world: World, who: int, rule: dict[str, Any], now: datetime, others: dict[int, Any]) -> bool:
    if "except" in rule and part(world, who, rule["except"], now, others):
        return False
    return part(world, who, rule["match"], now, others)


def part(world: World, who: int, said: dict[str, Any], now: datetime, others: dict[int, Any]) -> bool:
    if "group" in said:
        met = [part(world, who, each, now, others) for each in said["of"]]
        return {"all": all(met), "any": any(met), "none": not any(met)}[said["group"]]
    return bool(globals()[f"_{said['if']}"](world, who, said, now, others))


def compare(left: float, op: str, right: float) -> bool:
    return {
        "at_least": left >= right,
        "at_most": left <= right,
        "exactly": left == right,
        "more_than": left > right,
        "less_than": left < right,
    }[op]


def text(value: Any, op: str, wanted: Any) -> bool:
    known = isinstance(value, str) and value != ""
    if op == "known":
        return known
    if op == "unknown":
        return not known
    if op == "is_not":
        return not text(value, "is", wanted)
    if not known:
        return False
    wants = wanted if op == "one_of" else [wanted]
    have = value.lower()
    tests = {
        "is": have.__eq__,
        "one_of": have.__eq__,
        "contains": lambda w: w in have,
        "starts": have.startswith,
        "ends": have.endswith,
    }
    return any(tests[op](each.lower()) for each in wants)


KEYS = {"product": "name", "price": "unit_price_minor"}
#: Of events that keep a property under another name than most.
OWN_KEYS = {"review.written": {"product": "product", "text": "snippet"}}
NUMBERS = ("price", "quantity", "total", "rating")


def events(
    world: World, who: int, what: dict[str, Any], of: str = "", currency: str = ""
) -> list[tuple[datetime, float | None]]:
    found = []
    if what["event"] in ("order", "order.returned"):
        for order in world.orders:
            kind = "sale" if what["event"] == "order" else "return"
            if (
                world.profile_of[order.contact] == who
                and order.kind == kind
                and order.status not in ("cancelled", "announced")
            ):
                net = order.total_minor - order.refunded_minor
                plain = {"channel": order.channel, "store": "", "total": net}
                lines = [f for f in what.get("where", ()) if f["name"] in ("category", "product", "sku")]
                rest = [f for f in what.get("where", ()) if f not in lines]
                fits = all(_fits(plain[f["name"]], f, money=f["name"] == "total") for f in rest)
                if lines:
                    fits = fits and any(
                        all(_fits({"category": c, "product": n, "sku": s}[f["name"]], f) for f in lines)
                        for c, n, s in order.lines
                    )
                if fits and (not of or order.currency == currency):
                    found.append((order.at, net if of else None))
        return found
    for event in world.events:
        if world.profile_of[event.contact] == who and event.kind == what["event"]:
            said = event.properties
            keys = OWN_KEYS.get(event.kind, KEYS)
            fits = all(
                _fits(said.get(keys.get(f["name"], f["name"])), f, money=f["name"] == "price")
                for f in what.get("where", ())
            )
            if fits and (not of or not currency or said.get("currency") == currency):
                amount = said.get(KEYS.get(of, of)) if of else None
                found.append((event.at, amount if isinstance(amount, int | float) else None))
    return found


def _fits(value: Any, asked: dict[str, Any], money: bool = False) -> bool:
    if asked["op"] in ("at_least", "at_most", "exactly", "more_than", "less_than"):
        return isinstance(value, int | float) and compare(value, asked["op"], asked["value"] * (100 if money else 1))
    if asked["name"] in NUMBERS:
        return isinstance(value, int | float) == (asked["op"] == "known")
    return text(value, asked["op"], asked.get("value"))


def inside(at: datetime, window: dict[str, Any] | None, now: datetime) -> bool:
    if at > now:
        return False
    kind = (window or {}).get("kind", "ever")
    if kind in ("last", "ago"):
        edge = now - span(window["span"])  # type: ignore[index]
        return at > edge if kind == "last" else at <= edge
    since, until = ((window or {}).get(name) for name in ("since", "until"))
    return (not since or at >= datetime.fromisoformat(since)) and (not until or at < datetime.fromisoformat(until))


def span(said: dict[str, Any]) -> timedelta:
    return timedelta(**{said.get("unit", "days"): said["n"]})


def _did(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    count = sum(inside(at, said.get("when"), now) for at, _ in events(world, who, said["what"]))
    return compare(count, said["op"], said["n"])


def _total(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    money = said["of"] in ("total", "price")
    currency = said.get("currency", "PLN" if money else "")
    found = events(world, who, said["what"], said["of"], currency)
    amounts = [amount for at, amount in found if amount is not None and inside(at, said.get("when"), now)]
    if not amounts:
        return False
    total = {"sum": sum(amounts), "avg": sum(amounts) / len(amounts), "max": max(amounts), "min": min(amounts)}[
        said["by"]
    ]
    return compare(total, said["op"], said["value"] * (100 if money else 1))


def _extreme(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    past = [at for at, _ in events(world, who, said["what"]) if at <= now]
    if not past:
        return False
    return inside(min(past) if said["which"] == "first" else max(past), said["when"], now)


def _without(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    then = [at for at, _ in events(world, who, said["other"]) if at <= now]
    for at, _ in events(world, who, said["what"]):
        end = at + span(said["within"]) if said.get("within") else now
        if inside(at, said.get("when"), now) and end <= now and not any(at < other <= end for other in then):
            return True
    return False


def _field(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    return text(world.golden[who].get(said["field"]), said["op"], said.get("value"))


def _birth(world: World, who: int) -> date | None:
    born = world.golden[who].get("birth_date", "")
    return date.fromisoformat(born) if len(born) == 10 else None


def _age(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    born, today = _birth(world, who), now.astimezone(ZONE).date()
    if not born:
        return False
    return compare(
        today.year - born.year - ((today.month, today.day) < (born.month, born.day)), said["op"], said["years"]
    )


def _birthday(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    born, today = _birth(world, who), now.astimezone(ZONE).date()
    if not born:
        return False
    for number in range(said.get("days", 0) + 1):
        day = today + timedelta(days=number)
        leap = day.year % 4 == 0
        kept = (2, 28) if (born.month, born.day) == (2, 29) and not leap else (born.month, born.day)
        if (day.month, day.day) == kept:
            return True
    return False


def _identifier(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    held = [
        normal
        for contact, kind, normal in world.identifiers
        if world.profile_of[contact] == who and kind == said["kind"]
    ]
    if said["op"] == "ends":
        return any(normal.endswith(said["value"]) for normal in held)
    return bool(held) == (said["op"] == "has")


def _tag(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    bears = any(
        world.profile_of[contact] == who and name.lower() == said["tag"].lower() for contact, name in world.tags
    )
    return bears == (said["op"] == "has")


def _label(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    bears = any(
        world.profile_of.get(contact) == who and name.lower() == said["label"].lower() for contact, name in world.labels
    )
    return bears == (said["op"] == "has")


READ = {"1 250": 1250, "2,5": 2, "-3": -3}


def _points(world: World, who: int, said: dict[str, Any]) -> bool:
    told = [READ.get(each, each) for contact, each in world.points.items() if world.profile_of.get(contact) == who]
    numbers = [each for each in told if not isinstance(each, str)]
    if said["op"] in ("known", "unknown"):
        return bool(numbers) == (said["op"] == "known")
    return bool(numbers) and compare(sum(numbers), said["op"], said["value"])


def _value(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    if said["field"] == "points":
        return _points(world, who, said)
    row = world.values.get(who, {"orders": 0, "spend_minor": 0})
    value = row.get({"spend": "spend_minor"}.get(said["field"], said["field"]))
    if said["field"] == "favourite_category":
        return text(value, said["op"], said.get("value"))
    if said["op"] in ("known", "unknown"):
        return ((world.values.get(who) is not None) and value is not None) == (said["op"] == "known")
    return value is not None and compare(value, said["op"], said["value"] * (100 if said["field"] == "spend" else 1))


def _consent(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    """The one decision of consents, which has tests of its own."""
    (found,) = reaching.reach([who], purpose=said["purpose"], channel=said["channel"], now=now)
    return found.reachable == (said["op"] == "may")


def _segment(world: World, who: int, said: dict[str, Any], now: datetime, others: dict[int, Any]) -> bool:
    return (who in others[said["segment"]]) == (said["op"] == "in")


def _random(world: World, who: int, said: dict[str, Any], now: datetime, others: Any) -> bool:
    return compiler.draw(who, said["salt"]) < round(said["percent"] * 100)
