import csv
import gzip
import io
import tracemalloc
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from crm360.sources.tabular import Row, RowProblem, UnreadableTable, likely_delimiter, open_table


@pytest.fixture
def file(tmp_path):
    def written(content, name="plik.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def read_all(path):
    """The table's description and all its rows."""
    with open_table(path) as table:
        return table, list(table.rows)


def cells(path):
    return [list(row.cells.values()) if isinstance(row, Row) else row for row in read_all(path)[1]]


HEADER, BODY = "Imię;Nazwisko;Należność", "Łukasz;Żółć;1 234,50"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("cp1250", "cp1250"),
        ("iso-8859-2", "iso-8859-2"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(file, encoding, expected, end):
    table, rows = read_all(file(f"{HEADER}{end}{BODY}{end}".encode(encoding)))
    assert (table.headers, table.encoding, table.delimiter) == (tuple(HEADER.split(";")), expected, ";")
    assert rows == [Row(2, dict(zip(HEADER.split(";"), BODY.split(";"), strict=True)))]


def test_western_letters_are_not_taken_for_polish(file):
    table, rows = read_all(file("Name,City\nGarçon Père,Château-d'Œx à l'île\n".encode("cp1252")))
    assert table.encoding == "cp1252"
    assert rows[0].cells["Name"] == "Garçon Père"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(file, delimiter):
    text = f'a{delimiter}b{delimiter}c\n1{delimiter}"x,;y"{delimiter}"3,5"\n'
    table, rows = read_all(file(text))
    assert table.delimiter == delimiter
    assert rows[0].cells == {"a": "1", "b": "x,;y", "c": "3,5"}


def test_excels_remark_about_its_delimiter(file):
    table, rows = read_all(file("sep=;\r\na,b;c\r\n1;2\r\n"))
    assert (table.headers, table.delimiter) == (("a,b", "c"), ";")
    assert rows == [Row(3, {"a,b": "1", "c": "2"})]


def test_one_column_and_decimal_commas():
    assert likely_delimiter("email\na@x.pl\n") == ","
    assert likely_delimiter("a;b\n1,5;2\n1,5;3\n1,5;4\n") == ";"


def test_gzip_by_its_content(file):
    assert cells(file(gzip.compress(b"a,b\n1,2\n"), "x.csv")) == [["1", "2"]]


def test_a_file_that_breaks_off_gives_what_it_has(file):
    whole = gzip.compress(
        "\n".join(["a,b", *(f"{number},{number * 7919 % 1000}" for number in range(50_000))]).encode()
    )
    _, rows = read_all(file(whole[:-20_000], "x.csv.gz"))
    assert len(rows) > 1000
    assert isinstance(rows[0], Row)
    assert isinstance(rows[-1], RowProblem)
    assert "breaks off" in rows[-1].reason


def test_rows_of_another_width_are_problems_and_the_rest_goes_on(file):
    rows = cells(file("a,b\n1,2\n1\n1,2,3\n\n,\n5,6,\n7,8\n"))
    assert rows == [
        ["1", "2"],
        RowProblem(3, "1 cells where the header has 2", ["1"]),
        RowProblem(4, "3 cells where the header has 2", ["1", "2", "3"]),
        ["5", "6"],
        ["7", "8"],
    ]


def test_a_lost_quote_costs_its_own_line(file):
    rows = cells(file('a,b\n1,2\n3,"vier\n5,6\n7,8\n'))
    assert [row for row in rows if isinstance(row, list)] == [["1", "2"], ["5", "6"], ["7", "8"]]
    (problem,) = (row for row in rows if isinstance(row, RowProblem))
    assert (problem.line_no, problem.reason) == (3, "a quotation mark without its partner")


def test_a_lost_quote_before_a_long_rest(file):
    rest = "".join(f"{number},{number}\n" for number in range(30_000))
    _, rows = read_all(file('a,b\n1,"2\n' + rest))
    assert sum(isinstance(row, Row) for row in rows) == 30_000


def test_line_breaks_within_quotes_are_data(file):
    assert cells(file('a,b\n1,"ul. Długa\n31-146 Kraków"\n2,x\n')) == [["1", "ul. Długa\n31-146 Kraków"], ["2", "x"]]


def test_a_bad_character_costs_its_own_line(file):
    rows = cells(file("a,b\nżółć,2\n".encode() + b"\xff\xfe\x81,3\n" + b"4,5\n"))
    assert rows[0] == ["żółć", "2"]
    assert isinstance(rows[1], RowProblem)
    assert "encoding" in rows[1].reason
    assert rows[2] == ["4", "5"]


@pytest.mark.parametrize(("encoding", "name"), [("cp1250", "Żółć"), ("utf-8", "Żółć"), ("cp1252", "Père-à")])
def test_letters_that_come_only_after_the_sample(file, encoding, name):
    ascii_part = "a,b\n" + "x,y\n" * 80_000
    _, rows = read_all(file((ascii_part + f"{name},1\n{name},2\n").encode(encoding)))
    assert [row.cells["a"] for row in rows[-2:]] == [name, name]


def test_a_file_can_be_left_before_its_end(file):
    with open_table(file("a,b\n1,2\n3,4\n")) as table:
        assert next(table.rows) == Row(2, {"a": "1", "b": "2"})
    with pytest.raises(ValueError, match="closed"):
        next(table.rows)


def test_a_damaged_archive_is_no_table(file):
    with pytest.raises(UnreadableTable, match="damaged"):
        open_table(file(gzip.compress(b"a,b\n")[:12]))


def test_headers_are_made_distinct_and_named(file):
    assert read_all(file("\ufeffTel, Tel ,,Tel,\n"))[0].headers == ("Tel", "Tel (2)", "column 3", "Tel (3)")


def test_nul_characters_are_dropped(file):
    assert cells(file(b"aaaa,bbbb\n1\x00,2\n")) == [["1", "2"]]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" ; ;\n"])
