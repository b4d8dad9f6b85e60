"""What a list asks for travels in an address and comes back the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.lists import asking
from crm360.lists.asking import Asked

words = st.text("aąĄz 9&=+", max_size=12).map(lambda text: " ".join(text.split()))


@given(
    st.builds(
        Asked,
        segment=st.none() | st.integers(0, 10**12),
        tag=words,
        owner=st.sampled_from(["", "me", "none", "12"]),
        source=words,
        city=words,
        country=words,
        bought=st.sampled_from(["", "never", "within-30", "before-400"]),
        sort=st.sampled_from([sign + name for sign in ("", "-") for name in asking.ORDERS]),
        columns=st.sets(st.sampled_from(asking.COLUMNS), min_size=1).map(
            lambda chosen: tuple(name for name in asking.COLUMNS if name in chosen)
        ),
    )
)
def test_a_list_comes_back_from_its_address(asked: Asked) -> None:
    assert asking.read(asking.address(asked).items()) == asked
    assert asking.kept(asking.address(asked)) == asked


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"segment": "x", "owner": "everybody", "bought": "within-0", "sort": "age", "columns": "shoe size"},
        {"segment": "9" * 30, "owner": "1" * 40, "bought": "within-99999", "tag": "  "},
    ],
)
def test_what_means_nothing_is_left_out(said: dict[str, str]) -> None:
    assert asking.read(said.items()) == Asked()
    assert asking.address(Asked()) == {}


def test_ticked_columns_stand_in_the_order_of_the_table() -> None:
    ticked = [("columns", "reach"), ("columns", "email"), ("columns", "email")]
    assert asking.read(ticked).columns == ("email", "reach")
