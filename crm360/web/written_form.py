"""The form in which a colleague writes a customer down: read, checked, and compared with who is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from flask_babel import gettext

from crm360.facts import Identifier
from crm360.flows.by_staff import Written
from crm360.identity import probing
from crm360.identity.holders import holders
from crm360.identity.probing import Likeness
from crm360.normalise import dates, name
from crm360.normalise.email import email as normal_email
from crm360.normalise.phone import phone as normal_phone
from crm360.web import found

FIELDS = ("given_name", "family_name", "company", "birth_date", "street", "house_number", "postcode", "city")
ADDRESSES: tuple[Literal["email", "phone"], ...] = ("email", "phone")
MOST_ALIKE = 3
MOST_FINDINGS = 3
#: Follow from the other findings, and would say less than they do.
DERIVED = ("household",)
LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`values` as typed; `errors` field → what is wrong; `identifiers` (kind, normal) and `written`: what to state."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    identifiers: tuple[tuple[str, str], ...] = ()
    written: Written = field(default_factory=Written)

    def told(self) -> bool:
        """Whether enough stands on it to look for anybody: an address that is one, or both names, or a company."""
        both = len(self.values["given_name"]) > 1 and len(self.values["family_name"]) > 1
        return bool(self.identifiers) or both or len(self.values["company"]) > 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """A customer who may be meant; `likeness` None when only the search found them."""

    hit: found.Found
    likeness: Likeness | None = None

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What speaks for one person, the weightiest first, and what speaks most against it."""
        told = [each for each in self.likeness.evidence if each["field"] not in DERIVED] if self.likeness else []
        rows = sorted(told, key=lambda each: -each["bits"])
        against = [each for each in rows if each["bits"] < 0][-1:]
        return [each for each in rows if each["bits"] > 0][:MOST_FINDINGS] + against


def read(given: Mapping[str, str], region: str, *, known: Mapping[str, str] | None = None) -> Form:
    """What was typed. With `known`, only what differs from it is stated."""
    values = {key: given.get(key, "").strip()[:LONGEST] for key in (*FIELDS, *ADDRESSES)}
    normals = {"email": normal_email(values["email"]), "phone": normal_phone(values["phone"], region)}
    changed = {key: values[key] for key in FIELDS if values[key] and values[key] != (known or {}).get(key)}
    return Form(
        values=values,
        errors=_errors(values, normals, bool(changed) or known is not None),
        identifiers=tuple((kind, normal) for kind, normal in normals.items() if normal),
        written=Written(fields=changed, email=values["email"], phone=values["phone"]),
    )


def guessed(query: str) -> Form:
    """A form filled in from what was searched for in vain: an address, a number, or a name."""
    typed = query.strip()[:LONGEST]
    if normal_email(typed):
        return Form(values={"email": typed})
    if sum(char.isdigit() for char in typed) > len(typed) / 2:
        return Form(values={"phone": typed})
    given, family = name.split_full_name(typed)
    return Form(values={"given_name": given, "family_name": family})


def alike(form: Form, region: str, *, now: datetime) -> list[Alike]:
    """Up to three customers who may be the one on the form: first whom the matching model means, then who is found."""
    weighed = {each.profile_id: each for each in probed(form, region)}
    hits = found.by_ids(list(weighed), now=now)
    known = [Alike(hit=hit, likeness=weighed[hit.profile_id]) for hit in hits]
    others = [] if len(known) == MOST_ALIKE else searched(form, now=now)
    return [*known, *(Alike(hit=hit) for hit in others if hit.profile_id not in weighed)][:MOST_ALIKE]


def probed(form: Form, region: str) -> list[Likeness]:
    """Customers whose records the model would join, or ask a person about, with the data of the form."""
    fields = {name: form.values[name] for name in FIELDS if form.values.get(name)}
    identifiers = [Identifier(kind, form.values[kind]) for kind in ADDRESSES if form.values[kind]]
    likely = probing.probe(fields=fields, identifiers=identifiers, region=region, limit=MOST_ALIKE).likely
    return [each for each in likely if each.verdict != "apart"]


def searched(form: Form, *, now: datetime) -> list[found.Found]:
    """Customers the search finds by what stands on the form."""
    values = form.values
    full_name = f"{values['given_name']} {values['family_name']}".strip()
    named = f"{full_name} {values['city']}".strip() if full_name else ""
    seen: dict[int, found.Found] = {}
    for query in (values["email"], values["phone"], named, full_name, values["company"]):
        if query and len(seen) < MOST_ALIKE:
            for hit in found.by_query(query, limit=MOST_ALIKE, now=now):
                seen.setdefault(hit.profile_id, hit)
    return list(seen.values())


def held_by_others(form: Form, profile_id: int, *, now: datetime) -> list[Alike]:
    """Other customers who have the e-mail address or the phone number of the form."""
    others = [each for each in holders(form.identifiers) if each != profile_id]
    return [Alike(hit=hit) for hit in found.by_ids(others[:MOST_ALIKE], now=now)]


def _errors(values: Mapping[str, str], normals: Mapping[str, str | None], named: bool) -> dict[str, str]:
    errors = {}
    if values["email"] and not normals["email"]:
        errors["email"] = gettext("This is no e-mail address.")
    if values["phone"] and not normals["phone"]:
        errors["phone"] = gettext("This is no phone number.")
    if values["birth_date"] and not dates.birth_date(values["birth_date"]):
        errors["birth_date"] = gettext("This is no birth date.")
    if not named and not values["email"] and not values["phone"]:
        errors["given_name"] = gettext("Give a name, an e-mail address or a phone number.")
    return errors
