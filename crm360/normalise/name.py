"""Personal names: taking them apart, and the form in which two of them are compared."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

from crm360.normalise.nicknames import KNOWN, NICKNAMES
from crm360.normalise.text import clean, fold, words

GivenLevel = Literal["same", "nickname", "initial", "similar", "different", "unknown"]

_TITLES_TEXT = """
    dr mgr inz prof hab lek lic arch mec ks bp abp pan pani panna panstwo mr mrs ms miss mx sir dame rev lady mister
    madam herr frau dipl ing mme mlle monsieur madame phd md mba esq jr sr ii iii iv junior senior
    """
_TITLES = frozenset(_TITLES_TEXT.split())
_LONG = 6
_MANY_LETTERS = 8
_SHORTEST_START = 3
_PLAIN, _LETTERS = re.compile(r"[a-z0-9._-]*"), re.compile(r"[a-z]+")
_NOT_LETTERS = re.compile(r"[\d_]+")
_PARTICLES_TEXT = "van von de der den del della di da dos das du la le ten ter zu zum zur af av bin ibn"
_PARTICLES = frozenset(_PARTICLES_TEXT.split())
_NOBODY_TEXT = """
    brak test tester testowy testowa testing na nn unknown anonymous anonim anonimowy klient klientka customer client
    guest gosc nieznany nieznana nieznane none null nil undefined nan noname imie nazwisko name firstname lastname asdf
    qwerty abc user uzytkownik kupujacy odbiorca nabywca
    """
_NOBODY = frozenset(_NOBODY_TEXT.split())
_NOBODY_PHRASES = frozenset(
    {"brak danych", "brak imienia", "brak nazwiska", "nie podano", "klient detaliczny", "gosc sklepu", "jan testowy"}
    | {"n a", "x", "no name", "no data", "not available", "not provided", "not given", "first name", "last name"}
    | {"walk in", "walk in customer"}
)
_FEMININE = re.compile(r"(?:s|c|(?<![scr])z)ka\Z")
_POLISH_FAMILY = re.compile(r"(?:[sc]k[ia]|dzk[ia]|wicz)\Z")
_SHORTEST_ADJECTIVE = 5


def split_full_name(text: str) -> tuple[str, str]:
    """Given and family name as written, without titles: `KOWALSKA, Anna` → (`Anna`, `KOWALSKA`).

    The family name is the last word with its particles (`van der Berg`), unless a comma, capitals (`NOWAK Jan`) or a
    Polish ending before a known given name (`Kowalski Jan`) puts it first. A lone word is a given name, save that a
    lone word after a title (`Mr Smith`) is a family name unless it is known as a given one (`Pani Anna`).
    """
    text = re.sub(r"\s*[-‐‑–]\s*", "-", clean(text))
    before, comma, after = text.partition(",")
    rest = _untitled(after.replace(",", " ").split())
    if comma and rest:
        return " ".join(rest), " ".join(_untitled(before.split()))
    tokens = before.split()
    return _by_position(_untitled(tokens), titled=len(_untitled(tokens)) < len(tokens))


@lru_cache(maxsize=2**16)
def given(value: str) -> str:
    """Comparison form of a given name: folded, without titles; empty when nothing remains."""
    return " ".join(word for word in words(value) if word not in _TITLES)


@lru_cache(maxsize=2**16)
def family(value: str) -> str:
    """Comparison form of a family name: folded, titles dropped, Polish feminine endings in the masculine.

    Only -ska, -cka and -dzka (and -zka after a vowel) turn to -i; nouns such as Nowak, Sowa or Gruszka have one form.
    A name that consists of title words alone is kept: Pan and Junior are family names somewhere.
    """
    folded = words(value)
    kept = [word for word in folded if word not in _TITLES] or folded
    return " ".join(map(_masculine, kept))


@lru_cache(maxsize=2**16)
def family_parts(value: str) -> tuple[str, ...]:
    """The parts of a double-barrelled name in comparison form, particles with the part they belong to."""
    parts: list[str] = []
    waiting: list[str] = []
    for word in family(value).split():
        waiting.append(word)
        if word not in _PARTICLES:
            parts.append(" ".join(waiting))
            waiting = []
    return (*parts, " ".join(waiting)) if waiting else tuple(parts)


@lru_cache(maxsize=2**17)
def same_given(a: str, b: str) -> GivenLevel:
    """How two given names (in any spelling) agree; symmetric.

    "same": equal, or equal first names with a second one on one side only. "nickname": pet form and formal name, or
    two pet forms of one name. "initial": one is the other's first letter. "similar": a typing error apart, or a shared
    second name. Two listed names are never a typing error of each other (Jan/Jon, Marta/Maria), and neither are names
    whose end tells the sexes apart (Aleksander/Aleksandra, Dominik/Dominika, Mario/Maria): those are "different".
    "unknown" when either side holds no name.
    """
    left, right = given(a), given(b)
    if not left or not right or is_placeholder(left) or is_placeholder(right):
        return "unknown"
    if left == right:
        return "same"
    lefts, rights = left.split(), right.split()
    level = _first_names(lefts[0], rights[0])
    if level == "same" and len(lefts) > 1 and len(rights) > 1:
        return "same" if _second_names_agree(lefts[1], rights[1]) else "similar"
    if level == "different" and any(len(word) > 2 for word in set(lefts) & set(rights)):
        return "similar"
    return level


def mistyped_given(a: str, b: str) -> bool:
    """Whether two given names, or a pet or formal form of each, are one slip apart; two in names of six letters and more.

    `Jakuub` may be `Kuba`, `Mke` may be `Michael`: too little to call the names one, too much to call them two.
    """
    return any(_slip_apart(one, other) for one in given_forms(a) or {a} for other in given_forms(b) or {b})


def _slip_apart(a: str, b: str) -> bool:
    shortest = min(len(a), len(b))
    if shortest <= _SHORTEST_START and a[0] != b[0]:
        return False
    return OSA.distance(a, b, score_cutoff=2) <= (2 if shortest >= _LONG else 1)


@lru_cache(maxsize=2**14)
def is_placeholder(value: str) -> bool:
    """Whether the value stands for no name: empty, `brak`, `n/a`, `klient`, `xxx`, digits only."""
    folded = fold(value)
    if folded in _NOBODY_PHRASES or not any(char.isalpha() for char in folded):
        return True
    parts = folded.split()
    return all(part in _NOBODY or (len(part) > 1 and len(set(part)) == 1) for part in parts)


def name_from_email(local: str) -> tuple[str, ...]:
    """The words of an e-mail's local part that may be names, folded: `Anna.Kowalska87` → (`anna`, `kowalska`)."""
    start = local.partition("+")[0]
    if _PLAIN.fullmatch(start):
        return tuple(_LETTERS.findall(start))
    return words(_NOT_LETTERS.sub(" ", start))


