"""Signed notes: what was signed opens, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.kernel import notes

SIGNER = notes.Signer("shop.example/ledger", bytes(range(32)))
texts = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r"), max_size=60)


@given(texts)
def test_a_note_opens_with_its_verifier(text: str) -> None:
    note = notes.sign(text, SIGNER)
    assert notes.opened(note, SIGNER.verifier) == (text if text.endswith("\n") else text + "\n")


@given(st.data())
def test_a_changed_note_does_not_open(data: st.DataObject) -> None:
    note = notes.sign("shop.example/ledger\n7\nAAAA\n", SIGNER)
    at = data.draw(st.integers(0, len(note) - 2))
    other = data.draw(st.characters(blacklist_categories=("Cs",)).filter(lambda letter: letter != note[at]))
    changed = note[:at] + other + note[at + 1 :]
    with pytest.raises(notes.BadNote):
        notes.opened(changed, SIGNER.verifier)


@pytest.mark.parametrize("name", ["shop.example/ledger", "other"])
def test_another_key_opens_nothing(name: str) -> None:
    other = notes.Signer(name, notes.new_seed())
    with pytest.raises(notes.BadNote):
        notes.opened(notes.sign("text", SIGNER), other.verifier)


def test_the_example_of_the_specification_opens() -> None:
    """The note of c2sp.org/signed-note's Go implementation (golang.org/x/mod/sumdb/note), signed by PeterNeumann."""
    verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    note = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert notes.opened(note, verifier).startswith("If you think cryptography")
