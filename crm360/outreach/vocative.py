"""How a Pole is spoken to: the vocative of a given name, and how sure we are of it. Pure.

Rules of Polish declension by the end of the name, with a list of names that follow another (W. Doroszewski, *Słownik
poprawnej polszczyzny*; declension tables of PWN). A name that is neither known nor looks Polish is left as it is, unsure.
What staff corrected overrules all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from crm360.normalise.nicknames import KNOWN, POLISH
from crm360.normalise.text import clean, fold

Confidence = Literal["corrected", "sure", "likely", "unsure"]

#: Names whose vocative the rules below would not give.
_EXCEPTIONS_TEXT = """
    kuba:kubo kosma:kosmo barnaba:barnabo sasza:saszo bonawentura:bonawenturo aleksander:aleksandrze kacper:kacprze
    ksawier:ksawierze paweł:pawle gaweł:gawle piotr:piotrze lew:lwie mieszko:mieszku bruno:bruno otto:otto leo:leo
    hugo:hugo iwo:iwo marek:marku jacek:jacku leszek:leszku józef:józefie beatrycze:beatrycze noemi:noemi miriam:miriam
    karen:karen nicole:nicole carmen:carmen ines:ines iga:igo ida:ido rut:rut estera:estero nel:nel nikol:nikol
    ela:elu ola:olu ula:ulu ala:alu jola:jolu lola:lolu mila:milu pola:polu hela:helu hala:halu fela:felu bela:belu
    sonia:soniu frania:franiu bronia:broniu mania:maniu hania:haniu ania:aniu tania:taniu genia:geniu henia:heniu
    rysia:rysiu magda:magdo ada:ado maja:maju kaja:kaju maciek:maćku krzysiek:krzyśku zbysiek:zbyśku stasiek:staśku
    jasiek:jaśku rysiek:ryśku grzesiek:grześku wojtek:wojtku tomek:tomku
    """
_EXCEPTIONS: Mapping[str, str] = MappingProxyType(dict(pair.split(":") for pair in _EXCEPTIONS_TEXT.split()))
#: Ends of women's names: soft pet forms take -u, all others -o.
_SOFT = ("sia", "zia", "cia", "dzia")
#: End of a man's name → what it becomes; the longest end counts.
_MALE: Mapping[str, str] = MappingProxyType(
    {
        "ek": "ku", "iel": "ielu", "ł": "le", "st": "ście", "zd": "ździe", "t": "cie", "d": "dzie", "r": "rze",
        "n": "nie", "m": "mie", "b": "bie", "p": "pie", "w": "wie", "f": "fie", "s": "sie", "z": "zie",
        "sz": "szu", "rz": "rzu", "cz": "czu", "dz": "dzu", "j": "ju", "l": "lu", "k": "ku", "g": "gu", "ch": "chu",
        "h": "hu", "c": "cu", "ń": "niu", "ś": "siu", "ć": "ciu", "ź": "ziu", "io": "iu", "ko": "ku",
        "y": "y", "i": "i",
    }
)  # fmt: skip
_FOREIGN = frozenset("qvx")
#: Men's names usual in Poland, in folded spelling, besides those whose pet forms are known.
_MEN_TEXT = """
    albin august bogumil borys bronislaw cyprian dawid eliasz emil ernest emilian eryk fabian florian gabriel gerard gracjan gustaw igor iwan
    jeremi joachim julian juliusz kajetan klemens ksawery lech leon leonard leopold ludwik marcel marian milosz nikodem
    norbert olaf olgierd oliwier oskar remigiusz ryszard seweryn sergiusz szczepan teodor tymon tymoteusz waclaw wincenty
    witold ziemowit zdzislaw zenon lucjan maurycy medard melchior tytus urban walenty wieslaw wlodzimierz wojciech
    """
_POLISH = POLISH | frozenset(_MEN_TEXT.split())


class Vocative(NamedTuple):
    """`text` is the name itself where nothing better is known (`confidence` "unsure")."""

    text: str
    confidence: Confidence

    @property
    def usable(self) -> bool:
        return self.confidence != "unsure"


def vocative(given_name: str, corrections: Mapping[str, str] = MappingProxyType({})) -> Vocative:
    """The vocative of a given name as written ("Anna" → "Anno"). `corrections` by the name in small letters.

    Of several names the first is declined and stands alone: one speaks to "Anno", not to "Anno Mario".
    """
    words = clean(given_name).split()
    first = words[0].strip(".,") if words else ""
    name = first.casefold()
    if name in corrections:
        return Vocative(corrections[name], "corrected")
    if len(name) < 2 or not name.isalpha():
        return Vocative(first, "unsure")
    woman = name.endswith("a")
    known = name in _EXCEPTIONS or fold(name) in (KNOWN if woman else _POLISH)
    said = _EXCEPTIONS.get(name) or _declined(name)
    likely = (woman and len(name) > 3) or _looks_polish(name)
    if said is None or _FOREIGN & set(name) or not (known or likely):
        return Vocative(first, "unsure")
    return Vocative(_cased(first, said), "sure" if known else "likely")


def is_female(given_name: str) -> bool | None:
    """Whether a Polish given name is a woman's, by its end; None when it does not tell."""
    name = (clean(given_name).split() or [""])[0].casefold()
    if not name.isalpha():
        return None
    if name in {"kuba", "kosma", "barnaba", "sasza", "bonawentura"}:
        return False
    if name.endswith("a"):
        return True
    return False if fold(name) in _POLISH or _looks_polish(name) else None


def _declined(name: str) -> str | None:
    if name.endswith("a"):
        return name[:-1] + ("u" if name.endswith(_SOFT) and len(name) <= 7 else "o")
    for length in (3, 2, 1):
        if (end := name[-length:]) in _MALE:
            return name[:-length] + _MALE[end]
    return None


def _looks_polish(name: str) -> bool:
    """Letters or ends other languages do not have."""
    return any(letter in "ąćęłńóśźż" for letter in name) or name.endswith(
        ("sław", "mir", "usz", "osz", "isz", "asz", "ek")
    )


def _cased(written: str, said: str) -> str:
    return said.upper() if written.isupper() and len(written) > 1 else said[:1].upper() + said[1:]
