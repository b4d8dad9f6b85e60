"""Contact files (vCard 2.1, 3.0, 4.0) as tables: a card is a row, what it says is under our own fields' names.

Read by hand: the usual library raises on what phones really write (quoted-printable with soft line breaks, bare
parameters, charsets) and keeps a whole card tree in memory. One card in memory here.
"""

from __future__ import annotations

import io
import quopri
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from crm360.sources.tabular import Row, RowProblem, Table, UnreadableTable, opened
from crm360.sources.text_encoding import guess_encoding

#: Columns of the table, by the names of columns' fields, the rest are kept as attributes.
HEADERS = (
    "external_id", "full_name", "given_name", "middle_name", "family_name", "email", "phone", "company", "job_title",
    "birth_date", "gender", "street", "address_2", "city", "state", "postcode", "country", "locale", "tags",
    "birthday", "note", "website", "name_prefix", "name_suffix", "nickname",
)  # fmt: skip
_SAMPLE_BYTES = 256 * 1024
_LONGEST_CARD = 20_000  # lines; a photo is some thousands
_PROPERTY = re.compile(r"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;(?:\"[^\"]*\"|[^\":])*)?):(.*)", re.DOTALL)
_PARAMETER = re.compile(r";((?:\"[^\"]*\"|[^;\"])*)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PARTED = re.compile(r"(?<!\\)((?:\\\\)*);")
_LISTED = re.compile(r"(?<!\\)((?:\\\\)*),")
_NO_YEAR = re.compile(r"--(\d\d)-?(\d\d)|1604-?(\d\d)-?(\d\d)")
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T.*)?")


class Property(NamedTuple):
    """A line of a card, unfolded and decoded: name and parameters in upper case, the value as written."""

    name: str
    parameters: dict[str, str]
    value: str


def open_cards(path: Path) -> Table:
    """The cards of a .vcf file, gzipped or not. Raises UnreadableTable when it holds none, OSError as `open` does."""
    with opened(path) as stream:
        sample = stream.read(_SAMPLE_BYTES)
    encoding = guess_encoding(sample, cut=len(sample) == _SAMPLE_BYTES)
    if b"BEGIN:VCARD" not in sample.replace(b"\x00", b"").upper():
        raise UnreadableTable("The file holds no contact card (BEGIN:VCARD).")
    lines = io.TextIOWrapper(opened(path), encoding, errors="replace", newline="")
    return Table(HEADERS, _closing(lines), encoding, "", lines.close)


def _closing(lines: io.TextIOWrapper) -> Iterator[Row | RowProblem]:
    with lines:
        yield from _rows(lines)


def _rows(lines: Iterable[str]) -> Iterator[Row | RowProblem]:
    card: list[str] | None = None
    number = 0
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        mark = line.strip().upper()
        if mark == "BEGIN:VCARD" and not card:
            card = []
        elif mark == "END:VCARD" and card is not None:
            yield Row(number, _cells(properties(card)))
            card = None
        elif card is not None:
            if len(card) >= _LONGEST_CARD:
                yield RowProblem(number, "the card is too long", [])
                card = None
            else:
                card.append(line)
    if card:
        yield RowProblem(number, "the card has no end (END:VCARD)", [])


def properties(lines: Iterable[str]) -> Iterator[Property]:
    """The properties of a card's lines."""
    for line in _unfolded(lines):
        found = _PROPERTY.fullmatch(line)
        if found is None:
            continue
        parameters: dict[str, str] = {}
        for written in _PARAMETER.findall(found[2]):
            name, equals, value = written.partition("=")
            if not equals:  # 2.1: TEL;CELL, NOTE;QUOTED-PRINTABLE
                name, value = ("ENCODING" if written.upper() in ("QUOTED-PRINTABLE", "BASE64") else "TYPE"), written
            value = value.strip('"')
            name = name.strip().upper()
            parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
        yield Property(found[1].upper(), parameters, _decoded(found[3], parameters))


def _unfolded(lines: Iterable[str]) -> Iterator[str]:
    """Lines put together again: a leading blank continues one (3.0, 4.0); so does "=" at the end of quoted-printable."""
    held = ""
    for line in lines:
        if held and _is_quoted(held) and held.endswith("="):
            held = held[:-1] + line.lstrip("\t ")
        elif held and line[:1] in (" ", "\t"):
            held += line[1:]
        else:
            if held:
                yield held
            held = line
    if held:
        yield held


