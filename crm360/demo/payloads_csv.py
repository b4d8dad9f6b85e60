"""Files that reach the shop by hand: tills' receipts, loyalty cards, the mailing list, companies with a NIP."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random

from crm360.demo.catalogue import shelves
from crm360.demo.times import in_poland
from crm360.demo.views import CARD, NEWSLETTER, SECOND_CARD, view
from crm360.demo.world import Item, Person, Purchase, World

_RECEIPTS = ("Nr paragonu", "Data", "Godzina", "Sklep", "Kasa", "Kasjer", "Kod towaru", "Nazwa", "Kategoria", "Ilość",
             "Cena", "Wartość", "Rabat", "Płatność", "Typ", "Nr karty")  # fmt: skip
_CARDS = ("Nr karty", "Imię", "Nazwisko", "Data urodzenia", "Ulica", "Nr domu", "Kod pocztowy", "Miasto", "Kraj", "Telefon",
          "E-mail", "Data przystąpienia", "Zgoda e-mail", "Zgoda SMS", "Punkty")  # fmt: skip
_LIST = ("Email Address", "First Name", "Last Name", "OPTIN_TIME", "OPTIN_IP", "CONFIRM_TIME", "CONFIRM_IP", "CC",
         "LAST_CHANGED", "LEID", "EUID", "TAGS")  # fmt: skip
_COMPANIES = ("NIP", "Firma", "Imię", "Nazwisko", "E-mail", "Telefon", "Ulica", "Nr domu", "Kod pocztowy", "Miasto")
_CASHIERS = {"Kraków": ("B. Kaczmarek", "J. Sowa"), "Wrocław": ("P. Lis", "M. Kurek"), "Gdańsk": ("A. Mróz", "K. Wilk")}
_PAYMENTS = ("karta", "karta", "karta", "BLIK", "gotówka")


def receipts(world: World) -> bytes:
    """One row per line: semicolons, code page 1250, decimal comma; the loyalty card last, mostly empty."""
    rows = (row for bought in world.purchases if bought.store for row in _receipt(bought))
    return _polish_excel(_RECEIPTS, rows)


def loyalty_cards(world: World) -> bytes:
    """Cards as the till program exports them; numbers begin with zeros."""
    rows = (row for person in world.people if person.card for row in _card(person, world.anchor))
    return _polish_excel(_CARDS, rows)


def companies(world: World) -> bytes:
    """Business customers from the accounting program."""
    rows = [_company_row(person, world.anchor) for person in world.people if person.company]
    return _polish_excel(_COMPANIES, rows)


def subscribed(world: World) -> bytes:
    """The mailing list as Mailchimp exports those who still receive it."""
    gone = _gone(world)
    rows = [_subscriber(person, at) for person, at in _joined(world) if person not in gone]
    return _comma_separated(_LIST, rows)


def unsubscribed(world: World) -> bytes:
    """Those who left the list, with the time."""
    gone = _gone(world)
    left = [(person, at) for person, at in _joined(world) if person in gone]
    rows = [(*_subscriber(person, at), _stamp(gone[person]), "NORMAL") for person, at in left]
    return _comma_separated((*_LIST, "UNSUB_TIME", "UNSUB_REASON"), rows)


def _receipt(bought: Purchase) -> Iterator[tuple[str, ...]]:
    yield from _rows(bought, bought.number, bought.at, bought.items, 1)
    if bought.returned:
        yield from _rows(bought, bought.return_number, bought.returned[0], bought.returned[1], -1)


def _rows(bought: Purchase, number: str, at: datetime, items: Iterable[Item], sign: int) -> Iterator[tuple[str, ...]]:
    rng, clock = Random(number), in_poland(at)
    till, cashier, payment = f"K{rng.randint(1, 2)}", rng.choice(_CASHIERS[bought.store]), rng.choice(_PAYMENTS)
    share = bought.discount_minor / bought.goods_minor if bought.goods_minor else 0.0
    for item in items:
        price = item.product.prices["PLN"]
        discount = round(price * item.quantity * share)
        total = (price * item.quantity - discount) * sign
        yield (
            number, f"{clock:%d.%m.%Y}", f"{clock:%H:%M}", bought.store, till, cashier, item.product.sku,
            item.product.name_pl, shelves()[item.product.category][0], str(item.quantity * sign), _decimal(price),
            _decimal(total), _decimal(discount) if discount else "", payment, "Zwrot" if sign < 0 else "Sprzedaż",
            bought.card,
        )  # fmt: skip


def _card(person: Person, anchor: datetime) -> Iterator[tuple[str, ...]]:
    for number, source in ((person.card, CARD), (person.second_card, SECOND_CARD)):
        if not number:
            continue
        rng, joined = Random(number), person.joined_at + timedelta(days=210 if source == SECOND_CARD else 0)
        seen = view(person, source, joined)
        home = seen.home
        yield (
            number, seen.given, seen.family, _dotted(seen.born_on), home.street, home.house_number, home.postcode, home.city,
            home.country, seen.phone, seen.email, f"{min(joined, anchor):%d.%m.%Y}",
            rng.choice(("TAK", "TAK", "NIE", "")) if seen.email else "", rng.choice(("TAK", "NIE", "NIE", "")),
            str(rng.randint(0, 90) * 5),
        )  # fmt: skip


def _company_row(person: Person, anchor: datetime) -> tuple[str, ...]:
    company, home = person.company, person.home
    name, tax_id, email = (company.name, company.tax_id, company.email) if company else ("", "", "")
    return (tax_id, name, person.given, person.family_at(anchor), email, person.mobile.removeprefix("+48"),
            home.street, home.house_number, home.postcode, home.city)  # fmt: skip


def _joined(world: World) -> list[tuple[Person, datetime]]:
    return [(one.person, one.at) for one in world.consents if one.how == "newsletter" and one.given]


def _gone(world: World) -> dict[Person, datetime]:
    return {one.person: one.at for one in world.consents if one.how == "unsubscribe"}


def _subscriber(person: Person, at: datetime) -> tuple[str, ...]:
    seen, rng = view(person, NEWSLETTER, at), Random(f"list {person.key}")
    address = f"198.51.100.{rng.randint(1, 250)}"
    confirmed = at + timedelta(minutes=rng.randint(1, 300)) if rng.random() < 0.7 else None
    tags = '"Kawa","Blog"' if person.key % 5 == 0 else '"Newsletter"'
    return (seen.email, seen.given, seen.family, _stamp(at), address, _stamp(confirmed) if confirmed else "",
            address if confirmed else "", person.home.country, _stamp(confirmed or at), str(800_000 + person.key),
            f"{rng.getrandbits(40):010x}", tags)  # fmt: skip


def _decimal(minor: int) -> str:
    """123450 → `1 234,50`, as Excel shows it in Poland."""
    return f"{minor / 100:,.2f}".replace(",", " ").replace(".", ",")


def _dotted(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d.%m.%Y}" if iso else ""


def _stamp(at: datetime) -> str:
    return f"{in_poland(at):%Y-%m-%d %H:%M:%S}"


def _polish_excel(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    return _written(header, rows, ";").encode("cp1250", errors="replace")


def _comma_separated(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    return _written(header, rows, ",").encode()


def _written(header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str) -> str:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()
