"""A model's weights as bars, of both kinds of documents."""

from __future__ import annotations

import pytest

from crm360.web.weights import drawing

LEARNED = {
    "fields": {
        "email": {"same": {"bits": 20.0, "same person": 0.8, "strangers": 1e-6}, "different": {"bits": -5.0, "same person": 0.1, "strangers": 0.9}},
        "city": {"same": {"bits": 3.0, "same person": 0.9, "strangers": 0.1}},
    }
}  # fmt: skip
BY_HAND = {"weights": {"email": {"different": -5, "same": 20}, "city": {"same": 3}}}


@pytest.mark.parametrize("document", [LEARNED, BY_HAND])
def test_bars_stand_on_one_scale_the_strongest_first(document):
    drawn = drawing(document)
    assert drawn.zero == 20.0
    email, city = drawn.fields
    assert [(bar.level, bar.x, bar.width) for bar in email.bars] == [("same", 20.0, 80.0), ("different", 0.0, 20.0)]
    assert [(bar.x, bar.width) for bar in city.bars] == [(20.0, 12.0)]
    assert email.bars[1].y > email.bars[0].y


def test_how_often_a_level_is_found_is_known_of_a_learned_model_only():
    assert drawing(LEARNED).fields[0].bars[0].strangers == 1e-6
    assert drawing(BY_HAND).fields[0].bars[0].strangers is None


def test_a_model_that_says_nothing_is_drawn_too():
    assert drawing({"weights": {"email": {"same": 0}}}).fields[0].bars[0].width == 0.2
