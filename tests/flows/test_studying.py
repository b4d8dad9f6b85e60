"""Studies of models: a version is judged by itself, and people's answers are labels of the next training."""

from __future__ import annotations

from typing import Any

import pytest

from bench.retail import contacts as retail
from crm360.facts import ContactRef, ContactSeen, Identifier
from crm360.flows import studying
from crm360.identity import in_force, model_versions, operations, rebuilding, studies, whatif, whole
from crm360.identity.engine import model as documents
from crm360.identity.engine.judging import Judge
from tests.identity import plain_model
from tests.identity.people import NOW, receive

pytestmark = pytest.mark.usefixtures("session")
FIELDS = ("given_name", "family_name", "birth_date", "city", "postcode")


@pytest.fixture
def ids(app: Any) -> list[int]:
    """Two hundred generated contacts of a shop."""
    told = [
        ContactSeen(
            ref=ContactRef(one.source, f"r{number}"), occurred_at=NOW,
            fields={name: value for name in FIELDS if (value := getattr(one, name))},
            identifiers=tuple(Identifier(kind, said) for kind, said in (("email", one.email), ("phone", one.phone)) if said),  # type: ignore[arg-type]
        )
        for number, one in enumerate(retail.contacts(200, seed=5))
    ]  # fmt: skip
    return sorted(receive(told).values())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_what_if_of_another_version_judges_with_that_version(ids: list[int]) -> None:
    stored = model_versions.store(document=plain_model.document(), by="test", now=NOW)
    answer = studying.compute(kind=studies.WHAT_IF, question={"model_id": stored}).answer
    base = rebuilding.load().base
    now = whole.outcome(base, in_force.current().judge)
    then = whole.outcome(base, Judge(documents.from_document(plain_model.document())))
    expected = whatif.effect(now.persons, then.persons, now.held, then.held)
    names = ("joined", "parted", "newly_held", "no_longer_held")
    assert {name: answer[name] for name in names} == {name: getattr(expected, name) for name in names}
    assert any(answer[name] for name in names)  # the two versions differ on these people


def test_answers_of_people_are_labels_of_the_next_training(ids: list[int]) -> None:
    before = studying.compute(kind=studies.TRAINING, question={})
    assert before.document is not None
    assert before.document["about"]["answers"] == {"same": 0, "different": 0, "by": {}}
    made = operations.decide(left_id=ids[0], right_id=ids[1], same=True, by="Anna", now=NOW)
    operations.decide(left_id=ids[2], right_id=ids[3], same=True, by="Anna", now=NOW)
    operations.decide(left_id=ids[4], right_id=ids[5], same=False, by="Bob", now=NOW)
    after = studying.compute(kind=studies.TRAINING, question={})
    assert after.document is not None
    said = after.document["about"]["answers"]
    assert said["different"] == said["by"]["Bob"] == 1
    assert said["same"] == said["by"]["Anna"] >= 2  # a merge speaks of all records of both
    assert after.document["fields"] != before.document["fields"]  # strangers called one person: agreeing says less
    different = [found["fields"]["family_name"]["different"]["bits"] for found in (before.document, after.document)]
    assert different[1] > different[0]
    operations.undo(decision_id=made.decision_id, by="Anna", now=NOW)
    undone = studying.compute(kind=studies.TRAINING, question={})
    assert undone.document is not None
    assert 0 < undone.document["about"]["answers"]["by"]["Anna"] < said["by"]["Anna"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_operator_learns_from_the_database(runner: Any, ids: list[int], tmp_path: Any) -> None:
    operations.decide(left_id=ids[0], right_id=ids[1], same=True, by="Anna", now=NOW)
    out = tmp_path / "model.json"
    result = runner.invoke(args=["identity", "train", "--from-database", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "pairs people answered" in result.output
    learned = next(each for each in model_versions.versions() if each.trained_on.get("answers"))
    assert not learned.in_force
    assert list(learned.trained_on["answers"]["by"]) == ["Anna"]
    assert '"Anna"' in out.read_text()
