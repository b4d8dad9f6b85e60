import pytest

from crm360.facts import CONTACT_FIELDS as FACT_FIELDS
from crm360.sources import columns
from crm360.sources.columns import apply_overrides, folded, guess, mapped, missing

GOOGLE = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Organization Name,Organization Title,Birthday,Notes,Labels,"
    "E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Formatted,"
    "Address 1 - Street,Address 1 - City,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country"
)
SHOPIFY = (
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,"
    "Default Address City,Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Tags"
)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            "Imię;Nazwisko;E-mail;Telefon;Data urodzenia;Zgoda marketingowa;Karta;Obrót",
            {
                "Imię": "given_name",
                "Nazwisko": "family_name",
                "E-mail": "email",
                "Telefon": "phone",
                "Data urodzenia": "birth_date",
                "Zgoda marketingowa": "consent_email",
                "Karta": "card_no",
            },
        ),
        (
            "rec_id;given_name;surname;street_number;address_1;address_2;suburb;postcode;state;date_of_birth;soc_sec_id",
            {
                "rec_id": "external_id",
                "given_name": "given_name",
                "surname": "family_name",
                "street_number": "house_number",
                "address_1": "street",
                "address_2": "address_2",
                "suburb": "city",
                "postcode": "postcode",
                "state": "state",
                "date_of_birth": "birth_date",
                "soc_sec_id": "national_id",
            },
        ),
        (
            "Email Address;First Name;OPTIN_TIME;CONFIRM_TIME;CC;UNSUB_TIME;EUID;TAGS",
            {
                "Email Address": "email",
                "First Name": "given_name",
                "OPTIN_TIME": "optin_at",
                "CONFIRM_TIME": "confirmed_at",
                "UNSUB_TIME": "unsubscribed_at",
                "EUID": "external_id",
                "TAGS": "tags",
            },
        ),
        (
            "FirstName;LastName;EmailAddress;DateOfBirth;ZipCode",
            {
                "FirstName": "given_name",
                "LastName": "family_name",
                "EmailAddress": "email",
                "DateOfBirth": "birth_date",
                "ZipCode": "postcode",
            },
        ),
        (
            "Vorname;Nachname;Geburtsdatum;PLZ;Ort",
            {
                "Vorname": "given_name",
                "Nachname": "family_name",
                "Geburtsdatum": "birth_date",
                "PLZ": "postcode",
                "Ort": "city",
            },
        ),
        (
            "Prénom;Nom;Courriel;Téléphone;Ville",
            {
                "Prénom": "given_name",
                "Nom": "family_name",
                "Courriel": "email",
                "Téléphone": "phone",
                "Ville": "city",
            },
        ),
        (
            "Record ID - Contact;First Name;Contact owner;Company name",
            {"Record ID - Contact": "external_id", "First Name": "given_name", "Company name": "company"},
        ),
    ],
)
def test_customer_lists(headers, expected):
    assert guess(headers.split(";"), "contacts") == expected


def test_google_and_shopify_take_every_address_and_one_of_everything_else():
    google = guess(GOOGLE.split(","), "contacts")
    assert [header for header, field in google.items() if field == "email"] == ["E-mail 1 - Value", "E-mail 2 - Value"]
    assert google["Address 1 - Postal Code"] == "postcode"
    assert "Address 1 - Formatted" not in google
    assert "Phonetic First Name" not in google
    shopify = guess(SHOPIFY.split(","), "contacts")
    assert shopify["Default Address Address1"] == "street"
    assert [header for header, field in shopify.items() if field == "phone"] == ["Default Address Phone", "Phone"]
    assert shopify["Accepts SMS Marketing"] == "consent_sms"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            "InvoiceNo;StockCode;Description;Quantity;InvoiceDate;UnitPrice;CustomerID;Country",
            "receipt_no sku name quantity date unit_price customer_id country",
        ),
        (
            "Nr paragonu;Data;Godzina;Sklep;Kasa;EAN;Nazwa;Ilość;Cena brutto;VAT;Rabat;Wartość;Razem;Nr karty;Typ",
            "receipt_no date time store till sku name quantity unit_price - discount line_total total card_no type",
        ),
        (
            "receipt_no;date;name;qty;price;total",
            "receipt_no date name quantity unit_price total",
        ),
        (
            "Date;Time;Time Zone;Item;Qty;SKU;Net Sales;Transaction ID;Device Name;Event Type;Location;Customer ID",
            "date time - name quantity sku line_total receipt_no till type store customer_id",
        ),
        (
            "Name;Email;Paid at;Total;Created at;Lineitem quantity;Lineitem name;Lineitem price;Lineitem sku",
            "receipt_no email - total date quantity name unit_price sku",
        ),
    ],
)
def test_receipts(headers, expected):
    mapping = guess(headers.split(";"), "receipts")
    assert [mapping.get(header, "-") for header in headers.split(";")] == expected.split()


