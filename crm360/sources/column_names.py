"""Names that columns bear in the exports and spreadsheets we know, for each field; the better name first."""

from __future__ import annotations

RECEIPTS: dict[str, tuple[str, ...]] = {
    "receipt_no": (
        "receipt number", "receipt", "receipt id", "invoice no", "invoiceno", "invoice", "invoice number",
        "transaction id", "transaction", "document no", "document number", "order number", "order id", "bill no",
        "nr paragonu", "numer paragonu", "paragon", "nr dokumentu", "numer dokumentu", "dokument", "nr dok",
        "nr faktury", "numer faktury", "nr transakcji",
    ),
    "date": (
        "invoice date", "invoicedate", "receipt date", "transaction date", "datetime", "date time", "sold at",
        "timestamp", "created at", "data", "data sprzedaży", "data paragonu", "data dokumentu", "data wystawienia",
        "data transakcji", "data i godzina",
    ),
    "time": ("time of day", "receipt time", "godzina", "godz", "czas", "godzina sprzedaży"),
    "store": ("store name", "shop", "location", "branch", "store id", "sklep", "salon", "oddział", "punkt", "lokalizacja"),
    "till": ("register", "pos", "terminal", "device name", "cash register", "kasa", "nr kasy", "numer kasy", "stanowisko"),
    "cashier": ("employee", "staff name", "staff", "seller", "clerk", "kasjer", "sprzedawca", "pracownik", "operator"),
    "sku": (
        "stock code", "stockcode", "ean", "gtin", "barcode", "product code", "product id", "item code", "lineitem sku",
        "indeks", "kod", "kod produktu", "kod towaru", "kod kreskowy", "symbol", "artykuł", "nr artykułu",
    ),
    "name": (
        "description", "product", "product name", "item", "item name", "lineitem name", "nazwa", "nazwa towaru",
        "nazwa produktu", "towar", "produkt", "opis",
    ),
    "category": ("product category", "department", "group", "kategoria", "grupa", "grupa towarowa", "dział"),
    "quantity": ("qty", "count", "units", "lineitem quantity", "ilość", "ilosc", "szt", "liczba", "sztuk"),
    "unit_price": (
        "unitprice", "price", "unit price gross", "price gross", "lineitem price", "cena", "cena brutto",
        "cena jedn", "cena jednostkowa", "cena jednostkowa brutto",
    ),
    "line_total": (
        "net sales", "line amount", "line value", "amount", "wartość", "wartosc", "wartość brutto", "kwota",
        "wartość pozycji", "wartość sprzedaży",
    ),
    "discount": ("discounts", "discount amount", "line discount", "rabat", "upust", "kwota rabatu", "zniżka"),
    "total": (
        "receipt total", "total", "total amount", "grand total", "total collected", "suma", "razem", "do zapłaty",
        "suma paragonu", "wartość paragonu", "razem brutto",
    ),
    "payment": ("payment method", "tender", "paid by", "płatność", "forma płatności", "sposób płatności", "metoda płatności"),
    "currency": ("currency code", "waluta"),
    "card_no": (
        "card number", "loyalty card", "loyalty card no", "loyalty no", "loyalty number", "member no", "membership no",
        "customer reference id", "karta", "nr karty", "numer karty", "karta lojalnościowa", "karta stałego klienta",
        "nr karty lojalnościowej",
    ),
    "customer_id": ("customerid", "customer no", "customer number", "client id", "id klienta", "nr klienta", "kod klienta"),
    "phone": ("phone number", "customer phone", "mobile", "telefon", "nr telefonu", "numer telefonu", "tel", "komórka"),
    "email": ("e mail", "email address", "customer email", "adres e mail", "adres email", "mail"),
    "customer_name": ("customer", "client", "client name", "buyer", "klient", "nabywca", "nazwa klienta", "imię i nazwisko"),
    "country": ("customer country", "kraj"),
    "type": (
        "event type", "document type", "receipt type", "transaction type", "kind", "typ", "rodzaj", "typ dokumentu",
        "rodzaj dokumentu", "typ transakcji",
    ),
}  # fmt: skip

#: Shopify's order export calls the order's number "Name"; the line item's columns give the layout away.
SHOPIFY_ORDERS = {"name": "receipt_no", "lineitem name": "name"}

