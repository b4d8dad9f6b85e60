"""Pieces of SQL that SQLite and PostgreSQL write differently and answer alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Float, Integer, String, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from crm360.kernel.dialects import to_json


class Shifted(FunctionElement[Any]):
    """A moment so many seconds later, to the microsecond; compares with moments as kept."""

    inherit_cache = True

    def __init__(self, moment: Any, seconds: int):
        super().__init__(moment, literal(seconds, Integer))
        self.type = moment.type


@compiles(Shifted, "sqlite")
def _shifted_text(element: Shifted, compiler: Any, **kwargs: Any) -> str:
    moment, seconds = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"(strftime('%Y-%m-%d %H:%M:%S', {moment}, {seconds} || ' seconds') || substr({moment}, 20))"


@compiles(Shifted, "postgresql")
def _shifted_moment(element: Shifted, compiler: Any, **kwargs: Any) -> str:
    moment, seconds = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"({moment} + make_interval(secs => {seconds}))"


def listed(column: Any, numbers: Iterable[int]) -> ColumnElement[bool]:
    """That a column is one of any number of integers, which go as one parameter."""
    return column.in_(select(Listed(literal(to_json(sorted(numbers)), String))))


class Listed(FunctionElement[int]):
    """The integers of a JSON list, as rows."""

    type = BigInteger()
    inherit_cache = True


@compiles(Listed, "postgresql")
def _listed_postgresql(element: Listed, compiler: Any, **kwargs: Any) -> str:
    return f"CAST(jsonb_array_elements_text(CAST({compiler.process(element.clauses, **kwargs)} AS jsonb)) AS bigint)"


@compiles(Listed, "sqlite")
def _listed_sqlite(element: Listed, compiler: Any, **kwargs: Any) -> str:
    return f"value FROM json_each({compiler.process(element.clauses, **kwargs)})"


class BearsWord(FunctionElement[bool]):
    """That a JSON list of texts holds one of these words, the capitals A to Z set small: `BearsWord(column, *words)`."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Any, *words: str):
        super().__init__(column, literal(to_json(sorted(words)), String))


@compiles(BearsWord, "sqlite")
def _bears_sqlite(element: BearsWord, compiler: Any, **kwargs: Any) -> str:
    column, words = (compiler.process(clause, **kwargs) for clause in element.clauses)
    wanted = f"SELECT value FROM json_each({words})"  # noqa: S608 - both are compiled clauses
    return f"EXISTS (SELECT 1 FROM json_each({column}) AS held WHERE lower(held.value) IN ({wanted}))"  # noqa: S608


@compiles(BearsWord, "postgresql")
def _bears_postgresql(element: BearsWord, compiler: Any, **kwargs: Any) -> str:
    column, words = (compiler.process(clause, **kwargs) for clause in element.clauses)
    held = f"jsonb_array_elements_text(CAST({column} AS jsonb)) AS held(word)"
    wanted = f"SELECT jsonb_array_elements_text(CAST({words} AS jsonb))"
    return f'EXISTS (SELECT 1 FROM {held} WHERE lower(held.word COLLATE "C") IN ({wanted}))'  # noqa: S608


class JsonText(FunctionElement[Any]):
    """The text at a path of a JSON column, null when something else is there: `JsonText(column, "city", "value")`."""

    type: Any = String()
    inherit_cache = True

    def __init__(self, column: Any, *path: str):
        super().__init__(column, *(literal(name, String) for name in path))


class JsonNumber(JsonText):
    """The number at a path of a JSON column, null when something else is there."""

    type = Float()
    inherit_cache = True


def _json_place_sqlite(element: JsonText, compiler: Any, **kwargs: Any) -> tuple[str, str]:
    """The column and the path in it, as the functions of SQLite take them."""
    column, *path = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return column, "'$'" + "".join(f""" || '."' || {name} || '"'""" for name in path)


def _json_place_postgresql(element: JsonText, compiler: Any, **kwargs: Any) -> tuple[str, str]:
    column, *path = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return column, ", ".join(f"CAST({name} AS text)" for name in path)