@lru_cache(maxsize=2**16)
def derives_from_name(local: str, given_name: str, family_name: str) -> bool:
    """Whether a local part is made of the person's own name, so that agreeing on it is no evidence of its own.

    Knows any order, initials, pet forms, both endings of a Polish name, abbreviation to three letters, and digits
    anywhere: `anna.kowalska`, `akowalska`, `kowalska.a1987`, `ola_now`.
    """
    return made_of_name(local, given_name, family_name)


def made_of_name(local: str, given_name: str, family_name: str) -> bool:
    """`derives_from_name` for callers that ask of each combination once: nothing is remembered."""
    return made_of_forms(local, given_forms(given_name), family_forms(family_name))


def made_of_forms(local: str, firsts: frozenset[str], lasts: frozenset[str]) -> bool:
    """`made_of_name` by the forms a given and a family name may be written in."""
    tokens = name_from_email(local)
    compact = "".join(tokens)
    if len(compact) < 3:
        return False
    if compact in firsts or compact in lasts:
        return True
    whole = [token for token in tokens if token in firsts or token in lasts]
    if whole and (len(whole) == len(tokens) or all(len(token) == 1 or token in whole for token in tokens)):
        return True
    if not (firsts and lasts):  # the other words may be the name nobody told
        return bool(whole) or any(len(form) > _SHORTEST_START and compact.startswith(form) for form in firsts | lasts)
    return _join_any(compact, firsts, lasts) or _join_any(compact, lasts, firsts)


def _untitled(tokens: list[str]) -> list[str]:
    return [token for token in tokens if fold(token) not in _TITLES and any(map(str.isalnum, token))]


def _by_position(tokens: list[str], *, titled: bool) -> tuple[str, str]:
    if len(tokens) < 2:
        alone = tokens[0] if tokens else ""
        return ("", alone) if titled and fold(alone) not in KNOWN else (alone, "")
    if all(token in _PARTICLES for token in tokens[:-1]):
        return "", " ".join(tokens)
    if _family_comes_first(tokens):
        return " ".join(tokens[1:]), tokens[0]
    particles = (at for at, token in enumerate(tokens[1:-1], 1) if token.lower() in _PARTICLES)
    cut = next(particles, len(tokens) - 1)
    return " ".join(tokens[:cut]), " ".join(tokens[cut:])


