"""Versions of the model: kept once, chosen by people, in force only when a recomputation made them so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm360.identity import model_versions
from crm360.identity.engine import fields, model, resolution
from crm360.kernel.errors import Conflict
from tests.identity.people import NOW

pytestmark = pytest.mark.usefixtures("app")

BY = {"by": "Dana", "now": NOW}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    raw = {"given_name": ["Anna", "Anna", "Piotr", "Ewa"], "family_name": ["Lis", "Lis", "Lis", "Nowak"]}
    found = resolution.resolve(fields.prepare(raw), None, about={"trained_on": "2026-03-02"})
    return model.as_document(found.model)


def test_a_document_is_one_version_however_often_it_is_stored(document: dict[str, Any]) -> None:
    first = model_versions.store(document=document, name="spring", **BY)
    again = model_versions.store(document=dict(reversed(document.items())), name="another name", **BY)
    other = model_versions.store(document={**document, "about": {"rows": 7}}, **BY)
    assert again == first != other
    assert model_versions.get(first).document == document
    assert [one.name for one in model_versions.versions()] == ["2026-03-02-2", "spring"]
    assert model_versions.versions()[0].trained_on == {"rows": 7}
    assert model_versions.by_name("spring").id == model_versions.by_name(str(first)).id == first


def test_what_is_no_model_and_a_name_taken_are_refused(document: dict[str, Any]) -> None:
    model_versions.store(document=document, name="spring", **BY)
    with pytest.raises(Conflict):
        model_versions.store(document={**document, "about": {}}, name="spring", **BY)
    with pytest.raises(model_versions.NoModel):
        model_versions.store(document={"format": 0}, **BY)
    with pytest.raises(model_versions.ModelNotFound):
        model_versions.request_activation(model_id=99, **BY)


def test_a_choice_waits_until_it_takes_effect_and_the_newest_wins(document: dict[str, Any]) -> None:
    one = model_versions.store(document=document, **BY)
    two = model_versions.store(document={**document, "about": {}}, **BY)
    first = model_versions.request_activation(model_id=one, reason="better on families", **BY)
    assert (model_versions.in_force(), model_versions.waiting()) == (None, one)
    with pytest.raises(model_versions.InForce):
        model_versions.request_activation(model_id=one, **BY)
    model_versions.make_effective(activation_id=first, now=NOW + timedelta(minutes=1))
    second = model_versions.request_activation(model_id=two, by="Bob", now=NOW + timedelta(days=1))
    assert (model_versions.in_force(), model_versions.waiting()) == (one, two)
    waits = model_versions.next_activation()
    assert waits is not None
    assert (waits.id, waits.requested_by) == (second, "Bob")
    model_versions.make_effective(activation_id=second, now=NOW + timedelta(days=1))
    assert (model_versions.in_force(), model_versions.waiting(), model_versions.next_activation()) == (two, None, None)
    assert [(each.model_id, each.reason) for each in model_versions.activations()] == [
        (two, ""),
        (one, "better on families"),
    ]
    assert {each.id: each.in_force for each in model_versions.versions()} == {one: False, two: True}
