"""What single sources have wrong or different about the people of the stories: (story, source) → fields of the view."""

from __future__ import annotations

from typing import Any

ODDITIES: dict[tuple[str, str], dict[str, Any]] = {
    # The till knows Anna by phone alone: her card and her account are one person because of the number.
    ("anna", "card"): {"email": "", "born_on": "", "phone": "601 550 147"},
    ("anna", "chat"): {"given": "Ania", "phone": ""},
    ("anna", "newsletter"): {"family": "", "phone": ""},
    # Father and son share the mailbox, the landline and the name; cards and birthdays are their own.
    ("jan-senior", "card"): {"phone": "58 555 12 47", "email": "nowakowie@poczta.example"},
    ("jan-junior", "card"): {"phone": "58 555 12 47", "email": "nowakowie@poczta.example"},
    # The same woman? Name and door say yes, phones and mailboxes differ: a person has to look.
    ("ola", "card"): {"given": "Ola", "email": "kwiatek94@poczta.example", "born_on": ""},
    ("kasia", "chat"): {"given": "Kasia", "phone": ""},
    ("bob", "newsletter"): {"given": "Bob", "family": "Huges", "phone": ""},
    ("bob", "chat"): {"given": "Bob", "phone": ""},
    ("zofia", "card"): {"email": "brak@brak.pl", "phone": "000000000"},
    ("beata", "card"): {"email": "", "phone": "000000000"},
    ("emma", "newsletter"): {"family": "", "phone": ""},
}