@compiles(JsonText, "sqlite")
def _json_sqlite(element: JsonText, compiler: Any, **kwargs: Any) -> str:
    column, where = _json_place_sqlite(element, compiler, **kwargs)
    kinds = "('integer', 'real')" if isinstance(element, JsonNumber) else "('text')"
    return f"CASE WHEN json_type({column}, {where}) IN {kinds} THEN json_extract({column}, {where}) END"


@compiles(JsonText, "postgresql")
def _json_postgresql(element: JsonText, compiler: Any, **kwargs: Any) -> str:
    column, where = _json_place_postgresql(element, compiler, **kwargs)
    found = f"jsonb_extract_path_text({column}, {where})"
    kind = "string"
    if isinstance(element, JsonNumber):
        kind, found = "number", f"CAST({found} AS double precision)"
    return f"CASE WHEN jsonb_typeof(jsonb_extract_path({column}, {where})) = '{kind}' THEN {found} END"


class JsonWhole(JsonText):
    """The whole number at a path of a JSON column, of a number or of a text that is one ("1 250", "12,5"); null otherwise.

    What stands after the point is left off, as are spaces; at most 15 digits before it.
    """

    type = BigInteger()
    inherit_cache = True


@compiles(JsonWhole, "sqlite")
def _whole_sqlite(element: JsonWhole, compiler: Any, **kwargs: Any) -> str:
    column, where = _json_place_sqlite(element, compiler, **kwargs)
    said = f"CAST(json_extract({column}, {where}) AS TEXT)"
    plain = f"replace(replace(replace({said}, ' ', ''), char(160), ''), ',', '.')"
    kinds = f"json_type({column}, {where}) IN ('integer', 'real', 'text')"
    shaped = " AND ".join(f"{plain} NOT GLOB '{wrong}'" for wrong in ("*[^0-9.-]*", "?*-*", "*.*.*", ".*", "-.*", "*."))
    digits = f"{plain} GLOB '*[0-9]*' AND instr(ltrim({plain}, '-') || '.', '.') <= 16"
    return f"CASE WHEN {kinds} AND {shaped} AND {digits} THEN CAST({plain} AS INTEGER) END"


@compiles(JsonWhole, "postgresql")
def _whole_postgresql(element: JsonWhole, compiler: Any, **kwargs: Any) -> str:
    column, where = _json_place_postgresql(element, compiler, **kwargs)
    plain = f"translate(jsonb_extract_path_text({column}, {where}), ', ' || chr(160), '.')"
    kinds = f"jsonb_typeof(jsonb_extract_path({column}, {where})) IN ('number', 'string')"
    number = f"trunc(CAST({plain} AS numeric))"
    return f"CASE WHEN {kinds} AND {plain} ~ '^-?[0-9]{{1,15}}(\\.[0-9]+)?$' THEN CAST({number} AS bigint) END"


class Folded(FunctionElement[str]):
    """A text with A to Z in small letters and every other letter as it is: the same on either database."""

    type = String()
    inherit_cache = True


@compiles(Folded, "sqlite")
def _folded_sqlite(element: Folded, compiler: Any, **kwargs: Any) -> str:
    return f"lower({compiler.process(element.clauses, **kwargs)})"


@compiles(Folded, "postgresql")
def _folded_postgresql(element: Folded, compiler: Any, **kwargs: Any) -> str:
    return f"""lower(CAST({compiler.process(element.clauses, **kwargs)} AS text) COLLATE "C")"""


class PlaceOf(FunctionElement[int]):
    """Where a text stands in another, from 1; 0: nowhere. `PlaceOf(text, part)`."""

    type = Integer()
    inherit_cache = True


@compiles(PlaceOf, "sqlite")
def _place_sqlite(element: PlaceOf, compiler: Any, **kwargs: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kwargs)})"


@compiles(PlaceOf, "postgresql")
def _place_postgresql(element: PlaceOf, compiler: Any, **kwargs: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kwargs)})"
