"""Purposes: why an address may be used, on which ground, and what proof that needs. Pure.

Every shop starts with the purposes below; the privacy officer changes them by new versions, which are rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

Basis = Literal[
    "consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests", "soft_opt_in"
]
Grade = Literal["A", "B", "C"]
BASES: tuple[Basis, ...] = get_args(Basis)
#: Weakest proof that may permit; D (a bare claim) never does, whatever a purpose says.
GRADES: tuple[Grade, ...] = get_args(Grade)
CHANNELS = ("email", "sms", "phone", "push", "post", "web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """One purpose as one version defines it.

    `names` by language; `min_grade` the weakest evidence that permits; `validity_months` how long a consent lasts (None:
    until withdrawn); `scope` "person": a yes covers the person's data, so after a merge both halves must have said it; `min_age` in years, below which only a guardian consents; `commercial` whether it is direct
    marketing (an objection under Art. 21(2) stops it); `retention` and `recipients` in the officer's words.
    """

    code: str
    version: int = 1
    names: Mapping[str, str] = field(default_factory=dict)
    basis: Basis = "consent"
    channels: Sequence[str] = CHANNELS
    categories: Sequence[str] = ("contact",)
    recipients: Sequence[str] = ()
    retention: str = ""
    jurisdictions: Sequence[str] = ("PL",)
    min_grade: Grade = "C"
    validity_months: int | None = None
    min_age: int | None = 16
    commercial: bool = True
    profiling: bool = False
    special_category: bool = False
    scope: Literal["address", "person"] = "address"
    balancing_ref: str = ""
    effective_from: datetime | None = None

    @property
    def asks_consent(self) -> bool:
        """Whether nothing but a consent permits. `soft_opt_in` is a ground only where the law has it (not in Poland)."""
        return self.basis == "consent" or (self.basis == "soft_opt_in" and "PL" in self.jurisdictions)


def _named(english: str, polish: str) -> dict[str, str]:
    return {"en": english, "pl": polish}


DEFAULTS: Mapping[str, Purpose] = {
    purpose.code: purpose
    for purpose in (
        Purpose(code="marketing", names=_named("Offers", "Oferty"), profiling=True),
        Purpose(code="offers", names=_named("Special offers", "Oferty specjalne"), profiling=True),
        Purpose(code="newsletter", names=_named("Newsletter", "Newsletter")),
        Purpose(code="surveys", names=_named("Surveys", "Ankiety"), commercial=False),
        Purpose(
            code="profiling",
            names=_named("Personal offers from purchases", "Oferty dobrane do zakupów"),
            categories=("contact", "purchases", "behaviour"),
            profiling=True,
            scope="person",
        ),
        Purpose(
            code="loyalty",
            names=_named("Loyalty programme", "Program lojalnościowy"),
            basis="contract",
            categories=("contact", "purchases"),
            commercial=False,
        ),
        Purpose(
            code="service",
            names=_named("Service messages", "Wiadomości o obsłudze"),
            basis="contract",
            categories=("contact", "purchases", "conversations"),
            commercial=False,
            min_age=None,
        ),
        Purpose(
            code="rights",
            names=_named("Answers to requests about personal data", "Odpowiedzi na wnioski o dane osobowe"),
            basis="legal_obligation",
            channels=("email", "post"),
            commercial=False,
            min_age=None,
        ),
    )
}


def unknown(code: str) -> Purpose:
    """What a purpose nobody defined counts as: only a consent permits it."""
    return Purpose(code=code, names=_named(code, code))


def faults(purpose: Purpose) -> dict[str, list[str]]:
    """What is wrong with a definition: field → English message ids."""
    found = {
        "code": "A code has 1 to 40 small letters, digits and hyphens."
        if not purpose.code.replace("-", "").isalnum() or not purpose.code.isascii() or len(purpose.code) > 40
        else "",
        "names": "A purpose needs a name in English and in Polish."
        if not all(purpose.names.get(language, "").strip() for language in ("en", "pl"))
        else "",
        "basis": "This is no lawful basis." if purpose.basis not in BASES else "",
        "channels": "A purpose needs at least one channel."
        if not purpose.channels or not set(purpose.channels) <= set(CHANNELS)
        else "",
        "min_grade": "Evidence of grade D never permits; choose A, B or C." if purpose.min_grade not in GRADES else "",
        "validity_months": "A validity has 1 to 120 months."
        if purpose.validity_months is not None and not 1 <= purpose.validity_months <= 120
        else "",
        "min_age": "An age has 13 to 18 years."
        if purpose.min_age is not None and not 13 <= purpose.min_age <= 18
        else "",
        "balancing_ref": "Legitimate interests need the document of their balancing test."
        if purpose.basis == "legitimate_interests" and not purpose.balancing_ref.strip()
        else "",
    }
    return {name: [text] for name, text in found.items() if text}
