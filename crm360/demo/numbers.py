"""Telephone numbers, tax numbers, cards and mailboxes that are well formed and belong to nobody.

Britain reserves numbers for drama (Ofcom) and they are used here. Poland, Ireland and Germany get the 55x block of real
prefixes. Mailboxes live under the reserved `.example`, so that nothing sent from a demo can ever reach a person.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from crm360.demo.places import City
from crm360.demo.tables import words
from crm360.normalise.text import fold

_POLISH_MOBILE = words("""501 502 504 505 506 507 508 509 510 512 515 516 530 531 533 535 600 601 602 603 604 605 606 607 608
609 660 661 662 663 664 665 667 668 669 691 692 693 694 695 696 697 698 721 722 723 781 782 783 784 785 790 791 792 793
794 795 880 881 882 883 884 885 886 887 888 889""")
PROVIDERS = {
    "pl": ("poczta.example", "skrzynka.example", "listonosz.example", "mail.example", "inbox.example"),
    "en": ("mail.example", "inbox.example", "postbox.example", "letters.example"),
    "de": ("mail.example", "brief.example", "postfach.example"),
}
_NIP_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7)


class Numbers:
    """Hands out each number and mailbox once."""

    def __init__(self, rng: Random) -> None:
        self._rng, self._taken = rng, set[str]()

    def mobile(self, country: str) -> str:
        """A mobile number in E.164."""
        return self._once(lambda: self._mobile(country))

    def landline(self, city: City) -> str:
        """A landline of the city in E.164."""
        codes = {"PL": "+48", "GB": "+44", "IE": "+353", "DE": "+49"}
        area, rest = city.dialling.replace(" ", ""), {"PL": 7, "GB": 4, "IE": 7, "DE": 7}[city.country]
        head = "" if city.country == "GB" else "55"
        tail = ("0" + self._digits(rest - 1)) if city.country == "GB" else head + self._digits(rest - len(head))
        return codes[city.country] + area + tail

    def mailbox(self, given: str, family: str, year: int, language: str) -> str:
        """An address made of a name, in one of the usual ways."""
        first, last = plain(given), plain(family)
        patterns = (f"{first}.{last}", f"{first}.{last}", f"{first}{last}", f"{first[0]}.{last}", f"{last}.{first}",
                    f"{first}.{last}{year % 100:02d}", f"{first}{year}", f"{last}{self._digits(2)}")  # fmt: skip
        provider = self._rng.choice(PROVIDERS[language])
        tries = iter(range(1000))

        def make() -> str:
            turn = next(tries)
            return f"{self._rng.choice(patterns)}{turn + 1 if turn > 3 else ''}@{provider}"

        return self._once(make)

    def tax_id(self) -> str:
        """A NIP whose check digit is right."""
        return self._once(self._nip)

    def card(self) -> str:
        """A loyalty card: ten digits, the first two zeros."""
        return self._once(lambda: "00" + self._digits(8))

    def _once(self, make: Callable[[], str]) -> str:
        while (made := make()) in self._taken:
            continue
        self._taken.add(made)
        return made

    def _mobile(self, country: str) -> str:
        rng = self._rng
        if country == "GB":
            return f"+447700900{self._digits(3)}"
        if country == "IE":
            return f"+35385{rng.choice('3567')}55{self._digits(4)}"
        if country == "DE":
            return f"+49151{rng.choice('125')}055{self._digits(4)}"
        return f"+48{rng.choice(_POLISH_MOBILE)}55{self._digits(4)}"

    def _digits(self, count: int) -> str:
        return "".join(self._rng.choice("0123456789") for _ in range(count))

    def _nip(self) -> str:
        nine = self._rng.choice(("675", "677", "895", "897", "583", "957")) + self._digits(6)
        check = sum(int(digit) * weight for digit, weight in zip(nine, _NIP_WEIGHTS, strict=True)) % 11
        return f"{nine}{check}" if check < 10 else self._nip()


def plain(name: str) -> str:
    """A name as an address writes it: ASCII letters only."""
    return "".join(sign for sign in fold(name) if sign.isalnum() and sign.isascii())
