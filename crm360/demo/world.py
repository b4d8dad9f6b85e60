"""The nouns of the demo shop: who lives in it and what they do, before any system has written it down its own way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Language = Literal["pl", "en", "de"]
Place = Literal["shop", "web", "store", "newsletter", "chat", "mail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`street` with its house number apart; `country` ISO alpha-2."""

    street: str
    house_number: str
    city: str
    postcode: str
    country: str

    @property
    def line(self) -> str:
        """Street and number as the country writes them."""
        if self.country in ("GB", "IE"):
            return f"{self.house_number} {self.street}"
        return f"{self.street} {self.house_number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A business customer; `tax_id` is a NIP with a valid check digit, `email` the mailbox everybody there reads."""

    name: str
    tax_id: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Person:
    """One human being, as they are; `views` says how the sources misspell them.

    `family` is the name at birth or before marriage; `family_since` gives the later one and its day. Phones in E.164.
    `rhythm_days` is the usual pause between two purchases. The `second_…` ones belong to an account or card opened
    again by somebody who forgot the first. `story` names those whom the scripted stories are about.
    """

    key: int
    household: int
    gender: Literal["f", "m"]
    language: Language
    given: str
    family: str
    nickname: str = ""
    born_on: date
    home: Address
    moved: tuple[datetime, Address] | None = None
    family_since: tuple[datetime, str] | None = None
    email: str
    second_email: str = ""
    mobile: str
    landline: str = ""
    company: Company | None = None
    places: frozenset[Place]
    card: str = ""
    shop_id: int = 0
    device: str = ""
    joined_at: datetime
    rhythm_days: float = 60.0
    left_at: datetime | None = None
    favourites: tuple[str, ...] = ()
    story: str = ""
    second_shop_id: int = 0
    second_card: str = ""
    second_mobile: str = ""

    def family_at(self, moment: datetime) -> str:
        """The surname in use at that time."""
        return self.family_since[1] if self.family_since and moment >= self.family_since[0] else self.family

    def home_at(self, moment: datetime) -> Address:
        """Where they lived at that time."""
        return self.moved[1] if self.moved and moment >= self.moved[0] else self.home


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Product:
    """`prices` in minor units by currency."""

    sku: str
    category: str
    name_pl: str
    name_en: str
    prices: dict[str, int]

    def name(self, language: str) -> str:
        """The name a buyer of that language sees."""
        return self.name_pl if language == "pl" else self.name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product in a basket."""

    product: Product
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """An online order or a till receipt (`store` set). `buyer` None: somebody walked in.

    `returned` lists what came back and when; `cancelled_at` an order called off before it left.
    """

    number: str
    buyer: Person | None
    at: datetime
    items: tuple[Item, ...]
    currency: str
    store: str = ""
    card: str = ""
    discount_minor: int = 0
    shipping_minor: int = 0
    coupon: str = ""
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    returned: tuple[datetime, tuple[Item, ...]] | None = None
    return_number: str = ""

    @property
    def goods_minor(self) -> int:
        """Price of the goods before discount and delivery."""
        return sum(item.product.prices[self.currency] * item.quantity for item in self.items)

    @property
    def total_minor(self) -> int:
        """What was paid."""
        return self.goods_minor - self.discount_minor + self.shipping_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A browsing session. `viewed` ⊇ what was added; `removed` left the cart again; `identified` names the visitor."""

    visitor: Person | None
    device: str
    at: datetime
    viewed: tuple[Product, ...]
    added: tuple[Item, ...] = ()
    removed: tuple[Item, ...] = ()
    cart_id: str = ""
    checkout: bool = False
    identified: bool = True
    query: str = ""
    campaign: str = ""
    currency: str = "PLN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A chat or an e-mail thread. `turns` are (who, minutes since the start, text), who one of in, out, note."""

    number: int
    person: Person
    medium: Literal["chat", "mail"]
    at: datetime
    subject: str
    agent: str
    turns: tuple[tuple[str, int, str], ...]
    resolved: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Something said about marketing on one channel. `how` says which system heard of it."""

    person: Person
    channel: Literal["email", "sms"]
    given: bool
    at: datetime
    how: Literal["form", "shop", "newsletter", "unsubscribe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """A newsletter somebody opened, and perhaps clicked."""

    reader: Person
    at: datetime
    campaign: str
    subject: str
    clicked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that happened up to `anchor`, each list in time order."""

    anchor: datetime
    people: tuple[Person, ...]
    purchases: tuple[Purchase, ...] = ()
    visits: tuple[Visit, ...] = ()
    talks: tuple[Talk, ...] = ()
    consents: tuple[Consent, ...] = ()
    mailings: tuple[Mailing, ...] = ()
