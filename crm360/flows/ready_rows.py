"""A batch of a customer list: rows that need no interpretation as columns ready to be written, and the others. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import accumulate, compress

import msgspec

from crm360.flows.import_files import Read
from crm360.flows.plain_rows import Plain, PlainRows


class Question(msgspec.Struct, kw_only=True):
    """How rows are finished: whose list it is, when it was heard, its columns by field, those kept as attributes.

    `listed`: parts whose name says something of everybody in them.
    """

    source: str
    region: str
    at: datetime
    fields: dict[str, str]
    kept: list[str]
    listed: list[bool]

    def reader(self) -> PlainRows:
        """What finishes them."""
        return PlainRows(source=self.source, region=self.region, at=self.at, fields=self.fields, kept=self.kept)


class Ready(msgspec.Struct, array_like=True, kw_only=True):
    """New contacts column by column, in the order of their external ids, as if none of them were there yet.

    `row`: which row of the batch speaks of each. What they hold and are looked for by says in `…_owner` whose it is, by
    the contact's place; the former is in the order of kind and normal form, the latter of term and kind.
    """

    external_id: list[str] = []
    fields: list[str] = []
    attributes: list[str] = []
    compared: list[str] = []
    row: list[int] = []
    part: list[int] = []
    line_no: list[int] = []
    held_kind: list[str] = []
    held_normal: list[str] = []
    held_value: list[str] = []
    held_owner: list[int] = []
    term: list[str] = []
    term_kind: list[str] = []
    term_owner: list[int] = []

    def without(self, external_ids: Collection[str]) -> Ready:
        """The others."""
        if not external_ids:
            return self
        stay = [name not in external_ids for name in self.external_id]
        places = [count - 1 for count in accumulate(stay)]
        groups = {"held": [stay[each] for each in self.held_owner], "term": [stay[each] for each in self.term_owner]}
        left = {
            name: list(compress(getattr(self, name), groups.get(name.partition("_")[0], stay)))
            for name in self.__struct_fields__
        }
        for name in ("held_owner", "term_owner"):
            left[name] = [places[each] for each in left[name]]
        return Ready(**left)


class Batch(msgspec.Struct):
    """So many rows of a file: those that are `ready`, and the places of the `others`."""

    rows: Sequence[Read]
    ready: Ready
    others: list[int]


def finish(rows: Sequence[Read], reader: PlainRows, listed: Sequence[bool]) -> Batch:
    """Finish the rows that can be; `listed`: parts whose name says something of everybody in them.

    Two rows that speak of one contact are not ready.
    """
    found: dict[str, tuple[Plain, int]] = {}
    others: list[int] = []
    twice: set[str] = set()
    for place, read in enumerate(rows):
        plain = None if read.cells is None or listed[read.part] or not reader.usable else reader.read(read.cells)
        if plain is None:
            others.append(place)
        elif (name := plain.contact.external_id) in found:
            twice.add(name)
            others.append(place)
        else:
            found[name] = (plain, place)
    others += [found.pop(name)[1] for name in twice]
    return Batch(rows, _columns(rows, found), sorted(others))


def _columns(rows: Sequence[Read], found: dict[str, tuple[Plain, int]]) -> Ready:
    ready = Ready()
    held: list[tuple[str, str, str, int]] = []
    terms: list[tuple[str, str, int]] = []
    for owner, name in enumerate(sorted(found)):
        (contact, wanted), place = found[name]
        ready.external_id.append(name)
        ready.fields.append(contact.fields)
        ready.attributes.append(contact.attributes)
        ready.compared.append(contact.compared)
        ready.row.append(place)
        held += [(kind, normal, value, owner) for kind, normal, value in contact.identifiers]
        terms += [(term, kind, owner) for kind, term in wanted]
    ready.part = [rows[place].part for place in ready.row]
    ready.line_no = [rows[place].line_no for place in ready.row]
    held.sort()
    terms.sort()
    if held:
        ready.held_kind, ready.held_normal, ready.held_value, ready.held_owner = map(list, zip(*held, strict=True))
    if terms:
        ready.term, ready.term_kind, ready.term_owner = map(list, zip(*terms, strict=True))
    return ready
