"""Which words, numbers and addresses a contact is found by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from crm360.normalise import text
from crm360.normalise.email import split
from crm360.normalise.mailboxes import PUBLIC_PROVIDERS
from crm360.normalise.phone import search_digits

Term = tuple[str, str]  # (kind, folded term)

#: Contact field → kind of term.
_WORD_FIELDS = {
    "given_name": "name",
    "family_name": "name",
    "full_name": "name",
    "company": "company",
    "city": "city",
}
#: Numbers people read out by their beginning or by their end.
_CODES = {"order": "order", "card": "card", "customer_id": "id", "chat_id": "id", "tax_id": "id"}
_LOCAL_PARTS = re.compile(r"[._+\-]+")
LONGEST = 80
_NO_CODE = re.compile(r"[^a-z0-9]+")

TAILS = {"phone_tail": "phone", "card_tail": "card", "order_tail": "order", "id_tail": "id"}


def compact(value: str) -> str:
    """A number or code as compared: folded letters and digits without anything between (`#PL-4711/24` → `pl471124`)."""
    return text.fold(value).replace(" ", "")


def compact_ascii(value: str) -> str:
    """`compact` of plain ASCII, nothing remembered."""
    return _NO_CODE.sub("", value.lower())


def of_contact(fields: Mapping[str, Any], identifiers: Iterable[tuple[str, str, str]]) -> set[Term]:
    """Terms of a contact's fields (name → {"value"}) and identifiers (kind, value as shown, normal form)."""
    found: set[Term] = set()
    for name, kind in _WORD_FIELDS.items():
        value = fields.get(name, {}).get("value") or ""
        found.update((kind, word[:LONGEST]) for word in text.words(value))
    for kind, value, normal in identifiers:
        found |= of_identifier(kind, value, normal)
    return found


def first_of_contact(fields: Mapping[str, Any], identifiers: Iterable[tuple[str, str, str]]) -> set[Term]:
    """The terms a contact is most likely looked for by, quickly: words of names, the
    beginnings of addresses and numbers. What `of_contact` knows besides is left to it.
    """
    found: set[Term] = set()
    for name, kind in _WORD_FIELDS.items():
        if kind != "city" and (entry := fields.get(name)):
            found.update([(kind, word[:LONGEST]) for word in text.words(entry["value"])])
    for kind, value, normal in identifiers:
        if kind in ("email", "phone"):
            found.add(first_of_address(kind, normal))
        elif stem := _CODES.get(kind):
            found.add((stem, compact(value)[:LONGEST]))
    return {term for term in found if term[1]}


def first_of_address(kind: str, normal: str) -> Term:
    """The one term of an e-mail or phone that `first_of_contact` tells."""
    return ("email", normal[:LONGEST]) if kind == "email" else ("phone", search_digits(normal))


def of_identifier(kind: str, value: str, normal: str) -> set[Term]:
    """Terms of one identifier; none for kinds nobody types (devices) or should not search by (national ids)."""
    if kind == "email":
        return _of_email(value, normal)
    if kind == "phone":
        number = search_digits(normal)
        return {("phone", number), ("phone_tail", number[::-1])} if number else set()
    return of_code(kind, value)


def of_code(kind: str, value: str) -> set[Term]:
    """Terms of an order number, card or customer id: from its beginning, and reversed from its end."""
    found, stem = compact(value)[:LONGEST], _CODES.get(kind)
    return {(stem, found), (f"{stem}_tail", found[::-1])} if found and stem else set()


def _of_email(value: str, normal: str) -> set[Term]:
    local, domain = split(normal)
    whole = {normal, value.strip().casefold()} if "@" in value else {normal}
    shown_local = split(min(whole - {normal}, default=normal))[0]
    pieces = {compact(local), compact(shown_local)} | {compact(part) for part in _LOCAL_PARTS.split(shown_local)}
    if domain and domain not in PUBLIC_PROVIDERS:
        pieces |= {domain, *(compact(part) for part in domain.split(".")[:-1])}
    return {("email", piece[:LONGEST]) for piece in whole | pieces if piece}
