"""Values that belong to too many to tell people apart, learned from the whole base.

Weakness is a function of the base, not of the order it grew in: whenever a value crosses the line, in either direction,
every contact that carries it is judged again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import bindparam, delete, select

from crm360.identity import guards, ruling
from crm360.identity.engine.sharing import KINDS
from crm360.identity.folding import names_of
from crm360.identity.judging import Form, Known, identifier_keys
from crm360.identity.models import ContactIdentifier, WeakValue
from crm360.kernel import asking, dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.dialects import Among

MANY, NAMES = "carried by too many contacts", "seen with different names"

_CARRIERS = select(ContactIdentifier.normal, ContactIdentifier.contact_id).where(
    ContactIdentifier.kind == bindparam("kind"), Among(ContactIdentifier.normal)
)
_FREE = delete(WeakValue).where(Among(WeakValue.key))


def settle(
    changed: set[int], before: Mapping[int, Form], known: Known, *, gone: Mapping[int, Form], also: Iterable[str] = ()
) -> set[int]:
    """Bring the weak values of `changed` contacts, and `also` these, up to date; returns contacts to judge again.

    `before`: the forms contacts had. A value already weak is looked at again only when it lost a contact or a name: it
    does not become one person's own by being seen with more people.
    """
    touched, lost = _touched(changed, before, known)
    lost |= {*also, *(key for form in gone.values() for key in identifier_keys(_named(form)))}
    weak = known.weak(touched | lost)
    carriers = _carriers((touched | lost) - (weak - lost), known)
    now_weak = {key: found for key, contacts in carriers.items() if (found := _judged(contacts, known))}
    for key in ruling.personal(now_weak):
        del now_weak[key]  # staff know better whose it is
    gained, freed = now_weak.keys() - weak, (weak & lost) - now_weak.keys()
    _write(now_weak, freed)
    known.became(weak=gained, free=freed)
    return {contact for key in gained | freed for contact in carriers[key]}


def _touched(changed: set[int], before: Mapping[int, Form], known: Known) -> tuple[set[str], set[str]]:
    """Identifier keys whose carriers or names changed, and those of them that lost one."""
    touched: set[str] = set()
    lost: set[str] = set()
    for contact in changed:
        form, old = known.forms[contact], before.get(contact, {})
        now, then = identifier_keys(_named(form)), identifier_keys(_named(old))
        names, had = names_of(form), names_of(old)
        touched |= now if names != had else now - then
        lost |= then - now
        if not names >= had:
            lost |= then & now
    return touched, lost


def _named(form: Form) -> Form:
    """What a visitor carries tells nothing of people."""
    return {} if form.get("anonymous") else form


def _carriers(keys: set[str], known: Known) -> dict[str, set[int]]:
    """Identifier key → contacts whose compared form has it, loaded."""
    found: dict[str, set[int]] = {key: set() for key in keys}
    for kind in KINDS:
        values = {key.partition(":")[2] for key in keys if key.startswith(f"{kind}:")}
        if values:
            for normal, contact in asking.rows(db.session, _CARRIERS, kind=kind, values=values):
                found[f"{kind}:{normal}"].add(contact)
    known.load({contact for contacts in found.values() for contact in contacts})
    return {
        key: {contact for contact in contacts if _carries(known.forms[contact], key)} for key, contacts in found.items()
    }


def _carries(form: Form, key: str) -> bool:
    """Whether an identifier key is among those of a compared form that tell of people."""
    kind, _, value = key.partition(":")
    return value in _named(form).get(kind, ())


def _judged(contacts: set[int], known: Known) -> tuple[str, int] | None:
    """Why the value of these carriers is nobody's own, and how many were counted."""
    if len(contacts) > guards.MANY_CARRIERS:
        return MANY, len(contacts)
    names = [names_of(known.forms[contact]) for contact in contacts]
    return (NAMES, guards.SHARED_FROM) if guards.is_shared(names) else None


def described(shared: Mapping[str, Collection[str]], forms: Mapping[int, Form]) -> dict[str, tuple[str, int]]:
    """Identifier key → why, and how many were counted, of values known to be of many."""
    carriers = {f"{kind}:{value}": 0 for kind, values in shared.items() for value in values}
    for form in forms.values():
        for key in identifier_keys(_named(form)) & carriers.keys() if carriers else ():
            carriers[key] += 1
    return {
        key: (MANY, count) if count > guards.MANY_CARRIERS else (NAMES, guards.SHARED_FROM)
        for key, count in carriers.items()
    }


def _write(weak: Mapping[str, tuple[str, int]], freed: set[str]) -> None:
    rows = [{"key": key, "reason": reason, "count": count} for key, (reason, count) in sorted(weak.items())]
    dialects.upsert(db.session, table_of(WeakValue), rows, ["key"])
    if freed:
        db.session.execute(_FREE, {"values": freed})
