"""Why rows of figures stay when somebody is forgotten: they are of many, and examples are numbers that lead nowhere then."""

from __future__ import annotations

from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows

ERASERS: Erasers = {}
KEEPS: Keeps = {
    "insights_figure": "counts and sums over many; examples of journeys are profile numbers, which lead nowhere afterwards",
    "insights_promise": "what the shop promises, and which colleague said so",
    "insights_open_day": "the shop's hours, and which colleague said so",
}
COLUMNS: Columns = {
    "insights_figure": {"settings": "family period_on document", "time": "computed_at"},
    "insights_promise": {
        "settings": "channel first_minutes next_minutes resolution_minutes",
        "time": "set_at",
        "staff": "set_by",
    },
    "insights_open_day": {"settings": "weekday opens closes", "time": "set_at", "staff": "set_by"},
}
ROWS: Rows = {}
