"""What may be asked: events with their properties, fields, identifiers, numbers of value, and the operators of each. Pure.

Names are given in English and Polish; of an event also the nouns Polish counts it by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

Type = Literal["text", "number", "money"]

COMPARES = ("at_least", "at_most", "exactly", "more_than", "less_than")
TEXT_OPS = ("is", "is_not", "one_of", "contains", "starts", "ends", "known", "unknown")
#: Operators that take no value.
BARE = ("known", "unknown")
UNITS = ("minutes", "hours", "days")
TOTALS = ("sum", "avg", "max", "min")
CHANNELS = ("email", "sms", "phone", "push")


class Named(NamedTuple):
    """A name in both languages."""

    en: str
    pl: str


class Property(NamedTuple):
    """A property of an event. `key` where it is kept, when that differs; `line`: of a line of the order."""

    name: Named
    type: Type = "text"
    key: str = ""
    line: bool = False


class Event(NamedTuple):
    """`en` as in "(who) bought"; `pl` nouns for 1, 2, 5 of them and the genitive of one ("żadnego zakupu")."""

    en: str
    pl: tuple[str, str, str, str]
    properties: Mapping[str, Property] = {}


def _event(en: str, one: str, few: str, many: str, of_one: str, /, **properties: Property) -> Event:
    return Event(en, (one, few, many, of_one), properties)


def _text(en: str, pl: str, *, key: str = "", line: bool = False) -> Property:
    return Property(Named(en, pl), "text", key, line)


def _number(en: str, pl: str, *, key: str = "") -> Property:
    return Property(Named(en, pl), "number", key)


_CATEGORY, _NAME, _SKU = _text("category", "kategoria"), _text("product", "produkt", key="name"), _text("SKU", "SKU")
_PRICE = Property(Named("price", "cena"), "money", "unit_price_minor")
_PRODUCT = {
    "category": _CATEGORY,
    "product": _NAME,
    "sku": _SKU,
    "price": _PRICE,
    "quantity": _number("quantity", "liczba sztuk"),
}
_CART = {"total": Property(Named("value", "wartość"), "money", "total_minor"), "items": _number("items", "pozycje")}
#: negative, neutral, positive: a guess (see crm360.tone) unless a colleague said so.
_TONE = _text("guessed tone", "przypuszczalny wydźwięk")
_MAIL = {"campaign": _text("campaign", "kampania"), "subject": _text("subject", "temat")}
_ORDER = {
    "category": _text("category", "kategoria", line=True),
    "product": _text("product", "produkt", key="name", line=True),
    "sku": _text("SKU", "SKU", line=True),
    "channel": _text("channel", "kanał"),
    "store": _text("store", "sklep"),
    "total": Property(Named("total", "kwota"), "money", "total_minor"),
}

#: "order" and "order.returned" are read from purchase documents, all others from the timeline.
EVENTS: Mapping[str, Event] = {
    "order": _event("bought", "zakup", "zakupy", "zakupów", "zakupu", **_ORDER),
    "order.returned": _event("returned goods", "zwrot", "zwroty", "zwrotów", "zwrotu", **_ORDER),
    "cart.added": _event(
        "added to cart", "dodanie do koszyka", "dodania do koszyka", "dodań do koszyka", "dodania do koszyka", **_PRODUCT
    ),
    "cart.removed": _event(
        "removed from cart", "usunięcie z koszyka", "usunięcia z koszyka", "usunięć z koszyka", "usunięcia z koszyka",
        **_PRODUCT,
    ),
    "cart.viewed": _event(
        "looked at a product", "obejrzenie produktu", "obejrzenia produktu", "obejrzeń produktu", "obejrzenia produktu",
        **_PRODUCT,
    ),
    "cart.checkout": _event(
        "started a checkout", "rozpoczęcie zamówienia", "rozpoczęcia zamówienia", "rozpoczęć zamówienia",
        "rozpoczęcia zamówienia", **_PRODUCT,
    ),
    "cart.abandoned": _event(
        "abandoned a cart", "porzucony koszyk", "porzucone koszyki", "porzuconych koszyków", "porzuconego koszyka", **_CART
    ),
    "page.viewed": _event(
        "viewed a page", "odsłona strony", "odsłony strony", "odsłon strony", "odsłony strony",
        url=_text("address", "adres"), path=_text("path", "ścieżka"), title=_text("title", "tytuł"),
    ),
    "screen.viewed": _event("viewed a screen of the app", "ekran aplikacji", "ekrany aplikacji", "ekranów aplikacji", "ekranu aplikacji"),
    "message.in": _event("wrote to us", "wiadomość do nas", "wiadomości do nas", "wiadomości do nas", "wiadomości do nas", channel=_text("channel", "kanał"), tone=_TONE),
    "message.out": _event("was written to", "wiadomość od nas", "wiadomości od nas", "wiadomości od nas", "wiadomości od nas", channel=_text("channel", "kanał")),
    "conversation.opened": _event("opened a conversation", "rozpoczęta rozmowa", "rozpoczęte rozmowy", "rozpoczętych rozmów", "rozpoczętej rozmowy", channel=_text("channel", "kanał")),
    "conversation.resolved": _event("had a conversation resolved", "zakończona rozmowa", "zakończone rozmowy", "zakończonych rozmów", "zakończonej rozmowy"),
    "conversation.rated": _event("rated the service", "ocena obsługi", "oceny obsługi", "ocen obsługi", "oceny obsługi", rating=_number("rating", "ocena")),
    "survey.answered": _event(
        "answered a survey", "odpowiedź na ankietę", "odpowiedzi na ankietę", "odpowiedzi na ankietę", "odpowiedzi na ankietę",
        survey=_text("survey", "ankieta"), kind=_text("kind of question", "rodzaj pytania"), score=_number("score", "ocena"), tone=_TONE,
    ),
    "review.written": _event(
        "wrote a review", "opinia", "opinie", "opinii", "opinii",
        rating=_number("stars", "gwiazdki"), product=_text("product", "produkt"), text=_text("words", "treść", key="snippet"),
        state=_text("state", "stan"), tone=_TONE,
    ),
    "email.sent": _event("was sent an e-mail", "wysłany e-mail", "wysłane e-maile", "wysłanych e-maili", "wysłanego e-maila", **_MAIL),
    "email.delivered": _event("received an e-mail", "doręczony e-mail", "doręczone e-maile", "doręczonych e-maili", "doręczonego e-maila", **_MAIL),
    "email.opened": _event("opened an e-mail", "otwarty e-mail", "otwarte e-maile", "otwartych e-maili", "otwartego e-maila", **_MAIL),
    "email.clicked": _event("clicked in an e-mail", "kliknięcie w e-mailu", "kliknięcia w e-mailu", "kliknięć w e-mailu", "kliknięcia w e-mailu", **_MAIL),
    "email.hard_bounced": _event("had an e-mail come back for good", "odrzucony e-mail", "odrzucone e-maile", "odrzuconych e-maili", "odrzuconego e-maila"),
    "email.complained": _event("marked our mail as spam", "zgłoszenie spamu", "zgłoszenia spamu", "zgłoszeń spamu", "zgłoszenia spamu"),
    "email.unsubscribed": _event("unsubscribed", "rezygnacja z e-maili", "rezygnacje z e-maili", "rezygnacji z e-maili", "rezygnacji z e-maili"),
    "consent.given": _event("gave a consent", "udzielona zgoda", "udzielone zgody", "udzielonych zgód", "udzielonej zgody", purpose=_text("purpose", "cel"), channel=_text("channel", "kanał")),
    "consent.withdrawn": _event("withdrew a consent", "wycofana zgoda", "wycofane zgody", "wycofanych zgód", "wycofanej zgody", purpose=_text("purpose", "cel"), channel=_text("channel", "kanał")),
    "call.in": _event("called us", "telefon do nas", "telefony do nas", "telefonów do nas", "telefonu do nas"),
    "call.out": _event("was called", "telefon od nas", "telefony od nas", "telefonów od nas", "telefonu od nas"),
    "deal.won": _event("had a deal won", "wygrana szansa", "wygrane szanse", "wygranych szans", "wygranej szansy"),
    "deal.lost": _event("had a deal lost", "przegrana szansa", "przegrane szanse", "przegranych szans", "przegranej szansy"),
    "push.subscribed": _event("took push messages", "zgoda na push", "zgody na push", "zgód na push", "zgody na push"),
}  # fmt: skip

#: Events of the shop's own naming; any property of theirs may be asked for.
OWN = "custom."
_OWN_NAME = re.compile(r"[\w .-]{1,60}")

FIELDS: Mapping[str, Named] = {
    "given_name": Named("given name", "imię"), "family_name": Named("family name", "nazwisko"),
    "company": Named("company", "firma"), "job_title": Named("job title", "stanowisko"),
    "gender": Named("gender", "płeć"), "city": Named("city", "miasto"), "postcode": Named("postcode", "kod pocztowy"),
    "state": Named("region", "województwo"), "country": Named("country", "kraj"),
    "locale": Named("language", "język"), "birth_date": Named("birth date", "data urodzenia"),
    "joined_on": Named("customer since", "klient od"),
}  # fmt: skip

IDENTIFIERS: Mapping[str, Named] = {
    "email": Named("e-mail address", "adres e-mail"), "phone": Named("phone number", "numer telefonu"),
    "card": Named("loyalty card", "karta lojalnościowa"), "customer_id": Named("customer number", "numer klienta"),
    "device": Named("device", "urządzenie"), "tax_id": Named("tax id", "NIP"),
}  # fmt: skip

#: Columns of commerce_value; money in the customer's own currency. "points" is not kept there: it is summed over the cards.
VALUES: Mapping[str, Property] = {
    "orders": Property(Named("number of orders", "liczba zakupów"), "number"),
    "purchase_days": Property(Named("days with purchases", "dni z zakupami"), "number"),
    "returns": Property(Named("number of returns", "liczba zwrotów"), "number"),
    "spend": Property(Named("money spent", "wydana kwota"), "money", "spend_minor"),
    "average": Property(Named("average order", "średni zakup"), "money", "average_minor"),
    "recency_score": Property(Named("recency score (1–5)", "ocena świeżości (1–5)"), "number"),
    "frequency_score": Property(Named("frequency score (1–5)", "ocena częstości (1–5)"), "number"),
    "monetary_score": Property(Named("money score (1–5)", "ocena kwoty (1–5)"), "number"),
    "churn_probability": Property(Named("probability of leaving (0–1)", "prawdopodobieństwo odejścia (0–1)"), "number"),
    "alive_probability": Property(Named("probability of being active (0–1)", "prawdopodobieństwo aktywności (0–1)"), "number"),
    "expected_orders": Property(Named("orders expected in a year", "spodziewane zakupy w rok"), "number"),
    "clv": Property(Named("expected spend in a year", "spodziewane wydatki w rok"), "money", "clv_minor"),
    "abandoned_carts": Property(Named("carts left behind", "porzucone koszyki"), "number"),
    "rhythm_days": Property(Named("days between purchases", "dni między zakupami"), "number"),
    "points": Property(Named("loyalty points", "punkty lojalnościowe"), "number"),
    "currency": Property(Named("currency", "waluta")),
    "favourite_category": Property(Named("favourite category", "ulubiona kategoria")),
    "next_product": Property(Named("product likely next", "następny produkt")),
}  # fmt: skip


def event(name: str) -> Event | None:
    """What is known of an event; one of the shop's own naming counts as known."""
    if name.startswith(OWN) and len(name) > len(OWN):
        own = name.removeprefix(OWN).replace("_", " ")
        return Event(f"did “{own}”", (f"„{own}”",) * 4)
    return EVENTS.get(name)


def property_of(event_name: str, name: str) -> Property | None:
    """A property of an event; of the shop's own events any."""
    found = EVENTS.get(event_name)
    if found:
        return found.properties.get(name)
    return Property(Named(name, name)) if event_name.startswith(OWN) and _OWN_NAME.fullmatch(name) else None


def ops_of(kind: Type) -> tuple[str, ...]:
    """The operators a type takes."""
    return TEXT_OPS if kind == "text" else (*COMPARES, *BARE)
