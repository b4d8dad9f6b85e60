"""What the invented people of the benchmarks are called and where they live: common ones often, rare ones seldom."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import accumulate

_GIVEN = {
    (True, True): """Anna Maria Katarzyna Małgorzata Agnieszka Barbara Ewa Krystyna Magdalena Elżbieta Joanna Aleksandra
        Zofia Monika Teresa Natalia Julia Karolina Danuta Marta Beata Dorota Alicja Weronika Iwona Hanna Wiktoria Paulina
        Gabriela Sylwia Oliwia Nikola Izabela Kinga Emilia Justyna Olga Jadwiga Urszula Patrycja Klaudia Kamila Marzena
        Bożena Łucja Róża Helena Aniela Bianka Malwina Kalina Melania Halina Irena Grażyna Renata Edyta Aneta Ilona Lena
        Martyna Dominika Angelika Adrianna Laura Sandra Ada Kaja Sara Nadia Marianna Blanka Michalina Kornelia Apolonia""",
    (True, False): """Piotr Krzysztof Andrzej Tomasz Paweł Jan Michał Marcin Jakub Adam Łukasz Marek Grzegorz Mateusz
        Wojciech Mariusz Dariusz Zbigniew Jerzy Maciej Rafał Robert Kamil Jacek Szymon Dawid Kacper Antoni Bartosz Artur
        Filip Tadeusz Aleksander Stanisław Sebastian Przemysław Patryk Sławomir Damian Karol Hubert Igor Ryszard Daniel
        Leon Dominik Norbert Konrad Oskar Wiktor Tymoteusz Olgierd Henryk Kazimierz Roman Janusz Mirosław Leszek Arkadiusz
        Adrian Błażej Cezary Eryk Fabian Franciszek Ignacy Jarosław Julian Kajetan Marcel Miłosz Nikodem Radosław Witold""",
    (False, True): """Emma Olivia Sophie Emily Charlotte Amelia Grace Chloe Lucy Jessica Hannah Elizabeth Katherine Margaret
        Susan Rebecca Victoria Alice Rose Ella Sarah Laura Megan Holly Abigail Florence Joanna Lauren Melissa Claire Linda
        Karen Helen Julie Alison Jane Anne Nicola Rachel Leah Zoe Isla Poppy Freya Daisy Evelyn Harriet Martha Eleanor""",
    (False, False): """William James Robert Thomas Michael Daniel Joseph Samuel Benjamin Edward Matthew Andrew Christopher
        David Anthony Nicholas Jonathan Richard George Harry Jack Oliver Charles Peter Stephen Philip Mark Alexander Paul
        John Simon Ian Kevin Gary Brian Alan Graham Stuart Neil Adam Luke Ryan Jordan Liam Owen Henry Arthur Leo Oscar""",
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
_COMMON = {
    True: """Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski
        Jankowski Mazur Kwiatkowski Krawczyk Kaczmarek Piotrowski Grabowski Zając Pawłowski Michalski Król Wieczorek Jabłoński
        Wróbel Nowakowski Majewski Olszewski Stępień Malinowski Jaworski Adamczyk Dudek Nowicki Pawlak Górski Witkowski""",
    False: """Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts Green
        Hall Wood Jackson Clarke Harris Clark Lewis Cooper King Baker Turner Hill Ward Moore Morris Parker Bailey Bennett""",
}  # fmt: skip
_STEMS = {
    True: """Adam Bartos Brzez Czarn Dąbr Gór Graban Jabłoń Jasin Kalin Klim Konar Krasn Leśn Lip Malin Marci Mich Olsz Paw
        Piask Radz Rutk Sadow Sikor Sosn Staw Szczep Tomasz Urban Wiercz Wierzb Wron Zaręb Zawad Żuraw Barcz Biel Borow Chmiel
        Cies Drozd Gajd Gołęb Jarz Kos Krup Lewand Łubin Modrz Nieć Orł Pilch Rogal Sław Topol Walk Wilcz Zając Żmud""",
    False: """Ash Barn Brad Chest Cold Elm Fair Green Hart High Hol Kings Lang Marsh Mill Nor Oak Pen Rad Sher Stan Thorn Wake
        Wal West Whit Win Wood Black Bram Clay Cran Dun Ells Fern Gold Hazel Hunt Kirk Lind Map North Ray Red Sand Stock""",
}  # fmt: skip
_MIDDLES = {True: ("", "an", "ar", "ol", "in", "ul", "ew", "osz"), False: ("", "er", "ing", "en", "ar", "ers")}
_ENDINGS = {
    True: ("owski", "iński", "ewicz", "ak", "czyk", "ecki", "owicz", "ek", "uk", "ik", "ała", "och"),
    False: ("field", "ford", "ham", "ley", "man", "more", "ridge", "ton", "well", "wood", "worth", "bury", "dale", "by", "shaw"),
}  # fmt: skip
_CITIES = {
    True: """Warszawa Kraków Łódź Wrocław Poznań Gdańsk Szczecin Bydgoszcz Lublin Katowice Białystok Gdynia Częstochowa Radom
        Toruń Sosnowiec Rzeszów Kielce Gliwice Olsztyn Zabrze Bielsko-Biała Bytom Rybnik Opole Tychy Elbląg Płock Wałbrzych
        Tarnów Chorzów Koszalin Kalisz Legnica Grudziądz Słupsk Jaworzno Nowy_Sącz Siedlce Piła Inowrocław Lubin Ostrołęka
        Suwałki Gniezno Głogów Chełm Pszczyna Zamość Leszno Tczew Kutno Sanok Nysa Malbork Augustów Sopot Żary""",
    False: """London Leeds Bristol Cardiff Reading Oxford Glasgow Liverpool Sheffield Edinburgh Leicester Coventry Belfast Hull
        Derby Swansea Norwich Luton Bolton Bath York Exeter Poole Swindon Dudley Crewe Ipswich Chester Lincoln Dover""",
}  # fmt: skip
_STREETS = {
    True: """Polna Leśna Słoneczna Krótka Szkolna Ogrodowa Lipowa Łąkowa Brzozowa Kwiatowa Kościelna Sosnowa Zielona Parkowa
        Akacjowa Kolejowa Długa Klonowa Dębowa Wiśniowa Jaworowa Miodowa Spacerowa Wodna Mickiewicza Słowackiego Sienkiewicza
        Kościuszki Piłsudskiego Reymonta Konopnickiej Żeromskiego Prusa Chopina Kopernika Sobieskiego Batorego Jagiełły
        Grunwaldzka Warszawska Krakowska Gdańska Poznańska Wrocławska Lwowska Wileńska Morska Górna Dolna Nowa Stara Rynek
        Cicha Jasna Spokojna Rzemieślnicza Przemysłowa Fabryczna Sportowa Zaciszna Wierzbowa Topolowa Kasztanowa Jarzębinowa
        Malinowa Poziomkowa Wrzosowa Różana Liliowa Tulipanowa Bratków Azaliowa Narutowicza Witosa Korczaka Matejki Kossaka""",
    False: " ".join(
        f"{first}_{kind}"
        for kind in ("Street", "Road", "Lane", "Avenue", "Close", "Drive", "Way")
        for first in ["High", "Station", "Church", "Park", "Mill", "Victoria", "Queens", "Manor", "New", "School", "Green", "York", "Windsor", "Albert"]
    ),
}  # fmt: skip
PROVIDERS = ("gmail.com", "wp.pl", "onet.pl", "o2.pl", "interia.pl", "outlook.com", "yahoo.com", "icloud.com")
HANDLES = ("kot", "lux", "neo", "moto", "foto", "kiwi", "max", "kosmos", "rower", "lato")


class Zipf:
    """Draws from `items`, the earlier ones more often: the share falls with the rank as in Zipf's law."""

    def __init__(self, items: Sequence[str], *, offset: float, slope: float) -> None:
        self._items = items
        self._weights = list(accumulate((rank + offset) ** -slope for rank in range(len(items))))

    def draw(self, chance: random.Random) -> str:
        return chance.choices(self._items, cum_weights=self._weights)[0]


