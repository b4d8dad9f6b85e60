"""A person as a vCard 4.0 (RFC 6350). Pure."""

from __future__ import annotations

from collections.abc import Mapping

_LONGEST = 75


def card(person: Mapping[str, str]) -> str:
    """`person`: field name → value; several e-mails or phones between line breaks."""
    name = (
        person.get("display_name") or " ".join(person.get(part, "") for part in ("given_name", "family_name")).strip()
    )
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"FN:{_text(name or '-')}"]
    lines.append("N:" + ";".join(_text(person.get(part, "")) for part in ("family_name", "given_name")) + ";;;")
    lines += [f"EMAIL:{_text(each)}" for each in person.get("email", "").splitlines() if each]
    lines += [f"TEL;VALUE=text:{_text(each)}" for each in person.get("phone", "").splitlines() if each]
    if any(person.get(part) for part in ("street", "city", "postcode", "country")):
        street = " ".join(person[part] for part in ("street", "house_number") if person.get(part))
        parts = (
            street,
            person.get("city", ""),
            person.get("state", ""),
            person.get("postcode", ""),
            person.get("country", ""),
        )
        lines.append("ADR:;;" + ";".join(map(_text, parts)))
    if person.get("birth_date"):
        lines.append(f"BDAY:{person['birth_date'].replace('-', '')}")
    if person.get("company"):
        lines.append(f"ORG:{_text(person['company'])}")
    return "\r\n".join(_folded(line) for line in [*lines, "END:VCARD"]) + "\r\n"


def _text(value: str) -> str:
    """A value with what means something to vCard escaped (section 3.4)."""
    for char in ("\\", ",", ";"):
        value = value.replace(char, "\\" + char)
    return value.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 octets a line, no character cut (section 3.2)."""
    pieces: list[str] = []
    piece = ""
    for char in line:
        if len((piece + char).encode()) > _LONGEST - (1 if pieces else 0):
            pieces.append(piece)
            piece = ""
        piece += char
    return "\r\n ".join([*pieces, piece])
