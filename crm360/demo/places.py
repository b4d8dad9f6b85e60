"""Where customers live: real cities with streets that exist there or might, postcode ranges and dialling codes."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from crm360.demo.tables import phrases
from crm360.demo.world import Address

_POLISH_STREETS = phrases("""
Lipowa|Długa|Szkolna|Ogrodowa|Kościuszki|Mickiewicza|Polna|Słoneczna|Krótka|Leśna|Sienkiewicza|Piłsudskiego|Słowackiego
Kwiatowa|Brzozowa|Kolejowa|Parkowa|Jana Pawła II|Konopnickiej|Zielona|Spacerowa|Akacjowa|Grunwaldzka|Wojska Polskiego
Reymonta|Sosnowa|Dębowa|Klonowa|Wiśniowa|Krakowska|Młyńska|Rynek|Chopina|Żeromskiego|Kopernika|os. Słoneczne
os. Tysiąclecia|Armii Krajowej|al. Niepodległości|Warszawska|Jagiellońska|Wyspiańskiego|Prusa|Cicha|Nadbrzeżna
""")
_BRITISH_STREETS = phrases("""
High Street|Church Lane|Station Road|Victoria Road|Mill Lane|Park Avenue|Queen Street|Kingsway|The Crescent|Elm Grove
Manor Road|Chestnut Close|Albert Terrace|Springfield Road|Highfield Drive|Windsor Road|York Street|Orchard Way
""")
_IRISH_STREETS = phrases(
    "Patrick Street|O'Connell Street|Main Street|Shop Street|Castle Road|Strand Road|Griffith Avenue"
)
_GERMAN_STREETS = phrases(
    "Hauptstraße|Lindenstraße|Bahnhofstraße|Schillerstraße|Gartenweg|Kastanienallee|Bergmannstraße"
)


@dataclass(frozen=True, slots=True)
class City:
    """`postcode` is a pattern: # a digit, @ a letter. `dialling` the area code, `streets` those known for this city."""

    name: str
    country: str
    weight: int
    postcode: str
    dialling: str
    streets: tuple[str, ...] = ()


CITIES = (
    City("Kraków", "PL", 300, "3#-###", "12", ("Karmelicka", "Starowiślna", "Królewska", "Kalwaryjska", "Dietla")),
    City("Wrocław", "PL", 260, "5#-###", "71", ("Świdnicka", "Legnicka", "Powstańców Śląskich", "Hubska", "Traugutta")),
    City("Gdańsk", "PL", 230, "80-###", "58", ("Kartuska", "Rajska", "Jaśkowa Dolina", "Wita Stwosza", "Chłopska")),
    City("Warszawa", "PL", 150, "0#-###", "22", ("Puławska", "Marszałkowska", "Grochowska", "Belwederska")),
    City("Poznań", "PL", 60, "6#-###", "61", ("Święty Marcin", "Głogowska", "Dąbrowskiego")),
    City("Łódź", "PL", 45, "9#-###", "42", ("Piotrkowska", "Narutowicza", "Zgierska")),
    City("Katowice", "PL", 45, "40-###", "32", ("Mariacka", "Francuska", "Ligocka")),
    City("Gdynia", "PL", 45, "81-###", "58", ("Świętojańska", "Starowiejska", "Władysława IV")),
    City("Sopot", "PL", 25, "81-8##", "58", ("Bohaterów Monte Cassino", "Haffnera")),
    City("Lublin", "PL", 25, "20-###", "81", ("Narutowicza", "Nałęczowska")),
    City("Wieliczka", "PL", 20, "32-020", "12", ("Dembowskiego", "Sienkiewicza")),
    City("Oleśnica", "PL", 15, "56-400", "71", ("Wrocławska", "Wileńska")),
    City("Tczew", "PL", 15, "83-110", "58", ("Bałdowska", "Jagiellońska")),
    City("Rzeszów", "PL", 15, "35-###", "17", ("Rejtana", "Hetmańska")),
    City("Białystok", "PL", 15, "15-###", "85", ("Lipowa", "Suraska")),
    City("Toruń", "PL", 15, "87-100", "56", ("Szeroka", "Bydgoska")),
    City("London", "GB", 60, "SE# #@@", "20 7946", ("Lordship Lane", "Rye Lane", "Camberwell Grove")),
    City("Manchester", "GB", 25, "M## #@@", "161 496", ("Wilmslow Road", "Beech Road")),
    City("Edinburgh", "GB", 20, "EH# #@@", "131 496", ("Leith Walk", "Broughton Street")),
    City("Bristol", "GB", 15, "BS# #@@", "117 496", ("Gloucester Road", "Whiteladies Road")),
    City("Leeds", "GB", 15, "LS# #@@", "113 496", ("Otley Road", "Cardigan Road")),
    City("Dublin", "IE", 40, "D0# @#@#", "1", ("Rathmines Road", "Thomas Street", "Clontarf Road")),
    City("Cork", "IE", 12, "T12 @#@#", "21", ("South Mall", "Barrack Street")),
    City("Galway", "IE", 8, "H91 @#@#", "91", ("Quay Street", "Salthill Road")),
    City("Berlin", "DE", 55, "1####", "30", ("Kastanienallee", "Sonnenallee", "Torstraße")),
    City("Leipzig", "DE", 15, "04###", "341", ("Karl-Liebknecht-Straße", "Südplatz")),
    City("Dresden", "DE", 15, "01###", "351", ("Görlitzer Straße", "Alaunstraße")),
)
_BY_NAME = {city.name: city for city in CITIES}
_STREETS = {"PL": _POLISH_STREETS, "GB": _BRITISH_STREETS, "IE": _IRISH_STREETS, "DE": _GERMAN_STREETS}


def pick_city(rng: Random) -> City:
    """A city, as often as customers live there."""
    return rng.choices(CITIES, [city.weight for city in CITIES])[0]


def city_named(name: str) -> City:
    """The city of that name."""
    return _BY_NAME[name]


def address_in(city: City, rng: Random) -> Address:
    """A street, number and postcode in the city."""
    own = city.streets and rng.random() < 0.4
    street = rng.choice(city.streets if own else _STREETS[city.country])
    return Address(
        street=f"ul. {street}" if city.country == "PL" and "." not in street and rng.random() < 0.6 else street,
        house_number=_number(city.country, rng),
        city=city.name,
        postcode=fill(city.postcode, rng),
        country=city.country,
    )


def fill(pattern: str, rng: Random) -> str:
    """A pattern with # made digits and @ letters."""
    letters = {"#": "123456789", "@": "ABDEFHJLNPQRSTUW"}
    return "".join(rng.choice(letters[sign]) if sign in letters else sign for sign in pattern)


def _number(country: str, rng: Random) -> str:
    number = str(rng.randint(1, 140))
    if country == "PL" and rng.random() < 0.6:
        return f"{number}/{rng.randint(1, 60)}"
    return number + rng.choice("ab") if rng.random() < 0.08 else number
