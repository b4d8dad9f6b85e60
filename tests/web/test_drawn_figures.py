"""Drawings stand for their numbers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings

from crm360.insights import journeys
from crm360.web import drawn_figures as drawn
from tests.insights.test_journeys import TOUCHES

COHORTS = [{"month": "2026-01", "size": 10, "active": [10, 5, 0]}, {"month": "2026-02", "size": 4, "active": [4, 1]}]


def test_a_heat_table_shades_shares():
    heat = drawn.heat(COHORTS)
    assert [[(cell.share, cell.shade) for cell in row.cells] for row in heat.rows] == [
        [(1.0, 0), (0.5, 7), (0.0, 0)],
        [(1.0, 0), (0.25, 4)],
    ]
    assert heat.height == drawn.HEAD_HEIGHT + 2 * drawn.CELL_HEIGHT
    assert drawn.heat([]).rows == []


@settings(max_examples=30)
@given(TOUCHES)
def test_bands_fill_their_nodes_and_nodes_stand_apart(touches):
    flow = drawn.sankey(journeys.flows(touches)["links"])
    for node in flow.nodes:
        leaving = sum(band.count for band in flow.bands if (band.place, band.one) == (node.place, node.step))
        coming = sum(band.count for band in flow.bands if (band.place + 1, band.other) == (node.place, node.step))
        assert leaving <= node.count
        assert not node.place or coming == node.count
    for place in range(journeys.MOST_STEPS):
        column = sorted((node.y, node.height) for node in flow.nodes if node.place == place)
        assert all(y + height < below for (y, height), (below, _) in pairwise(column))


@pytest.mark.parametrize(("part", "expected"), [(0.0, 0), (0.01, 1), (0.5, 4), (1.0, 7)])
def test_shades(part: float, expected: int):
    assert drawn.shade(part, 1.0) == expected


def test_the_grid_has_a_square_for_every_pair():
    squares = drawn.grid({(5, 5): (8, {"PLN": 100}), (1, 1): (2, {})})
    assert len({(each.x, each.y) for each in squares}) == 25
    best = next(each for each in squares if (each.recency, each.frequency) == (5, 5))
    assert (best.count, best.shade, best.y) == (8, 7, drawn.GRID_TOP)