def _is_quoted(line: str) -> bool:
    return "QUOTED-PRINTABLE" in line.partition(":")[0].upper()


def _decoded(value: str, parameters: dict[str, str]) -> str:
    if parameters.get("ENCODING", "").upper() != "QUOTED-PRINTABLE":
        return value
    octets = quopri.decodestring(value.encode("latin-1", "replace") if value.isascii() else value.encode())
    charset = parameters.get("CHARSET", "")
    try:
        return octets.decode(charset or "utf-8")
    except (LookupError, ValueError):
        return octets.decode(guess_encoding(octets), "replace")


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _structured(value: str) -> list[str]:
    """The components of N, ADR and ORG; a component that lists several keeps them, a blank apart."""
    parts = _PARTED.sub("\\1\x00", value).split("\x00")
    return [_plain(_LISTED.sub(r"\1 ", part)) for part in parts]


def _cells(found: Iterable[Property]) -> dict[str, str]:
    cells = dict.fromkeys(HEADERS, "")
    several: dict[str, list[tuple[int, str]]] = {"email": [], "phone": []}
    is_company = False
    for each in found:
        if each.name in ("EMAIL", "TEL"):
            value = _plain(each.value).removeprefix("tel:").removeprefix("mailto:").partition(";")[0]
            if not (each.name == "TEL" and _is_fax(each)):
                several["email" if each.name == "EMAIL" else "phone"].append((_preference(each), value))
        elif each.name == "X-ABSHOWAS":
            is_company = each.value.strip().upper() == "COMPANY"
        elif (reader := _READERS.get(each.name)) is not None:
            for name, value in reader(each).items():
                cells[name] = cells[name] or value
    for name, values in several.items():
        ordered = sorted(enumerate(values), key=lambda item: (item[1][0], item[0]))
        cells[name] = " ::: ".join(dict.fromkeys(value for _, (_, value) in ordered if value))
    if is_company:  # its name is the company's
        cells["company"], cells["full_name"] = cells["company"] or cells["full_name"], ""
    elif cells["given_name"] or cells["family_name"]:
        cells["full_name"] = ""
    return cells


def _preference(each: Property) -> int:
    """1 for the address its owner prefers."""
    if (written := each.parameters.get("PREF", "")).isdecimal():
        return int(written)
    return 1 if "PREF" in each.parameters.get("TYPE", "").upper().split(",") else 101


def _is_fax(each: Property) -> bool:
    return "FAX" in each.parameters.get("TYPE", "").upper()


def _name(each: Property) -> dict[str, str]:
    parts = [*_structured(each.value), *[""] * 5]
    names = ("family_name", "given_name", "middle_name", "name_prefix", "name_suffix")
    return dict(zip(names, parts, strict=False))


def _address(each: Property) -> dict[str, str]:
    parts = [*_structured(each.value), *[""] * 7]
    names = ("", "address_2", "street", "city", "state", "postcode", "country")
    return {name: " ".join(part.split()) for name, part in zip(names, parts, strict=False) if name}


def _birthday(each: Property) -> dict[str, str]:
    """Without its year (Apple writes 1604) it is no date of birth, and kept as it is."""
    written = each.value.strip()
    if short := _NO_YEAR.fullmatch(written.partition("T")[0]):
        return {"birthday": f"--{short[1] or short[3]}-{short[2] or short[4]}"}
    found = _DAY.fullmatch(written)
    return {"birth_date": "-".join(found.groups()) if found else written}


def _as(field: str) -> Callable[[Property], dict[str, str]]:
    return lambda each: {field: _plain(each.value)}


def _categories(each: Property) -> dict[str, str]:
    return {"tags": ", ".join(_plain(part) for part in _LISTED.sub("\\1\x00", each.value).split("\x00"))}


def _organisation(each: Property) -> dict[str, str]:
    return {"company": _structured(each.value)[0]}


_READERS: dict[str, Callable[[Property], dict[str, str]]] = {
    "N": _name,
    "FN": _as("full_name"),
    "ADR": _address,
    "BDAY": _birthday,
    "ORG": _organisation,
    "CATEGORIES": _categories,
    "UID": lambda each: {"external_id": _plain(each.value).removeprefix("urn:uuid:")},
    "TITLE": _as("job_title"),
    "NOTE": _as("note"),
    "URL": _as("website"),
    "GENDER": lambda each: {"gender": _plain(each.value).partition(";")[0]},
    "LANG": _as("locale"),
    "NICKNAME": _as("nickname"),
}
