"""Why rows of figures stay when somebody is forgotten: they are of many, and examples are numbers that lead nowhere then."""

from __future__ import annotations

from crm360.kernel.personal_data import Erasers, Keeps

ERASERS: Erasers = {}
KEEPS: Keeps = {
    "insights_figure": "counts and sums over many; examples of journeys are profile numbers, which lead nowhere afterwards",
    "insights_promise": "what the shop promises, and which colleague said so",
    "insights_open_day": "the shop's hours, and which colleague said so",
}