@cache
def _given(polish: bool, female: bool) -> Zipf:
    return Zipf(_GIVEN[polish, female].split(), offset=6, slope=1.0)


@cache
def _families(polish: bool) -> Zipf:
    rare = [
        f"{stem}{middle}{end}"
        for stem in _STEMS[polish].split()
        for middle in _MIDDLES[polish]
        for end in _ENDINGS[polish]
    ]
    random.Random(1).shuffle(rare)
    return Zipf([*_COMMON[polish].split(), *rare], offset=8, slope=0.9)


@cache
def _places(polish: bool) -> tuple[Zipf, Zipf]:
    cities, streets = ([word.replace("_", " ") for word in words[polish].split()] for words in (_CITIES, _STREETS))
    return Zipf(cities, offset=5, slope=0.9), Zipf(streets, offset=20, slope=0.7)


def given(chance: random.Random, *, polish: bool, female: bool) -> str:
    """A given name of one language and sex."""
    return _given(polish, female).draw(chance)


def family(chance: random.Random, polish: bool) -> str:
    """A family name, masculine."""
    return _families(polish).draw(chance)


def place(chance: random.Random, polish: bool) -> tuple[str, str]:
    """A city and one of the street names cities have."""
    cities, streets = _places(polish)
    return cities.draw(chance), streets.draw(chance)


def feminine(name: str) -> str:
    """A Polish woman's form of the name."""
    return name[:-1] + "a" if name.endswith(("ski", "cki")) else name


@cache
def plain(name: str) -> str:
    """As people write it in an address."""
    text = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l"))
    return "".join(letter for letter in text if letter.isalpha() and letter.isascii())
