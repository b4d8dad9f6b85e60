"""Business customers of the demo shop: cafés, offices and guest houses that buy coffee and mugs by the dozen."""

from __future__ import annotations

from crm360.demo.numbers import Numbers, plain
from crm360.demo.tables import phrases
from crm360.demo.world import Company

_NAMES = phrases("""
Kawiarnia Pod Lipą|Studio Wnętrz Brzozowa sp. z o.o.|Pensjonat Cztery Wiatry|Biuro Rachunkowe Saldo-Plus|Piekarnia Zaczyn
Kancelaria Radców Dębski i Wspólnicy|Hotel Stara Latarnia sp. z o.o.|Bistro Trzy Łyżki|Przedszkole Zielona Szyszka
Galeria Rama|Fundacja Otwarta Szuflada|Agencja Północ 54 sp. z o.o.|Restauracja Kminek|Klinika Stomatologiczna Uśmiech
Coworking Strych|Księgarnia Między Wierszami|Cukiernia Bezowa|Szkoła Jogi Oddech|Winiarnia Korek|Apartamenty Wyspa
Drukarnia Sitodruk-Art|Pracownia Ceramiki Glina|Software House Kompot sp. z o.o.|Hostel Tramwaj|Bar Mleczny Kropka
Kwiaciarnia Mak i Chaber|Salon Fryzjerski Grzywka|Palarnia Herbaty Czajnik|Teatr Lalek Guzik|Piwnica pod Basztą
Studio Fotograficzne Migawka|Klub Malucha Biedronka|Gabinet Fizjoterapii Kręg|Dom Gościnny Malwa|Stolarnia Sęk
""")


def companies(numbers: Numbers) -> list[Company]:
    """Every business customer, with a NIP and the mailbox all of its people read."""
    found: list[Company] = []
    for name in _NAMES:
        words = [plain(word) for word in name.replace("sp. z o.o.", "").split()]
        label = "-".join(word for word in words if word)
        role = "biuro" if len(found) % 3 else "info"
        found.append(Company(name=name, tax_id=numbers.tax_id(), email=f"{role}@{label}.example"))
    return found
