"""What one list said, taken out of a contact again, whatever was said later. Pure.

A contact holds the newest statement of each field with its moment. A list's statements all carry the list's own moment
(`ours`), so whatever carries it is the list's and goes back to what was before; whatever does not was changed since and
stays. The same is done to what a later list remembers as before, so that lists may be taken back in any order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from crm360.identity.compared import name_key

Json = dict[str, Any]
#: Of a list that made the contact: there was nothing.
NOTHING: Json = {"fields": {}, "attributes": {}, "identifiers": [], "names": [], "added": [], "tags": [[], None]}


class Contents(NamedTuple):
    """What a contact holds, or what is remembered of it, in the form of JSON.

    `identifiers`: (kind, normal) → {"value", "verified", "first_seen_at", "last_seen_at"} or None for one not there.
    `seen`: first and last time; `tags`: the source's labels and their time.
    """

    fields: Json
    attributes: Json
    identifiers: dict[tuple[str, str], Json | None]
    names: frozenset[str]
    seen: tuple[str, str]
    tags: tuple[list[str], str | None]


class TakenBack(NamedTuple):
    """The contents without the list; `changed_since`: some of what it said had been said anew by others."""

    contents: Contents
    changed_since: bool


def take_back(
    held: Contents, before: Json | None, *, ours: Collection[str], known_then: Collection[str] = ()
) -> TakenBack:
    """`held` as if the list had said nothing; `before` None (or "made") when it made the contact.

    `known_then`: the names a contact it made had when the next list came.
    """
    made = before is None or bool(before.get("made"))
    was = NOTHING if before is None or made else before
    fields, f = _entries(held.fields, was.get("fields", {}), ours, made)
    attributes, a = _entries(held.attributes, was.get("attributes", {}), ours, made)
    identifiers, i = _identifiers(held.identifiers, was.get("identifiers", []), ours, made)
    names = held.names
    if made:
        said = {name: entry for name, entry in held.fields.items() if entry and entry["at"] in ours}
        names = (held.names - _key(said) - set(known_then)) | _key(fields)
    elif "names" in was:
        names = (held.names - set(was["added"])) | set(was["names"])
    seen = held.seen
    if held.seen[1] in ours:
        seen = (held.seen[0], was["seen"][1]) if "seen" in was else held.seen
    elif made and held.seen[0] in ours:
        seen = (held.seen[1], held.seen[1])
    tags, t = held.tags, False
    if "tags" in was:
        mine = held.tags[1] in ours
        tags = (list(was["tags"][0]), was["tags"][1]) if mine else held.tags
        t = not mine and not made
    return TakenBack(Contents(fields, attributes, identifiers, frozenset(names), seen, tags), f or a or i or t)


def is_bare(contents: Contents) -> bool:
    """Whether nothing is left of a contact."""
    return not (contents.fields or contents.attributes or contents.identifiers or contents.tags[0])


def is_empty(before: Json) -> bool:
    """Whether there was nothing, as far as a list remembers."""
    there = (*before.get("fields", {}).values(), *before.get("attributes", {}).values())
    return not any(there) and not any(held for _, _, held in before.get("identifiers", ()))


def remembered(contents: Contents, before: Json) -> Json:
    """`before` of a later list, brought up to date from contents made of it by `of_memory`."""
    rest = {"seen": list(contents.seen), "fields": contents.fields, "attributes": contents.attributes,
            "names": sorted(contents.names), "tags": [contents.tags[0], contents.tags[1]],
            "identifiers": [[kind, normal, held] for (kind, normal), held in sorted(contents.identifiers.items())]}  # fmt: skip
    return {**before, **{name: value for name, value in rest.items() if name in before}}


def of_memory(before: Json) -> Contents:
    """What a list remembers as before, as contents; what it does not remember is empty."""
    seen = before.get("seen", ["", ""])
    tags = before.get("tags", [[], None])
    return Contents(
        dict(before.get("fields", {})),
        dict(before.get("attributes", {})),
        {(kind, normal): held for kind, normal, held in before.get("identifiers", [])},
        frozenset(before.get("names", [])),
        (seen[0], seen[1]),
        (list(tags[0]), tags[1]),
    )


def rebase(later: Json, before: Json | None, *, ours: Collection[str]) -> Json:
    """What a later list remembers as before, without the list that is taken back. Gone values are remembered as None."""
    memory = of_memory(later)
    back = take_back(memory, before, ours=ours).contents
    fields = {name: back.fields.get(name) for name in memory.fields}
    attributes = {name: back.attributes.get(name) for name in memory.attributes}
    identifiers = {key: back.identifiers.get(key) for key in memory.identifiers}
    return remembered(back._replace(fields=fields, attributes=attributes, identifiers=identifiers), later)


def merged(first: Json | None, second: Json | None) -> Json | None:
    """What was before both of two changes one list made to a contact."""
    if first is None or second is None:
        return None
    identifiers = {
        (kind, normal): held for kind, normal, held in (*second.get("identifiers", []), *first.get("identifiers", []))
    }
    both = {**second, **first}
    if "added" in both:
        both["added"] = sorted({*first.get("added", ()), *second.get("added", ())} - set(both["names"]))
    for name in ("fields", "attributes"):
        if name in both:
            both[name] = {**second.get(name, {}), **first.get(name, {})}
    if "identifiers" in both:
        both["identifiers"] = [[kind, normal, held] for (kind, normal), held in sorted(identifiers.items())]
    return both


def _key(fields: Mapping[str, Json]) -> set[str]:
    key = name_key({name: entry["value"] for name, entry in fields.items() if entry})
    return {key} if key else set()


def _entries(held: Json, was: Mapping[str, Any], ours: Collection[str], made: bool) -> tuple[Json, bool]:
    kept: Json = {}
    changed = False
    for name, entry in held.items():
        if entry is None:
            kept[name] = None
        elif entry["at"] in ours and (made or name in was):
            if was.get(name) is not None:
                kept[name] = was[name]
        else:
            kept[name] = entry
            changed = changed or name in was
    return kept, changed


def _identifiers(
    held: Mapping[tuple[str, str], Json | None], was: Iterable[Any], ours: Collection[str], made: bool
) -> tuple[dict[tuple[str, str], Json | None], bool]:
    before = {(kind, normal): there for kind, normal, there in was}
    kept: dict[tuple[str, str], Json | None] = {}
    changed = False
    for key, row in held.items():
        if row is None:
            kept[key] = None
        elif row["last_seen_at"] in ours and (made or key in before):
            if before.get(key) is not None:
                kept[key] = before[key]
            elif row["first_seen_at"] not in ours:
                kept[key] = row  # others had shown it by a payload that came late
                changed = True
        else:
            # shown since by others: from then on, as far as anybody else says
            shown_first = row["first_seen_at"] in ours and before.get(key) is None
            kept[key] = row | {"first_seen_at": row["last_seen_at"]} if shown_first else row
            changed = changed or key in before
    return kept, changed
