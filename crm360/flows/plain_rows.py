"""Rows of a customer list that need no interpretation, read into finished rows of new contacts. Pure.

Most rows of most lists are a number, a name, an address, a phone and a town, written as they are kept. Of those what the
careful path would make (`contacts_csv`, `folding`, `search_terms`) is told here at a fraction of its cost; of any other row
nothing, and the careful path reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from crm360.identity import folding
from crm360.identity.adding import Finished
from crm360.identity.compared import name_part
from crm360.kernel.dialects import to_json
from crm360.normalise import email as emails
from crm360.normalise import mailboxes
from crm360.normalise import phone as phones
from crm360.normalise.text import clean
from crm360.profiles import search_terms
from crm360.sources.contacts_csv import cell_value

#: Fields kept as their cell says. Others mean something besides (a consent, a date, an address to take apart).
TEXTS = frozenset(
    {"given_name", "family_name", "company", "job_title", "gender", "house_number", "address_2", "city", "postcode"}
    | {"state", "country", "locale"}
)
_KEYS = {"external_id", "customer_id", "email", "phone"}
#: Without anything to clean, and no word for nothing.
_ID = re.compile(r"(?=[^1-9]*[1-9])[A-Za-z0-9][A-Za-z0-9_.#/-]{0,99}")
#: Different texts remembered of a column: names and towns come again and again.
_REMEMBERED = 50_000

Found = tuple[str, str, str]  # (kind, normal, value)


class Plain(NamedTuple):
    """A new contact and the terms it is looked for by."""

    contact: Finished
    terms: set[search_terms.Term]


class _Text(NamedTuple):
    """A cell of a field kept as it is: the pair that is digested, the beginning of its JSON, terms, and the part of a name."""

    pair: tuple[str, str]
    json: str
    terms: tuple[search_terms.Term, ...]
    name: str


class PlainRows:
    """Reads rows of one list; `usable` is False for a list none of whose rows could be plain."""

    def __init__(
        self, *, source: str, region: str, at: datetime, fields: Mapping[str, str], kept: Sequence[str]
    ) -> None:
        self.source, self.region, self.at = source, region, at.isoformat()
        self.texts = sorted((field, header) for header, field in fields.items() if field in TEXTS)
        self.keys = [(field, header) for header, field in fields.items() if field in _KEYS]
        self.others = [header for header, field in fields.items() if field not in TEXTS and field not in _KEYS]
        self.kept = list(kept)
        self.usable = bool(self.keys) and clean(f"{source}:1") == f"{source}:1"
        self._known: dict[str, dict[str, _Text | None]] = {field: {} for field, _ in self.texts}
        self._read: dict[str, Callable[[str], Found | None]] = {"email": self._email, "phone": self._phone}
        self._id_terms = search_terms.compact(source)

    def read(self, cells: Mapping[str, str]) -> Plain | None:
        """The contact a row makes when it is new, or None: the careful path must read it."""
        for header in self.others:
            if cells.get(header):
                return None
        found: dict[str, Found] = {}
        record = ""
        for field, header in self.keys:
            cell = cells.get(header, "").strip()
            if not cell:
                continue
            if field in found:
                return None
            if field == "email" or field == "phone":
                each = self._read[field](cell)
                if each is None:
                    return None
                found[field] = each
            elif not _ID.fullmatch(cell):
                return None
            elif field == "customer_id":
                value = f"{self.source}:{cell}"
                found[field] = (field, value, value)
            else:
                record = cell
        key = self._key(record, found)
        return self._finished(key, cells, found) if key else None

    def _key(self, record: str, found: Mapping[str, Found]) -> str:
        if record:
            return f"record:{record}"
        if "customer_id" in found:
            return f"customer:{found['customer_id'][1][len(self.source) + 1 :]}"
        if "email" in found:
            normal = found["email"][1]
            return "" if mailboxes.is_role(normal) else f"email:{normal}"
        return f"phone:{found['phone'][1]}" if "phone" in found else ""

    def _finished(self, key: str, cells: Mapping[str, str], found: Mapping[str, Found]) -> Plain | None:
        pairs, pieces, given, family = [], [], "", ""
        terms: set[search_terms.Term] = set()
        for field, header in self.texts:
            cell = cells.get(header)
            if not cell:
                continue
            known = self._known[field]
            text = known[cell] if cell in known else self._learn(field, cell)
            if text is None:
                continue
            pairs.append(text.pair)
            pieces.append(text.json)
            terms.update(text.terms)
            if field == "given_name":
                given = text.name
            elif field == "family_name":
                family = text.name
        said = folding.digest_of(pairs)
        attributes = self._attributes(cells, said)
        if attributes is None:
            return None
        end = f'{said}"}}'
        names = to_json({"names": [f"{given}|{family}"]}) if given or family else "{}"
        fields = "{" + ",".join([piece + end for piece in pieces]) + "}"
        terms.update(map(self._term, found.values()))
        return Plain(Finished(key, fields, attributes, names, list(found.values())), terms)

    def _learn(self, field: str, cell: str) -> _Text | None:
        value = cell_value(cell.strip()).strip()[: folding.LONGEST_VALUE]
        text = None
        if value:
            begins = f'"{field}":{{"value":{to_json(value)},"at":"{self.at}","said":"'
            terms = search_terms.first_of_contact({field: {"value": value}}, ())
            text = _Text((field, value), begins, tuple(terms), name_part(field, value))
        known = self._known[field]
        if len(known) >= _REMEMBERED:
            known.clear()
        known[cell] = text
        return text

    def _attributes(self, cells: Mapping[str, str], said: str) -> str | None:
        kept = {}
        for header in self.kept:
            if cell := cells.get(header):
                if cell[0] == "{":
                    return None
                if value := cell_value(cell):
                    kept[header] = {"value": value, "at": self.at, "said": said}
        return to_json(kept) if kept else "{}"

    def _email(self, cell: str) -> Found | None:
        normal = emails.simple(cell.lower()) if cell.isascii() else None
        return ("email", normal, cell) if normal else None

    def _phone(self, cell: str) -> Found | None:
        normal = None if "/" in cell else phones.simple(cell, self.region)
        return ("phone", normal, cell) if normal else None

    def _term(self, found: Found) -> search_terms.Term:
        kind, normal, value = found
        if kind == "customer_id":
            own = value[len(self.source) + 1 :]
            own = own.lower() if own.isalnum() else search_terms.compact_ascii(own)
            return ("id", (self._id_terms + own)[: search_terms.LONGEST])
        return search_terms.first_of_address(kind, normal)