def test_no_header_is_no_table(file, content):
    with pytest.raises(UnreadableTable, match="empty"):
        open_table(file(content))


def test_spreadsheets(tmp_path):
    book = Workbook()
    book.active.append(["Karta", "Data", "Kwota", "Aktywna"])
    book.active.append(["0004711", datetime.fromisoformat("2024-03-15"), 12.5, True])
    book.active.append([4711, datetime.fromisoformat("2024-03-15T14:05"), 3.0, None])
    book.save(tmp_path / "klienci.xlsx")
    table, rows = read_all(tmp_path / "klienci.xlsx")
    assert table.headers == ("Karta", "Data", "Kwota", "Aktywna")
    assert [list(row.cells.values()) for row in rows] == [
        ["0004711", "2024-03-15", "12.5", "1"],
        ["4711", "2024-03-15 14:05:00", "3", ""],
    ]


def test_what_is_no_spreadsheet(file):
    with pytest.raises(ValueError, match="not a readable spreadsheet"):
        open_table(file(b"a,b\n1,2\n", "klienci.xlsx"))


def test_memory_does_not_grow_with_the_file(file):
    path = file("a,b,c\n" + "wartość,12345,x\n" * 100_000)
    for _ in open_table(path).rows:
        pass
    tracemalloc.start()
    for _ in open_table(path).rows:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@settings(max_examples=60, deadline=None)
@given(table=st.lists(st.lists(texts, min_size=3, max_size=3), min_size=1, max_size=8))
def test_what_a_spreadsheet_writes_is_read_back(tmp_path_factory, table):
    text = io.StringIO()
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL).writerows([["aa", "bb", "cc"], *table])
    path = tmp_path_factory.mktemp("t") / "x.csv"
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    assert cells(path) == [row for row in table if any(row)]


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=200))
def test_no_bytes_kill_the_reader(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("t") / "x.csv"
    path.write_bytes(content)
    try:
        _, rows = read_all(path)
    except UnreadableTable:
        return
    assert all(isinstance(row, Row | RowProblem) for row in rows)
