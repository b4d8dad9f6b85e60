"""Chats in Polish: `#` subject, `>` the customer, `<` the shop, `!` a colleague's note the customer never sees."""

CHATS = """
# Gdzie jest moja paczka
> Dzień dobry, zamówiłam {product} tydzień temu (nr {order}) i paczki nadal nie ma.
< Dzień dobry, już sprawdzam. Tu {agent} z Lipowej.
< Paczka od wczoraj czeka w sortowni kuriera, powinna dotrzeć jutro do 14:00.
> A mogę jakoś zmienić na paczkomat?
< Tak, w SMS-ie od kuriera jest link „przekieruj”. Działa do 20:00.
> Super, dziękuję bardzo!
# Stłuczony kubek
> Hej, w paczce jest stłuczony kubek :( zamówienie {order}
< Dzień dobry, bardzo nam przykro. Czy może Pani przesłać zdjęcie kubka i kartonu?
> już, wysłałam na maila
< Mam, dziękuję. Wysyłamy nowy dziś, starego nie trzeba odsyłać.
! Trzeci stłuczony kubek z tej dostawy w tym tygodniu, zgłosić do magazynu.
> wow, szybko. dzięki!
# Jaki młynek do dripa
> Dzień dobry, czy {product} nadaje się do kawy z drippera? Jestem początkujący.
< Dzień dobry! Tak, do dripa jak najbardziej. Proszę zacząć od 18 kliknięć i 15 g kawy na 250 ml wody.
> A jaka kawa na początek?
< Polecam Brazylię Santos, jest łagodna i wybacza błędy. Jeśli woli Pan owocową: Etiopia Guji.
> To wezmę obie, dzięki za pomoc
# Zwrot po 14 dniach
> Czy mogę zwrócić {product}? Minęło 16 dni.
< Dzień dobry, ustawowy termin to 14 dni, ale u nas w sklepie online jest 30, więc spokojnie.
> O, to miło. Jak to zrobić?
< Proszę wydrukować formularz z konta, zakładka „Zamówienia”. Zwrot nadaje się w dowolnym paczkomacie, płacimy my.
> Dziękuję
# Faktura na firmę
> Dzień dobry, do zamówienia {order} potrzebuję faktury na firmę, zapomnieliśmy wpisać NIP.
< Dzień dobry, proszę o NIP i nazwę, wystawimy korektę paragonu.
> Wysłałem mailem z adresu biura.
< Mam. Faktura będzie na koncie za około godzinę.
! Stały klient firmowy, ustawić domyślnie fakturę.
# Dostępność w salonie
> Czy {product} jest w salonie w {store}?
< Dzień dobry! Widzę trzy sztuki, mogę odłożyć do jutra na nazwisko.
> Poproszę, będę dziś po 17
< Odłożone. Proszę podać w kasie nazwisko. Do zobaczenia!
# Rabat nie działa
> Kod WIOSNA10 nie działa!
< Dzień dobry, kod jest ważny od 100 zł i nie łączy się z kartą podarunkową. Czy w koszyku jest karta?
> a faktycznie jest
< Proszę kupić kartę osobno, wtedy kod zadziała na resztę.
> ok, działa
# Prezent na jutro
> Czy jak zamówię teraz {product}, to dojdzie na jutro? To prezent.
< Zamówienia opłacone do 13:00 wychodzą tego samego dnia. Kurier najczęściej dowozi nazajutrz, ale gwarancji nie mamy.
> a odbiór osobisty?
< W {store} jest od ręki. Zapakujemy też na prezent, za darmo.
> idealnie, to przyjadę
# Adres dostawy
> Pomyliłam numer mieszkania w zamówieniu {order}!! powinno być 14, nie 41
< Spokojnie, paczka jeszcze nie wyszła. Poprawiłam na 14.
> uff, dziękuję, ratujecie mi życie
< Drobiazg :) Miłego dnia!
# Punkty na karcie
> Dzień dobry, w sklepie stacjonarnym nie nabito mi punktów za zakupy.
< Dzień dobry, proszę podać numer karty albo telefon i numer paragonu.
> Paragon mam, telefon ten sam co na koncie
< Znalazłam. Punkty dopisane, widać je będzie jutro.
# Ekspres kapie
> Ekspres Dąb kapie spod kolby, ma dopiero pół roku
< Dzień dobry, najczęściej to uszczelka. Czy kolba obraca się do samego końca w prawo?
> obraca się aż za daleko
< To uszczelka, wyślemy nową bezpłatnie w ramach gwarancji z instrukcją. Jeśli nie pomoże, zabierzemy ekspres do serwisu.
> Dobrze, czekam
! Wysłana uszczelka 58 mm, oddzwonić za tydzień.
# Kawa zbyt kwaśna
> Kupiłam {product} i jest strasznie kwaśna, czy to normalne?
< Dzień dobry! To jasno palona kawa, nuty cytrusowe są w niej celowe. Jak ją Pani parzy?
> w kawiarce
< W kawiarce lepiej wypadnie Espresso Lipowa. Chętnie wymienimy, jeśli zostało więcej niż pół paczki.
> Naprawdę? To poproszę o wymianę
# Czy lampa ma żarówkę
> Czy do lampy jest żarówka w komplecie?
< Dzień dobry, nie, ale pasuje każda z gwintem E27. Polecamy naszą filament 4 W, daje ciepłe światło.
> a można ściemniać?
< Tę tak, jeśli ściemniacz jest do LED.
# Mycie w zmywarce
> Czy {product} można myć w zmywarce?
< Kamionkę Mgła tak, do 60 stopni. Deski i rzeczy z drewna tylko ręcznie, proszę.
> Dziękuję
# Wypisanie z newslettera
> Proszę mnie wypisać z newslettera, dostaję trzy maile w tygodniu
< Dzień dobry, rozumiem. Wypisałam adres z listy, ostatni mail mógł już wyjść dziś rano.
> ok dzięki
! Wypisany ręcznie na prośbę z czatu.
# Zmiana numeru telefonu
> Chcę zmienić numer telefonu na karcie, stary już nie działa
< Dzień dobry, proszę podać nowy numer, a dla pewności datę urodzenia podaną przy zakładaniu karty.
> podałam w formularzu
< Zgadza się, numer zmieniony.
# Zamówienie hurtowe
> Dzień dobry, otwieramy kawiarnię i potrzebujemy 20 kg kawy miesięcznie. Czy macie ceny hurtowe?
< Dzień dobry, gratulacje! Od 10 kg miesięcznie dajemy 18% rabatu. Przekażę kontakt opiekunowi firm, oddzwoni dziś.
> Świetnie, proszę dzwonić po 12
! Do Tomka: kawiarnia, start za miesiąc, pytają też o młynki.
# Anulowanie
> proszę anulować zamówienie {order}, kupiłam dwa razy to samo
< Dzień dobry, anulowałam drugie. Pieniądze wrócą na konto w 2–3 dni robocze.
> dziękuję
# Brakujący produkt
> W paczce brakuje jednej rzeczy: {product}
< Dzień dobry, sprawdzam z magazynem, chwilkę.
< Rzeczywiście, leży u nas na stole do pakowania. Wysyłamy dziś, przepraszamy!
> zdarza się, dzięki
# Reklamacja lampy
> Lampa po miesiącu przestała działać, żarówka sprawdzona.
< Dzień dobry, przykro mi. Proszę o numer zamówienia, przygotuję zgłoszenie reklamacyjne.
> {order}
< Zgłoszenie przyjęte. Kurier odbierze lampę w wybranym dniu, odpowiedź dostanie Pan w ciągu 14 dni, zwykle szybciej.
> Proszę o odbiór w czwartek
< Ustawione na czwartek między 9 a 16.
# Czy koc gryzie
> Czy koc wełniany Tatry gryzie? Mam wrażliwą skórę
< Jest z wełny owczej, więc trochę tak. Dla wrażliwych osób lepszy będzie pled bawełniany Fala.
> To wezmę Falę, dzięki za szczerość
# Godziny w święta
> Jak jest otwarty sklep w {store} w Wigilię?
< Dzień dobry, w Wigilię 9–13, a w niedziele handlowe 10–18.
> Dziękuję, wesołych!
< Wzajemnie, wszystkiego dobrego!
# Karta podarunkowa
> Karta podarunkowa pokazuje saldo 0, a nic nie kupowałem
< Dzień dobry, sprawdzam. Karta nie została aktywowana przy kasie, już poprawione.
> teraz jest 250, super
# Dwa konta
> mam chyba dwa konta u was, na starym mailu i na nowym, da się połączyć?
< Dzień dobry, tak. Proszę napisać z obu adresów jedno zdanie, a połączę zakupy i punkty.
> wysłane
! Połączyć konta po potwierdzeniu z obu adresów.
< Dziękuję, połączymy do jutra.
# Wysyłka za granicę
> Czy wysyłacie do Niemiec? Chcę zrobić prezent siostrze.
< Dzień dobry, tak, 3–4 dni robocze, 29 zł, a od 300 zł gratis.
> A można dołożyć liścik?
< Oczywiście, proszę wpisać treść w uwagach, przepiszemy ręcznie.
# Opinia
> Chciałam tylko powiedzieć, że {product} jest cudowny, dziękuję!
< Jak miło! Przekażę dziewczynom z pracowni, ucieszą się.
# Poczekalnia
> halo jest tam kto
< Dzień dobry, tak, w czym mogę pomóc?
> szukam czegoś do kawy na prezent do 200 zł
< Proponuję Zestaw kawosza za 199 zł: trzy kawy, dripper i filtry.
> biorę, dzięki
# Filtry
> Czy filtry V2 pasują do drippera innej firmy?
< Tak, to standardowy stożek 02, pasują do większości.
> ok
"""
