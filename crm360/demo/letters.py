"""E-mail threads in both languages, written as the chats are."""

POLISH = r"""
# Pytanie o zamówienie {order}
> Dzień dobry,\n\nczy mogliby Państwo sprawdzić, kiedy dotrze moje zamówienie {order}? Wyjeżdżam w piątek.\n\nPozdrawiam\n{name}
< Dzień dobry,\n\npaczka wyszła dziś rano i powinna dotrzeć w środę. Gdyby się spóźniła, przytrzymamy ją u kuriera.\n\nPozdrawiam\n{agent}\nLipowa & Oak
> Bardzo dziękuję za szybką odpowiedź!
# Reklamacja: {product}
> Szanowni Państwo,\n\nzgłaszam reklamację produktu {product} z zamówienia {order}. Po dwóch tygodniach pojawiło się pęknięcie.\nProszę o wymianę na nowy.\n\nZ poważaniem\n{name}
< Dzień dobry,\n\nprzyjęliśmy reklamację. Nowy egzemplarz wysyłamy jutro, kurier przy okazji odbierze stary.\n\n{agent}\nLipowa & Oak
# Faktura do {order}
> Dzień dobry, proszę o fakturę do zamówienia {order}. Dane jak zwykle.\n{name}
< Dzień dobry, faktura w załączniku.\n{agent}
# Zapytanie ofertowe
> Dzień dobry,\n\npotrzebujemy 40 zestawów upominkowych dla pracowników przed świętami, w budżecie do 200 zł za sztukę. Czy możliwy jest nadruk logo na pudełku?\n\n{name}
< Dzień dobry,\n\ntak, od 25 sztuk nadruk jest bezpłatny. Proponuję Zestaw kawosza z kubkiem Mgła, 189 zł przy tej liczbie. Projekt prześlę jutro.\n\n{agent}
> Wygląda świetnie, czekamy na projekt.
< Projekt w załączniku, proszę o akceptację do piątku.
# Zwrot towaru {order}
> Dzień dobry, odsyłam {product}, nie pasuje kolorem do kuchni. Proszę o zwrot na to samo konto.\n{name}
< Dzień dobry, zwrot otrzymaliśmy w całości, pieniądze wysłane dziś.\n{agent}
# Sprzeciw wobec marketingu
> Dzień dobry, nie wyrażam zgody na dalsze otrzymywanie ofert na ten adres. Proszę o potwierdzenie usunięcia z listy.\n{name}
< Dzień dobry, potwierdzam: adres usunęliśmy z listy wysyłkowej. Zamówienia obsługujemy jak dotąd.\n{agent}
# Zgubiona karta stałego klienta
> Zgubiłam kartę, czy punkty przepadły? Nazwisko jak w podpisie.\n\n{name}
< Dzień dobry, punkty są przypisane do konta. Nowa karta czeka w salonie {store}.\n{agent}
# Jak dbać o deskę
> Dzień dobry, czym olejować {product}?\n{name}
< Dzień dobry, olej lniany lub mineralny, raz w miesiącu, cienka warstwa. Proszę nie moczyć.\n{agent}
# Podziękowanie
> Chciałam podziękować za pomoc przy wyborze prezentu. Mąż zachwycony!\n{name}
"""
ENGLISH = r"""
# Order {order}
> Hello,\n\nI ordered on Monday and haven't had a dispatch e-mail yet. Is everything all right with {order}?\n\nBest wishes\n{name}
< Hello {name},\n\none item was a day late from our workshop. Everything leaves this afternoon, tracking to follow.\n\n{agent}\nLipowa & Oak
> Lovely, thank you for letting me know.
# Faulty {product}
> Hi there,\n\nthe {product} from {order} stopped working after a fortnight. What are my options?\n\n{name}
< Hello {name},\n\nso sorry. We can send a replacement tomorrow or refund in full, whichever you prefer.\n\n{agent}
> A replacement please.
# Wholesale enquiry
> Hello,\n\nwe run a small guest house and love your Mist stoneware. Do you offer trade prices on twelve place settings?\n\n{name}
< Hello {name},\n\nwe do: 15% from ten settings, delivery included. I attach our trade list.\n\n{agent}
# Returning part of {order}
> I'd like to send back the {product} but keep the rest. How do I do that?\n{name}
< Just tick that line in your account under Returns; the label comes by e-mail.\n{agent}
# Please stop the newsletters
> I no longer want to receive marketing e-mails. Please confirm.\n{name}
< Confirmed, you are off the list as of today.\n{agent}
# Thank you
> The parcel arrived beautifully wrapped. You've made my sister very happy.\n{name}
"""