def test_what_is_no_persons_is_not_taken():
    assert guess(["lp", "cluster", "VAT", "Notatki"], "contacts") == {}


def test_overrides_change_add_and_leave_out():
    headers = ["Kod", "Osoba", "E-mail"]
    found = apply_overrides(
        guess(headers, "contacts"), ["Kod=customer_id", "osoba=full_name", "E-mail="], headers=headers, kind="contacts"
    )
    assert found == {"Kod": "customer_id", "Osoba": "full_name"}


def test_a_field_moves_from_its_guessed_column():
    headers = ["Nazwisko", "Panieńskie"]
    mapping = guess(headers, "contacts")
    found = apply_overrides(mapping, ["Panieńskie=family_name"], headers=headers, kind="contacts")
    assert found == {"Panieńskie": "family_name"}


@pytest.mark.parametrize(
    ("override", "hint"),
    [
        ("E-mial=email", "Did you mean 'E-mail'"),
        ("E-mail=emial", "Did you mean 'email'"),
        ("E-mail=shoe_size", "There are: external_id"),
        ("E-mail", "COLUMN=FIELD"),
        ("=email", "COLUMN=FIELD"),
    ],
)
def test_wrong_overrides_get_a_hint(override, hint):
    with pytest.raises(ValueError, match=hint):
        apply_overrides({}, [override], headers=["E-mail"], kind="contacts")


def test_rows_by_field():
    mapping = {"E-mail 1": "email", "E-mail 2": "email", "City": "city"}
    row = {"E-mail 1": "a@x.pl", "E-mail 2": " b@x.pl ", "City": " ", "Other": "x"}
    assert mapped(row, mapping) == {"email": "a@x.pl ::: b@x.pl"}


def test_what_a_receipts_file_cannot_do_without():
    assert missing({"Data": "date"}, "receipts") == ("receipt_no", "unit_price")
    assert missing({"a": "date", "b": "receipt_no", "c": "line_total"}, "receipts") == ()
    assert missing({}, "contacts") == ("email",)


def test_every_field_of_a_contact_can_be_mapped():
    assert set(FACT_FIELDS) <= set(columns.CONTACT_FIELDS)


@pytest.mark.parametrize("kind", ["contacts", "receipts"])
def test_a_name_means_one_field(kind):
    known = columns.column_names.RECEIPTS if kind == "receipts" else columns.column_names.CONTACTS
    owners: dict[str, set[str]] = {}
    for field, names in known.items():
        for name in (field, *names):
            owners.setdefault(folded(name), set()).add(field)
    assert {name: fields for name, fields in owners.items() if len(fields) > 1} == {}


@pytest.mark.parametrize(
    ("headers", "purchases"),
    [
        pytest.param("Date,Time,Category,Item,Qty,SKU,Net Sales,Transaction ID,Customer ID,Customer Name,Count,GTIN", True, id="Square's items"),
        pytest.param("Name,Email,Financial Status,Paid at,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku", True, id="Shopify's orders"),
        pytest.param("EAN,Nazwa,Cena,Kategoria", True, id="a list of products"),
        pytest.param("Nr paragonu,Data,Kwota,Nr karty,Telefon", True, id="a till's receipts"),
        pytest.param(SHOPIFY, False, id="Shopify's customers"),
        pytest.param(GOOGLE, False, id="Google's contacts"),
        pytest.param("Nr karty,Data dołączenia,Punkty", False, id="a loyalty list"),
        pytest.param("Imię,E-mail,Kod,Liczba", False, id="customers with a code and a number"),
    ],
)  # fmt: skip
def test_tables_of_purchases_and_products_are_no_customer_lists(headers: str, purchases: bool) -> None:
    assert columns.is_of_purchases(headers.split(",")) is purchases
