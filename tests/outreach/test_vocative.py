"""How a Pole is spoken to: the names of the demo and the usual ones, what is left alone, and what staff say."""

from __future__ import annotations

from typing import Any

import pytest

from crm360.demo import names_polish
from crm360.outreach import facing
from crm360.outreach.vocative import is_female, vocative

SURE = """
Anna:Anno Agnieszka:Agnieszko Kasia:Kasiu Zosia:Zosiu Ania:Aniu Julia:Julio Natalia:Natalio Maria:Mario Ewa:Ewo Ola:Olu
Gabriela:Gabrielo Kamila:Kamilo Urszula:Urszulo Zofia:Zofio Hanna:Hanno Hania:Haniu Małgorzata:Małgorzato Olga:Olgo
Piotr:Piotrze Paweł:Pawle Michał:Michale Rafał:Rafale Jan:Janie Tomasz:Tomaszu Krzysztof:Krzysztofie Jakub:Jakubie
Kuba:Kubo Maciek:Maćku Maciej:Macieju Marek:Marku Grzegorz:Grzegorzu Wojciech:Wojciechu Andrzej:Andrzeju Adam:Adamie
Robert:Robercie Dawid:Dawidzie Łukasz:Łukaszu Karol:Karolu Daniel:Danielu Stanisław:Stanisławie Jerzy:Jerzy
Antoni:Antoni Ernest:Erneście Kacper:Kacprze Aleksander:Aleksandrze Mikołaj:Mikołaju Dominik:Dominiku Józef:Józefie
Marcin:Marcinie Szymon:Szymonie Konrad:Konradzie Bartłomiej:Bartłomieju Mateusz:Mateuszu Artur:Arturze Krzysiek:Krzyśku
"""


@pytest.mark.parametrize("pair", SURE.split())
def test_known_names(pair: str) -> None:
    name, _, said = pair.partition(":")
    assert vocative(name) == (said, "sure")


@pytest.mark.parametrize(
    ("written", "text", "confidence"),
    [
        ("ANNA", "ANNO", "sure"), ("anna maria", "Anno", "sure"), ("Olena", "Oleno", "likely"), ("James", "James", "unsure"),
        ("Mohammed", "Mohammed", "unsure"), ("Xavier", "Xavier", "unsure"), ("A.", "A", "unsure"), ("", "", "unsure"),
        ("Świętomir", "Świętomirze", "likely"), ("anna.maria", "anna.maria", "unsure"),
    ],
)  # fmt: skip
def test_others_are_said_with_care(written: str, text: str, confidence: str) -> None:
    assert vocative(written) == (text, confidence)


def test_what_staff_corrected_counts() -> None:
    assert vocative("James", {"james": "Jamesie"}) == ("Jamesie", "corrected")


def test_the_names_of_the_demo_are_known() -> None:
    men = {name for names in names_polish.MEN for name in names}
    women = {name for names in names_polish.WOMEN for name in names}
    assert {name for name in men | women if not vocative(name).usable} == set()
    assert {vocative(name).text[-1] for name in women} <= {"o", "u"}
    assert {is_female(name) for name in women} == {True}
    assert {is_female(name) for name in men} == {False}


@pytest.mark.parametrize(
    ("known", "spoken"),
    [
        ({"given_name": "Anna", "country": "PL"}, "Pani Anno"),
        ({"given_name": "ANNA MARIA", "locale": "pl-PL"}, "Pani ANNO"),
        ({"given_name": "Marek", "country": "Polska", "gender": "M"}, "Panie Marku"),
        ({"given_name": "Kuba", "country": "PL"}, "Panie Kubo"),
        ({"given_name": "Anna", "country": "DE"}, ""),
        ({"given_name": "Anna", "country": "PL", "locale": "en"}, ""),
        ({"given_name": "Anna"}, ""),
        ({"given_name": "Anna", "country": "PL", "gender": "male"}, ""),
        ({"given_name": "Miriam", "country": "PL"}, ""),
        ({"given_name": "Dzhakhara", "country": "PL"}, ""),
        ({"given_name": "John", "country": "PL"}, ""),
        ({"given_name": "A.", "country": "PL"}, ""),
        ({"full_name": "Anna Kowalska", "country": "PL"}, ""),
    ],
)
def test_a_colleague_is_told_only_what_is_sure(session: Any, known: dict[str, str], spoken: str) -> None:
    assert facing.spoken_to(known, otherwise="en") == spoken
    assert facing.spoken_to({"given_name": "Anna"}, otherwise="pl") == "Pani Anno"
