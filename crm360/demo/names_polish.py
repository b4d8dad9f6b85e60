"""Polish given names by generation and surnames, commonest first, with the feminine forms and the short forms."""

from __future__ import annotations

from crm360.demo.tables import words

#: Born before 1965, 1965–1989, and later: which names are common depends on when one was named.
WOMEN = (
    words("""Maria Krystyna Barbara Teresa Elżbieta Jadwiga Danuta Irena Zofia Halina Janina Ewa Helena Stanisława Bożena
    Grażyna Urszula Jolanta Wiesława Alicja Renata Mirosława Lucyna Zdzisława Marianna Regina Wanda Genowefa"""),
    words("""Anna Katarzyna Małgorzata Agnieszka Monika Joanna Magdalena Dorota Beata Ewa Iwona Aneta Edyta Marta Justyna
    Renata Sylwia Izabela Agata Bernadeta Karolina Aleksandra Paulina Kinga Marzena Ilona Emilia Kamila Dagmara Ewelina
    Bogumiła Hanna Lidia Żaneta Elżbieta"""),
    words("""Aleksandra Julia Natalia Karolina Paulina Weronika Zuzanna Wiktoria Klaudia Patrycja Martyna Dominika Maja Oliwia
    Alicja Gabriela Kinga Magdalena Anna Katarzyna Sandra Angelika Nina Amelia Nikola Michalina Lena Kaja Łucja Jagoda
    Adrianna Daria Iga Milena"""),
)
MEN = (
    words("""Jan Stanisław Andrzej Józef Jerzy Tadeusz Zbigniew Henryk Ryszard Kazimierz Marian Krzysztof Zdzisław Czesław
    Wiesław Mieczysław Bogdan Edward Waldemar Roman Janusz Leszek Wacław Eugeniusz Zygmunt Bolesław"""),
    words("""Piotr Krzysztof Tomasz Paweł Marcin Michał Grzegorz Robert Rafał Jacek Dariusz Mariusz Wojciech Adam Łukasz
    Artur Sławomir Maciej Jarosław Marek Radosław Przemysław Sebastian Bartosz Andrzej Daniel Damian Hubert Leszek
    Witold Ireneusz Arkadiusz Cezary Norbert"""),
    words("""Jakub Mateusz Kacper Michał Dawid Szymon Patryk Kamil Filip Adrian Bartosz Dominik Jan Wiktor Maciej Mikołaj
    Krystian Oskar Igor Aleksander Antoni Franciszek Tymoteusz Konrad Sebastian Karol Hubert Borys Ignacy Kajetan
    Stanisław Leon Gabriel"""),
)
SURNAMES = words("""
Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski Mazur
Jankowski Kwiatkowski Wojciechowski Krawczyk Kaczmarek Piotrowski Grabowski Zając Pawłowski Michalski Król Nowakowski
Wieczorek Jabłoński Majewski Olszewski Dudek Jaworski Wróbel Malinowski Pawlak Witkowski Walczak Stępień Górski
Rutkowski Michalak Sikora Ostrowski Baran Duda Szewczyk Tomaszewski Pietrzak Marciniak Wróblewski Zalewski Jakubowski
Jasiński Zawadzki Sadowski Bąk Chmielewski Borkowski Czarnecki Sawicki Sokołowski Urbański Kubiak Maciejewski
Szczepański Kucharski Wilk Kalinowski Lis Mazurek Wysocki Adamski Kaźmierczak Wasilewski Sobczak Czerwiński
Andrzejewski Cieślak Głowacki Zakrzewski Kołodziej Sikorski Krajewski Gajewski Szymczak Szulc Baranowski Laskowski
Brzeziński Makowski Ziółkowski Przybylski Domański Nowacki Borowski Błaszczyk Chojnacki Ciesielski Mróz Szczepaniak
Wesołowski Górecki Krupa Kaczmarczyk Leszczyński Lipiński Kowalewski Urbaniak Kozak Kania Mikołajczyk Czajkowski
Mucha Tomczak Kozioł Markowski Kowalik Nawrocki Brzozowski Janik Musiał Wawrzyniak Markiewicz Orłowski Tomczyk
Jarosz Kołodziejczyk Kurek Kopeć Żak Wolski Łuczak Dziedzic Kot Stasiak Stankiewicz Piątek Jóźwiak Urban Dobrowolski
Pawlik Kruk Domagała Piasecki Wierzbicki Karpiński Jastrzębski Polak Zięba Janicki Wójtowicz Stefański Sosnowski
Bednarek Majchrzak Bielecki Małecki Maj Sowa Milewski Gajda Klimek Olejniczak Ratajczak Romanowski Matuszewski
Śliwiński Madej Kasprzak Wilczyński Grzelak Socha Czajka Marek Kowal Bednarczyk Skiba Wrona Owczarek Marcinkowski
Matusiak Orzechowski Sobolewski Kędzierski Kurowski Rogowski Olejnik Dębski Barański Skowroński Mazurkiewicz Pająk
Czech Janiszewski Bednarski Łukasik Chrzanowski Bukowski Leśniak Cieślik Kosiński Jędrzejewski Muszyński
Świątek Kozieł Osiński Czaja Lisowski Kuczyński Żukowski Grzybowski Kwiecień Pluta Morawski Czyż Sobczyk Augustyniak
Rybak Krzemiński Marzec Konieczny Marczak Zych Michalik Michałowski Kaczor Świderski Kubicki Gołębiowski Paluch
Białek Niemiec Sroka Stefaniak Cybulski Kacprzak Marszałek Kasprzyk Małek Szydłowski Smoliński Kujawa Lewicki
Przybysz Stachowiak Popławski Piekarski Matysiak Janowski Murawski Cichocki Witek Niewiadomski Staniszewski
Bednarz Lech Rudnicki Kulesza Piątkowski Turek Chmiel Biernacki Sowiński Skrzypczak Podgórski Cichoń Żurek Rosiński
Karczewski Żurawski Drozd Żebrowski Rogalski Dominiak Banaś Wnuk Pietrzyk Filipek Gutowski Słowik Grochowski
""")

