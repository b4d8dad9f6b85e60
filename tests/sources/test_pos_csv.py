from datetime import UTC, datetime

import pytest

from crm360.facts import ContactRef, Identifier
from crm360.sources.base import Unreadable
from crm360.sources.pos_csv import Options, document_key, read, row_problem
from tests.sources.fixture_files import payload, sample

ROW = {"receipt_no": "1", "date": "2024-03-15", "quantity": "1", "unit_price": "10"}
POLISH = {"currency": "PLN", "timezone": "Europe/Warsaw", "decimal": ",", "date_order": "dmy"}


def order(*rows, **options):
    body = {"rows": [{**ROW, **row} for row in rows], "row_numbers": [2, 3], "options": POLISH | options}
    return read(payload(body))[-1]


def test_a_receipt_with_a_loyalty_card():
    seen, receipt = read(sample("pos_csv", "receipt"))
    assert seen.ref == receipt.ref == ContactRef("web", "card:0004711")
    assert seen.identifiers == (Identifier("card", "0004711"),)
    assert receipt.placed_at == datetime(2024, 3, 15, 13, 5, tzinfo=UTC)
    assert (receipt.external_id, receipt.number) == ("Kraków/2/15.03.2024/1047", "1047")
    assert (receipt.total_minor, receipt.discount_minor, receipt.currency) == (9980, 1000, "PLN")
    assert (receipt.kind, receipt.status, receipt.channel, receipt.store) == ("sale", "paid", "store", "Kraków")
    assert [(line.quantity, line.unit_price_minor, line.total_minor) for line in receipt.lines] == [
        (2.0, 3990, 7980),
        (1.0, 3000, 2000),
    ]
    assert receipt.attributes == {"till": "2", "cashier": "Ola", "payment": "karta"}


def test_an_anonymous_return():
    (receipt,) = read(sample("pos_csv", "anonymous_return"))
    assert (receipt.ref, receipt.kind, receipt.total_minor) == (None, "return", -123450)
    assert receipt.placed_at == datetime(2024, 3, 16, 9, 0, tzinfo=UTC)


def test_a_cancellation_of_the_online_retail_kind():
    seen, document = read(sample("pos_csv", "cancellation"))
    assert seen.ref == ContactRef("web", "customer:14527")
    assert seen.identifiers == (Identifier("customer_id", "web:14527"),)
    assert (document.kind, document.status, document.total_minor) == ("cancellation", "paid", -2750)
    assert document.external_id == "C536379"


def test_a_return_named_by_its_type():
    seen, document = read(sample("pos_csv", "english_return_by_type"))
    assert seen.ref == ContactRef("web", "email:anna@example.com")
    assert seen.fields == {"full_name": "Anna Nowak"}
    assert (document.kind, document.total_minor, document.external_id) == ("return", -3600, "SQC3z:return")
    assert document.placed_at == datetime(2024, 7, 18, 16, 59, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "kind", "status", "total"),
    [
        ({}, "sale", "paid", 1000),
        ({"type": "Sprzedaż"}, "sale", "paid", 1000),
        ({"type": "Zwrot"}, "return", "paid", -1000),
        ({"type": "ZWROT", "quantity": "-1"}, "return", "paid", -1000),
        ({"type": "Anulowany"}, "cancellation", "cancelled", 1000),
        ({"type": "storno", "quantity": "-1"}, "cancellation", "paid", -1000),
        ({"quantity": "-2"}, "return", "paid", -2000),
        ({"receipt_no": "C77", "quantity": "-2"}, "cancellation", "paid", -2000),
        ({"receipt_no": "CASH-1"}, "sale", "paid", 1000),
        ({"quantity": "-1", "line_total": "10"}, "return", "paid", -1000),
        ({"unit_price": "", "line_total": "30", "quantity": "2"}, "sale", "paid", 3000),
        ({"quantity": "0,255", "unit_price": "19,99"}, "sale", "paid", 510),
    ],
)
def test_kinds_and_totals(row, kind, status, total):
    document = order(row)
    assert (document.kind, document.status, document.total_minor) == (kind, status, total)


def test_an_exchange_is_a_sale_with_a_line_that_went_back():
    document = order({"quantity": "-1"}, {"unit_price": "25"})
    assert (document.kind, document.total_minor) == ("sale", 1500)
    assert order({"quantity": "-3"}, {"unit_price": "25"}).kind == "return"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"date": "27.10.2024", "time": "02:30"}, datetime(2024, 10, 27, 0, 30, tzinfo=UTC)),
        ({"date": "27.10.2024", "time": "03:30"}, datetime(2024, 10, 27, 2, 30, tzinfo=UTC)),
        ({"date": "2024-07-01", "time": ""}, datetime(2024, 6, 30, 22, 0, tzinfo=UTC)),
        ({"date": "2024-07-01T10:00:00Z"}, datetime(2024, 7, 1, 10, 0, tzinfo=UTC)),
        ({"date": "2024-07-01 10:00:00+05:00"}, datetime(2024, 7, 1, 5, 0, tzinfo=UTC)),
        ({"date": "45000"}, datetime(2023, 3, 14, 23, 0, tzinfo=UTC)),
    ],
)
def test_local_times(row, expected):
    assert order(row).placed_at == expected


def test_what_only_the_first_row_says_counts_for_all():
    document = order({"total": "35", "currency": "EUR"}, {"date": "", "currency": "", "unit_price": "25"})
    assert (document.total_minor, document.currency, len(document.lines)) == (3500, "EUR", 2)


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"receipt_no": " 7 "}, "7"),
        ({"receipt_no": "7", "till": "2", "date": "2024-03-15 10:00"}, "/2/2024-03-15/7"),
        ({"receipt_no": "7", "type": "zwrot"}, "7:return"),
        ({"receipt_no": "7", "type": "Payment"}, "7"),
        ({}, ""),
    ],
)
def test_document_key(row, key):
    assert document_key(row) == key


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({}, ""),
        ({"date": ""}, ""),
        ({"receipt_no": " "}, "receipt number"),
        ({"quantity": "dużo"}, "'dużo' is not a number"),
        ({"unit_price": "1e999"}, "not a usable number"),
        ({"date": "32.13.2024"}, "not a date"),
        ({"time": "25:00"}, "not a time"),
    ],
)
def test_row_problem(row, problem):
    found = row_problem({**ROW, **row}, Options(decimal=","))
    assert problem in found
    assert bool(problem) == bool(found)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"rows": []}, "no rows"),
        ({"rows": [{**ROW, "quantity": "x"}], "row_numbers": [12]}, "rows 12–12: row 1 of the document: 'x'"),
        ({"rows": [{**ROW, "receipt_no": ""}]}, "no receipt number"),
        ({"rows": [{**ROW, "date": ""}]}, "no date"),
        ({"rows": [{**ROW, "quantity": 7}]}, "something else than text"),
        ({"rows": [ROW], "options": {"timezone": "Mars/Base"}}, "Mars/Base"),
    ],
)
def test_unreadable_says_where_and_why(body, reason):
    with pytest.raises(Unreadable, match=reason):
        read(payload(body))