def _family_comes_first(tokens: list[str]) -> bool:
    first, last = tokens[0], tokens[-1]
    if len(first.strip(".")) > 1 and first.isupper() and not any(token.isupper() for token in tokens[1:]):
        return True
    looks_polish = _POLISH_FAMILY.search(fold(first)) and fold(first) not in KNOWN
    return bool(looks_polish and fold(last) in KNOWN and len(tokens) == 2)


def _masculine(word: str) -> str:
    return word[:-1] + "i" if len(word) >= _SHORTEST_ADJECTIVE and _FEMININE.search(word) else word


def _first_names(a: str, b: str) -> GivenLevel:
    if a == b:
        return "same"
    if len(a) == 1 or len(b) == 1:
        return "initial" if a[0] == b[0] else "different"
    if (NICKNAMES.get(a, frozenset()) | {a}) & (NICKNAMES.get(b, frozenset()) | {b}):
        return "nickname"
    return "similar" if _is_typing_error(a, b) else "different"


def _is_typing_error(a: str, b: str) -> bool:
    """One slip, two in names of eight letters and more, and no known pair of names that look alike."""
    shortest = min(len(a), len(b))
    if (a in KNOWN and b in KNOWN) or (a.endswith("a") != b.endswith("a") and not _end_mistyped(a, b)):
        return False
    if shortest <= _SHORTEST_START and (a[0] != b[0] or max(len(a), len(b)) < _SHORTEST_START):
        return False
    return OSA.distance(a, b, score_cutoff=2) <= (2 if shortest >= _MANY_LETTERS else 1)


def _end_mistyped(a: str, b: str) -> bool:
    """Names of which one ends in -a, and the other does by a slip only: `helgam`, `wiktorai` (but `andreas`, `julian`)."""
    if a[:-2] == b[:-2] and a[-2:] == b[-2:][::-1]:
        return True
    short, long = sorted((a, b), key=len)
    return short.endswith("a") and long[:-1] == short and long not in KNOWN and long[-1] not in "ns"


def _second_names_agree(a: str, b: str) -> bool:
    return _first_names(a, b) != "different"


@lru_cache(maxsize=2**14)
def given_forms(value: str) -> frozenset[str]:
    """The names somebody called so may write: each name given, its formal names and their pet forms."""
    names = {word for word in given(value).split() if len(word) > 1}
    formal = names.union(*(NICKNAMES.get(name, frozenset()) for name in names))
    return frozenset(formal.union(*(_PETS.get(name, frozenset()) for name in formal)))


@lru_cache(maxsize=2**14)
def family_forms(value: str) -> frozenset[str]:
    """The ways somebody of this family may write its name: each part, feminine and masculine, as one word."""
    parts = {part.replace(" ", "") for part in family_parts(value)} | {family(value).replace(" ", "")}
    feminine = {part[:-1] + "a" for part in parts if part.endswith(("ski", "cki", "dzki", "zki"))}
    raw = {word for word in words(value) if word not in _PARTICLES and word not in _TITLES}
    return frozenset(form for form in parts | feminine | raw | {"".join(words(value))} if len(form) > 1)


def _join_any(compact: str, starts: frozenset[str], ends: frozenset[str]) -> bool:
    """Whether the text is made of some name of the first kind and then one of the second."""
    initial = compact[0]
    for start in starts:
        if start[0] == initial:
            for end in ends:  # not any(): it takes as long to set up as to find
                if _joins(compact, start, end):
                    return True
    return False


def _joins(compact: str, first: str, last: str) -> bool:
    """Whether the text is a beginning of the one name and then of the other, one of them whole or three letters."""
    longest = len(last)
    for cut in range(1, min(len(compact), len(first) + 1)):
        if compact[cut - 1] != first[cut - 1]:
            return False
        rest = len(compact) - cut
        if rest <= longest and last.startswith(compact[cut:]):
            return cut == len(first) or rest == longest or max(cut, rest) >= 3
    return False


def _pet_forms() -> dict[str, frozenset[str]]:
    pets: dict[str, set[str]] = {}
    for pet, formal in NICKNAMES.items():
        for name in formal:
            pets.setdefault(name, set()).add(pet)
    return {name: frozenset(found) for name, found in pets.items()}


_PETS = _pet_forms()
