"""A rule as a form: fields named by their place, read back into a document; cards added and removed without script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from crm360.kernel.errors import Invalid
from crm360.segments import catalog

#: What a new condition says before anybody changed it: whole, so that it can be counted at once.
_LAST = {"kind": "last", "span": {"n": 30, "unit": "days"}}
FRESH: Mapping[str, dict[str, Any]] = {
    "did": {"if": "did", "what": {"event": "order"}, "op": "at_least", "n": 1, "when": _LAST},
    "without": {
        "if": "without", "what": {"event": "cart.added"}, "other": {"event": "order"},
        "when": {"kind": "last", "span": {"n": 7, "unit": "days"}},
    },
    "extreme": {
        "if": "extreme", "which": "latest", "what": {"event": "order"},
        "when": {"kind": "ago", "span": {"n": 180, "unit": "days"}},
    },
    "total": {
        "if": "total", "what": {"event": "order"}, "of": "total", "by": "sum", "op": "at_least", "value": 500,
        "when": {"kind": "last", "span": {"n": 365, "unit": "days"}}, "currency": "PLN",
    },
    "value": {"if": "value", "field": "orders", "op": "at_least", "value": 2},
    "field": {"if": "field", "field": "city", "op": "known"},
    "age": {"if": "age", "op": "at_least", "years": 18},
    "birthday": {"if": "birthday", "days": 7},
    "identifier": {"if": "identifier", "kind": "email", "op": "has"},
    "tag": {"if": "tag", "tag": "VIP", "op": "has"},
    "label": {"if": "label", "label": "VIP", "op": "has"},
    "consent": {"if": "consent", "purpose": "marketing", "channel": "email", "op": "may"},
    "segment": {"if": "segment", "segment": 0, "op": "in"},
    "random": {"if": "random", "percent": 10, "salt": "A"},
}  # fmt: skip

_WHOLE = frozenset({"n", "years", "days", "segment"})
_REAL = frozenset({"percent"})


class UnreadableForm(Invalid):
    """A form nobody filled in."""


def empty() -> dict[str, Any]:
    """A rule without conditions."""
    return {"version": 1, "match": {"group": "all", "of": []}}


def read(form: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """The draft a form holds: fields "match.of.0.what.event", or one field "rule" with the whole document."""
    if "rule" in form:
        return whole(form["rule"])
    tree: dict[str, Any] = {}
    for name, value in form.items():
        steps = name.split(".")
        if steps[0] in ("match", "except") and len(steps) < 40:
            at = tree
            for step in steps[:-1]:
                at = at.setdefault(step, {})
                if not isinstance(at, dict):
                    raise UnreadableForm("The form cannot be read.")
            at[steps[-1]] = value
    draft = empty() | {key: _listed(part, zone) for key, part in tree.items()}
    if not draft.get("except", {}).get("of"):
        draft.pop("except", None)
    return draft


def of_template(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A draft that starts as a template."""
    return whole(json.dumps(rule))


def whole(text: str) -> dict[str, Any]:
    """A document in one field."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnreadableForm("The form cannot be read.")
    return found


def _listed(part: Any, zone: ZoneInfo) -> Any:
    """Numbered keys become lists, texts numbers where numbers are meant, empty ones nothing."""
    if not isinstance(part, dict):
        return part
    if part and all(key.isdigit() for key in part):
        return [_listed(part[key], zone) for key in sorted(part, key=int)]
    said = {key: _listed(value, zone) for key, value in part.items()}
    if "group" in said:
        said["of"] = said.get("of") or []
        return said
    if "if" in said or "op" in said or "kind" in said or "n" in said:
        said = {key: _value(key, value, said, zone) for key, value in said.items()}
    return _trimmed(said)


def _value(key: str, value: Any, said: Mapping[str, Any], zone: ZoneInfo) -> Any:
    if not isinstance(value, str):
        return value
    if key in _WHOLE and value.strip().lstrip("-").isdigit():
        return int(value)
    if key in _REAL or (key == "value" and said.get("op") in catalog.COMPARES):
        return number(value)
    if key == "value" and said.get("op") == "one_of":
        return [each.strip() for each in value.split(",") if each.strip()]
    if key in ("since", "until") and value:
        return _moment(value, zone)
    return value


def number(text: str) -> float | str:
    """A number as people write it, else the text, which the parser refuses with its place."""
    try:
        return float(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except ValueError:
        return text


def _moment(text: str, zone: ZoneInfo) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (found if found.tzinfo else datetime.combine(found.date(), time(0), zone)).isoformat()


def _trimmed(said: dict[str, Any]) -> dict[str, Any]:
    """Without what does not go with the rest: a window's span when it is of dates, a value nobody asks for."""
    if said.get("kind") in ("last", "ago", "between", "ever") and "if" not in said:
        keep = {"last": ("span",), "ago": ("span",), "between": ("since", "until"), "ever": ()}[said["kind"]]
        said = {key: value for key, value in said.items() if key == "kind" or key in keep}
        if said["kind"] in ("last", "ago"):
            said.setdefault("span", {"n": 30, "unit": "days"})
    if said.get("op") in catalog.BARE or (said.get("if") == "identifier" and said.get("op") != "ends"):
        said.pop("value", None)
    if "event" in said:
        known = said.get("where") or []
        said["where"] = [
            each for each in known if each.get("name") and catalog.property_of(said["event"], each["name"])
        ]
    if said.get("within") in ({}, "") or (isinstance(said.get("within"), dict) and not said["within"].get("n")):
        said.pop("within", None)
    return {key: value for key, value in said.items() if value not in ("", None, [])}


def done(draft: dict[str, Any], what: str) -> dict[str, Any]:
    """The draft after a button: "add:match:did", "group:match.of.0:any", "remove:match.of.1", "where:…", "exclude"."""
    verb, _, rest = what.partition(":")
    place, _, kind = rest.partition(":")
    if verb == "exclude":
        draft["except"] = {"group": "any", "of": [dict(FRESH["did"])]}
    elif verb == "remove":
        _remove(draft, place)
    elif verb in ("add", "group", "where"):
        at = find(draft, place)
        if verb == "add" and isinstance(at, dict) and kind in FRESH:
            at.setdefault("of", []).append(json.loads(json.dumps(FRESH[kind])))
        elif verb == "group" and isinstance(at, dict):
            at.setdefault("of", []).append({"group": "any", "of": [json.loads(json.dumps(FRESH["did"]))]})
        elif verb == "where" and isinstance(at, dict):
            event = at.get("event", "")
            name = next(iter(catalog.EVENTS[event].properties), "") if event in catalog.EVENTS else "name"
            if name:
                kind_of = catalog.property_of(event, name)
                fresh = (
                    {"name": name, "op": "known"}
                    if kind_of and kind_of.type == "text"
                    else {"name": name, "op": "at_least", "value": 1}
                )
                at.setdefault("where", []).append(fresh)
    if "except" in draft and not draft["except"].get("of"):
        del draft["except"]
    return draft


def find(draft: Any, place: str) -> Any:
    """What stands at a place ("match.of.0"), None where nothing does."""
    at = draft
    for step in place.split("."):
        if isinstance(at, list):
            at = at[int(step)] if step.isdigit() and int(step) < len(at) else None
        else:
            at = at.get(step) if isinstance(at, dict) else None
    return at


def _remove(draft: dict[str, Any], place: str) -> None:
    if place == "except":
        draft.pop("except", None)
        return
    above, _, last = place.rpartition(".")
    at = find(draft, above)
    if isinstance(at, list) and last.isdigit() and int(last) < len(at):
        del at[int(last)]
