"""Which contacts are compared at all: those that share a key. Wide, cheap, indexed. Pure.

Every key is `<rule>:<values>`. A key carried by more than BLOCK_LIMIT contacts is weak: it stops proposing pairs, and
the pairs it proposed are judged again (rare values first; a full block needs a second key).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from crm360.identity.compared import JOINING, weak_by_nature

BLOCK_LIMIT = 60
#: Carriers of one identifier value beyond which nobody asks for their names any more.
IDENTIFIER_LIMIT = 120

_VOWELS = frozenset("aeiouy")


def keys(form: Mapping[str, Any]) -> frozenset[str]:
    """All blocking keys of a compared form; none for an anonymous visitor (a device alone compares to nobody)."""
    if form.get("anonymous"):
        return frozenset()
    return frozenset((*_identifier_keys(form), *_person_keys(form), *_place_keys(form)))


def identifier_key(kind: str, normal: str) -> str:
    """The blocking key of an identifier value."""
    return f"{kind}:{normal}"


def is_identifier_key(key: str) -> bool:
    return key.partition(":")[0] in JOINING


def limit(key: str) -> int:
    """How many contacts may share a key before it is weak whatever their names."""
    return IDENTIFIER_LIMIT if is_identifier_key(key) else BLOCK_LIMIT


def skeleton(word: str) -> str:
    """First letter and the consonants after it, doubles once: survives most typing errors in vowels."""
    compact = word.replace(" ", "")
    kept = [letter for letter in compact[1:] if letter not in _VOWELS]
    once = [letter for at, letter in enumerate(kept) if at == 0 or letter != kept[at - 1]]
    return compact[:1] + "".join(once)[:4]


def _identifier_keys(form: Mapping[str, Any]) -> Iterator[str]:
    for kind in JOINING:
        for normal in form.get(kind, ()):
            if not weak_by_nature(kind, normal):
                yield identifier_key(kind, normal)


def _person_keys(form: Mapping[str, Any]) -> Iterator[str]:
    given, family, born = form.get("given", ""), form.get("family", ""), form.get("birth_date", "")
    first = given.split(" ")[0]
    if born:
        yield from (f"born-name:{born}:{skeleton(word)}" for word in (first, family) if word)
        yield from (f"born-place:{born}:{form[part]}" for part in ("postcode", "city") if part in form)
    if first and family:
        one, other = sorted((skeleton(first), skeleton(family)))  # survives swapped given and family name
        yield f"name:{one}:{other}"
        yield f"name-part:{first}:{family[:3]}"
    if born and first and family:
        yield f"name-year:{skeleton(family)}:{first[:1]}:{born[:4]}"
        yield f"name-day:{first[:2]}:{family[:2]}:{born[5:]}"


def _place_keys(form: Mapping[str, Any]) -> Iterator[str]:
    given, family = form.get("given", ""), form.get("family", "")
    names = [word for word in (given.split(" ")[0], family) if word]
    areas = [form[part] for part in ("postcode", "city") if part in form]
    yield from (f"area-name:{area}:{skeleton(word)}" for area, word in product(areas, names))
    if "street" in form and "house" in form:
        for area in areas:
            yield f"door:{form['street'][:8]}:{form['house']}:{area}"
