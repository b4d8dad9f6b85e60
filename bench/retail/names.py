"""What the invented people of the benchmarks are called and where they live."""

from __future__ import annotations

import random
import unicodedata
from functools import cache

_GIVEN = {
    (True, True): """Anna Maria Katarzyna Małgorzata Agnieszka Barbara Ewa Krystyna Magdalena Elżbieta Joanna Aleksandra
        Zofia Monika Teresa Natalia Julia Karolina Danuta Marta Beata Dorota Alicja Weronika Iwona Hanna Wiktoria Paulina
        Gabriela Sylwia Oliwia Nikola Izabela Kinga Emilia Justyna Olga Jadwiga Urszula Patrycja Klaudia Kamila Marzena
        Bożena Łucja Róża Helena Aniela Bianka Malwina Kalina Melania""",
    (True, False): """Piotr Krzysztof Andrzej Tomasz Paweł Jan Michał Marcin Jakub Adam Łukasz Marek Grzegorz Mateusz
        Wojciech Mariusz Dariusz Zbigniew Jerzy Maciej Rafał Robert Kamil Jacek Szymon Dawid Kacper Antoni Bartosz Artur
        Filip Tadeusz Aleksander Stanisław Sebastian Przemysław Patryk Sławomir Damian Karol Hubert Igor Ryszard Daniel
        Leon Dominik Norbert Konrad Oskar Wiktor Tymoteusz Olgierd""",
    (False, True): """Emma Olivia Sophie Emily Charlotte Amelia Grace Chloe Lucy Jessica Hannah Elizabeth Katherine Margaret
        Susan Rebecca Victoria Alice Rose Ella Sarah Laura Megan Holly Abigail Florence Joanna Lauren Melissa Claire""",
    (False, False): """William James Robert Thomas Michael Daniel Joseph Samuel Benjamin Edward Matthew Andrew Christopher
        David Anthony Nicholas Jonathan Richard George Harry Jack Oliver Charles Peter Stephen Philip Mark Alexander""",
}  # fmt: skip
NICKNAMES: dict[str, tuple[str, ...]] = {
    "Aleksandra": ("Ola",), "Katarzyna": ("Kasia",), "Małgorzata": ("Gosia", "Małgosia"), "Agnieszka": ("Aga",),
    "Joanna": ("Asia",), "Anna": ("Ania",), "Magdalena": ("Magda",), "Zofia": ("Zosia",), "Krzysztof": ("Krzysiek",),
    "Jakub": ("Kuba",), "Tomasz": ("Tomek",), "Maciej": ("Maciek",), "Grzegorz": ("Grzesiek",), "Jan": ("Janek",),
    "Stanisław": ("Staszek",), "Wojciech": ("Wojtek",), "Elizabeth": ("Liz", "Beth"), "Katherine": ("Kate",),
    "Margaret": ("Maggie",), "William": ("Bill", "Will"), "Robert": ("Bob", "Rob"), "Michael": ("Mike",),
    "Thomas": ("Tom",), "Joseph": ("Joe",), "Samuel": ("Sam",), "Benjamin": ("Ben",), "Edward": ("Ed", "Ted"),
    "Christopher": ("Chris",), "Richard": ("Dick",), "Rebecca": ("Becky",), "Susan": ("Sue",),
}  # fmt: skip
_COMMON_PL = [
    "Nowak",
    "Kowalski",
    "Wiśniewski",
    "Wójcik",
    "Kowalczyk",
    "Kamiński",
    "Lewandowski",
    "Zieliński",
    "Szymański",
    "Woźniak",
    "Kozłowski",
    "Mazur",
]
_STEMS_PL = [
    "Adam",
    "Bartos",
    "Brzez",
    "Czarn",
    "Dąbr",
    "Gór",
    "Graban",
    "Jabłoń",
    "Jasin",
    "Kalin",
    "Klim",
    "Konar",
    "Krasn",
    "Leśn",
    "Lip",
    "Malin",
    "Marci",
    "Mich",
    "Olsz",
    "Paw",
    "Piask",
    "Radz",
    "Rutk",
    "Sadow",
    "Sikor",
    "Sosn",
    "Staw",
    "Szczep",
    "Tomasz",
    "Urban",
    "Wiercz",
    "Wierzb",
    "Wron",
    "Zaręb",
    "Zawad",
    "Żuraw",
]
_ENDINGS_PL = ("owski", "iński", "ewicz", "ak", "czyk", "ecki", "owicz", "ek")
_COMMON_EN = [
    "Smith",
    "Jones",
    "Taylor",
    "Brown",
    "Williams",
    "Wilson",
    "Johnson",
    "Davies",
    "Robinson",
    "Wright",
    "Thompson",
    "Evans",
]
_STARTS_EN = [
    "Ash",
    "Barn",
    "Brad",
    "Chest",
    "Cold",
    "Elm",
    "Fair",
    "Green",
    "Hart",
    "High",
    "Hol",
    "Kings",
    "Lang",
    "Marsh",
    "Mill",
    "Nor",
    "Oak",
    "Pen",
    "Rad",
    "Sher",
    "Stan",
    "Thorn",
    "Wake",
    "Wal",
    "West",
    "Whit",
    "Win",
    "Wood",
]
_ENDS_EN = ["field", "ford", "ham", "ley", "man", "more", "ridge", "ton", "well", "wood", "worth", "bury", "dale"]
CITIES_PL = (
    ("Warszawa", "00"), ("Kraków", "30"), ("Łódź", "90"), ("Wrocław", "50"), ("Poznań", "60"), ("Gdańsk", "80"),
    ("Szczecin", "70"), ("Lublin", "20"), ("Katowice", "40"), ("Białystok", "15"), ("Radom", "26"), ("Toruń", "87"),
    ("Rzeszów", "35"), ("Kielce", "25"), ("Bielsko-Biała", "43"), ("Olsztyn", "10"), ("Słupsk", "76"), ("Pszczyna", "43"),
)  # fmt: skip
CITIES_EN = (
    ("London", "N"),
    ("Leeds", "LS"),
    ("Bristol", "BS"),
    ("Cardiff", "CF"),
    ("Reading", "RG"),
    ("Oxford", "OX"),
)
STREETS_PL = (
    "Długa",
    "Lipowa",
    "Polna",
    "Leśna",
    "Słoneczna",
    "Krótka",
    "Szkolna",
    "Ogrodowa",
    "Kwiatowa",
    "Kościuszki",
    "Mickiewicza",
    "Słowackiego",
    "Sienkiewicza",
    "Piłsudskiego",
    "Reymonta",
    "Grunwaldzka",
    "Warszawska",
    "Krakowska",
    "Brzozowa",
    "Klonowa",
    "Dębowa",
    "Sosnowa",
    "Jaworowa",
    "Miodowa",
    "Kolejowa",
)
STREETS_EN = (
    "High Street",
    "Station Road",
    "Church Lane",
    "Park Avenue",
    "Mill Road",
    "Victoria Road",
    "Queens Road",
    "Manor Way",
)
PROVIDERS = ("gmail.com", "wp.pl", "onet.pl", "o2.pl", "interia.pl", "outlook.com", "yahoo.com", "icloud.com")
HANDLES = ("kot", "lux", "neo", "moto", "foto", "kiwi", "max", "kosmos", "rower", "lato")


@cache
def given_names(*, polish: bool, female: bool) -> tuple[str, ...]:
    """Given names of one language and sex."""
    return tuple(_GIVEN[polish, female].split())


def family(chance: random.Random, polish: bool) -> str:
    """A family name, masculine: the commonest for a fifth of the people, many rare ones for the rest."""
    if chance.random() < 0.2:
        return chance.choice(_COMMON_PL if polish else _COMMON_EN)
    if polish:
        return chance.choice(_STEMS_PL) + chance.choice(("", "an", "ar", "ol", "in")) + chance.choice(_ENDINGS_PL)
    return chance.choice(_STARTS_EN) + chance.choice(("", "er", "ing", "en")) + chance.choice(_ENDS_EN)


def feminine(name: str) -> str:
    """A Polish woman's form of the name."""
    return name[:-1] + "a" if name.endswith(("ski", "cki")) else name


@cache
def plain(name: str) -> str:
    """As people write it in an address."""
    text = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l"))
    return "".join(letter for letter in text if letter.isalpha() and letter.isascii())