CONTACTS: dict[str, tuple[str, ...]] = {
    "external_id": (
        "record id", "record id contact", "rec id", "unique id", "uuid", "contact id", "external key", "euid", "id",
        "id rekordu",
    ),
    "given_name": (
        "first name", "firstname", "forename", "name first", "primary name first", "imię", "imie", "imiona",
        "pierwsze imię",
        "given names", "fname", "vorname", "prénom", "nombre",
    ),
    "middle_name": (
        "additional name", "primary name middle", "drugie imię", "middle initial",
    ),
    "family_name": (
        "last name", "lastname", "surname", "name last", "primary name last", "nazwisko", "lname", "nachname",
        "familienname", "nom", "nom de famille", "apellido", "apellidos",
    ),
    "full_name": (
        "name", "display name", "customer name", "contact name", "primary name full", "imię i nazwisko",
        "nazwisko i imię", "nazwa", "klient", "e mail display name",
        "vollständiger name", "nom complet", "nombre completo", "person name",
    ),
    "email": (
        "e mail", "email address", "e mail address", "mail", "e mail value", "customer email", "adres e mail",
        "adres email", "poczta elektroniczna",
        "e mail adresse", "courriel", "adresse e mail", "correo electrónico", "mail address",
    ),
    "phone": (
        "phone number", "phone value", "mobile phone", "mobile", "mobile number", "home phone", "business phone",
        "primary phone", "other phone", "cell", "cell phone", "telephone", "tel", "telefon", "nr telefonu",
        "numer telefonu", "telefon komórkowy", "komórka", "default address phone",
        "telephone number", "telefonnummer", "rufnummer", "handy", "mobil", "mobilnummer", "téléphone",
        "numéro de téléphone", "teléfono", "móvil", "contact number",
    ),
    "birth_date": (
        "birthday", "birthdate", "date of birth", "dob", "born", "data urodzenia", "data ur", "urodzony", "urodziny",
        "geburtsdatum", "geboren", "geboren am", "date de naissance", "fecha de nacimiento",
    ),
    "gender": (
        "sex", "płeć", "plec", "geschlecht", "sexe", "sexo",
    ),
    "company": (
        "company name", "organization name", "organization 1 name", "organization", "organisation", "employer", "primary name org",
        "default address company", "firma", "nazwa firmy", "billing company",
        "unternehmen", "société", "empresa",
    ),
    "birth_place": (
        "birth place", "place of birth", "miejsce urodzenia", "geburtsort", "lieu de naissance",
    ),
    "job_title": ("organization title", "position", "occupation", "stanowisko", "zawód"),
    "street": (
        "street address", "address 1 street", "address line 1", "address1", "address 1", "home street",
        "default address address1", "addr line1", "addr line 1", "billing address 1", "business street", "street 1",
        "address", "addr full", "ulica", "adres", "ulica i numer",
        "street name", "straße", "straße und hausnummer", "rue", "adresse", "calle", "dirección",
    ),
    "house_number": (
        "house no", "street number", "house", "building number", "building", "nr domu", "numer domu", "nr budynku",
        "house num", "hausnummer", "hausnr", "numéro de rue",
    ),
    "address_2": (
        "address2", "address line 2", "default address address2", "home street 2", "business street 2", "street 2",
        "apartment", "flat", "nr lokalu", "numer lokalu", "nr mieszkania", "adres 2", "address 1 extended address",
    ),
    "city": (
        "town", "suburb", "address 1 city", "default address city", "home city", "business city", "addr city",
        "billing city", "miasto", "miejscowość", "miejscowosc",
        "ort", "stadt", "wohnort", "ville", "ciudad", "locality",
    ),
    "postcode": (
        "postal code", "zip", "zip code", "post code", "address 1 postal code", "default address zip",
        "home postal code", "business postal code", "addr postal code", "postcode fake", "billing postcode",
        "kod pocztowy", "kod",
        "zipcode", "postleitzahl", "plz", "code postal", "código postal",
    ),
    "state": (
        "province", "region", "county", "province code", "address 1 region", "default address province code",
        "home state", "business state", "addr state", "województwo", "wojewodztwo",
        "bundesland", "provincia",
    ),
    "country": (
        "country code", "country region", "address 1 country", "default address country code", "home country region",
        "home country", "business country region", "business country", "addr country", "billing country", "kraj",
        "land", "pays", "país",
    ),
    "locale": ("language", "język", "jezyk"),
    "card_no": (
        "card number", "card", "loyalty card", "loyalty card no", "loyalty no", "loyalty number", "member no",
        "membership number", "karta", "nr karty", "numer karty", "karta lojalnościowa", "karta stałego klienta",
        "nr karty lojalnościowej",
    ),
    "customer_id": (
        "customerid", "customer no", "customer number", "client id", "id klienta", "nr klienta", "kod klienta",
    ),
    "national_id": (
        "soc sec id", "ssn", "ssn number", "social security number", "national id number", "personal id", "pesel",
        "nr pesel",
    ),
    "tax_id": ("vat id", "vat number", "tax number", "nip", "nr nip", "vat no"),
    "tags": ("labels", "tag", "group membership", "categories", "groups", "segments", "tagi", "etykiety", "grupy"),
    "joined_on": (
        "joined", "join date", "date joined", "member since", "sign up", "created at", "created", "create date",
        "registered", "data przystąpienia", "data rejestracji", "data dołączenia", "data założenia", "klient od",
    ),
    "consent_email": (
        "accepts email marketing", "accepts marketing", "email consent", "email opt in", "marketing consent",
        "newsletter", "email marketing", "email marketing consent", "status", "zgoda e mail", "zgoda email",
        "zgoda na e mail", "zgoda marketingowa", "zgoda na marketing", "zgoda", "consent",
    ),
    "consent_sms": (
        "accepts sms marketing", "sms consent", "sms opt in", "sms marketing consent", "zgoda sms", "zgoda na sms",
    ),
    "consent_phone": ("phone consent", "call consent", "zgoda telefon", "zgoda na telefon", "zgoda telefoniczna"),
    "optin_at": (
        "optin time", "opt in time", "opted in at", "opt in date", "optin date", "date of opt in", "opted in", "subscribed at",
        "subscribed on", "consent date", "consent time", "consent given at", "data zgody", "data wyrażenia zgody",
        "data udzielenia zgody", "zgoda z dnia", "data zapisu",
    ),
    "optin_ip": ("opt in ip",),
    "confirmed_at": ("confirm time", "confirmation time", "confirmed", "data potwierdzenia"),
    "confirm_ip": ("confirmation ip",),
    "unsubscribed_at": (
        "unsub time", "unsubscribe time", "unsubscribed at", "unsubscribed on", "opted out at", "opt out date", "optout time",
        "consent withdrawn at", "data wypisania", "data cofnięcia zgody", "data wycofania zgody",
    ),
    "unsubscribe_reason": ("unsub reason",),
    "points": ("loyalty points", "points balance", "punkty", "saldo punktów", "liczba punktów"),
}  # fmt: skip