SHORT_FORMS = {
    "Aleksandra": "Ola", "Katarzyna": "Kasia", "Małgorzata": "Gosia", "Agnieszka": "Aga", "Joanna": "Asia",
    "Magdalena": "Magda", "Anna": "Ania", "Barbara": "Basia", "Elżbieta": "Ela", "Krystyna": "Krysia",
    "Zuzanna": "Zuza", "Natalia": "Nata", "Weronika": "Wera", "Monika": "Monia", "Izabela": "Iza", "Maria": "Marysia",
    "Teresa": "Tereska", "Jolanta": "Jola", "Jakub": "Kuba", "Tomasz": "Tomek", "Krzysztof": "Krzysiek",
    "Grzegorz": "Grzesiek", "Wojciech": "Wojtek", "Michał": "Misiek", "Stanisław": "Staszek", "Zbigniew": "Zbyszek",
    "Tadeusz": "Tadek", "Jan": "Janek", "Andrzej": "Jędrek", "Mateusz": "Mati", "Bartosz": "Bartek",
    "Maciej": "Maciek", "Przemysław": "Przemek", "Sławomir": "Sławek", "Jarosław": "Jarek", "Ryszard": "Rysiek",
    "Aleksander": "Olek", "Franciszek": "Franek", "Mikołaj": "Miki", "Józef": "Józek", "Piotr": "Piotrek",
    "Paweł": "Pawełek", "Łukasz": "Łuki", "Sebastian": "Seba", "Dominika": "Domi", "Gabriela": "Gabrysia",
}  # fmt: skip
_FEMININE = {"ski": "ska", "cki": "cka", "dzki": "dzka", "Konieczny": "Konieczna"}


def feminine(surname: str) -> str:
    """The form a woman of that family bears: Kowalski → Kowalska; Nowak stays."""
    for ending, form in _FEMININE.items():
        if surname.endswith(ending):
            return surname.removesuffix(ending) + form
    return surname
