"""Secrets at rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.kernel import sealing

KEY = "k" * 32


@given(st.text(st.characters(codec="utf-8")))
def test_what_is_sealed_comes_back(secret: str):
    sealed = sealing.seal(secret, key=KEY)
    assert sealing.unseal(sealed, key=KEY) == secret
    assert sealed.isascii()
    assert len(secret) < 8 or secret not in sealed


def test_the_same_secret_never_looks_the_same():
    assert sealing.seal("whsec_1", key=KEY) != sealing.seal("whsec_1", key=KEY)


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-4], lambda text: "A" + text[1:], lambda text: "", lambda text: "ż"]
)
def test_damage_is_told(damage):
    with pytest.raises(sealing.CannotUnseal):
        sealing.unseal(damage(sealing.seal("whsec_1", key=KEY)), key=KEY)


def test_another_key_opens_nothing():
    with pytest.raises(sealing.CannotUnseal):
        sealing.unseal(sealing.seal("whsec_1", key=KEY), key="other" * 8)
