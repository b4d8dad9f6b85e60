"""The model page: what is in force, what another would change, learning beside the day's work, and putting in force."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm360.accounts.models import AuditEntry
from crm360.flows import studying
from crm360.identity import model_versions, studies
from crm360.identity.models import Contact, Study
from crm360.jobs import study_models
from crm360.kernel import clock
from crm360.kernel.db import db
from tests.web import scene

PAGE = "/duplicates/model"


@pytest.fixture
def desk(visit_as, shop):
    scene.look_alikes(datetime.now(UTC), 30)
    db.session.commit()
    return visit_as("admin")


def work() -> None:
    """What the worker does with the questions that wait."""
    while studies.anything_waiting(now=clock.now()):
        assert study_models.run(limits=None, now=clock.now()) == 1  # type: ignore[arg-type]
        db.session.commit()
    db.session.expire_all()


def last() -> Study:
    return studies.latest(limit=1)[0]


def living() -> int:
    return db.session.query(Contact.profile_id).distinct().count()


def test_the_page_tells_weights_lines_and_how_right_they_are_expected_to_be(desk):
    page = desk.page(PAGE)
    for told in (
        "In force",
        "Expected precision of joining",
        "Each bit doubles the odds",
        "People answered so far",
        "the same door",
    ):
        assert told in page.text
    assert "Weights of E-mail in bits, table below" in page.html


def test_a_what_if_is_computed_by_the_worker_and_changes_nothing(desk):
    before = living()
    answer = desk.submit(PAGE, form_id="ask-what-if", join="-5", review="-8")
    assert answer.status_code == 303
    assert "Being computed" in desk.page(PAGE).text
    assert studies.anything_waiting(now=clock.now())
    work()
    told = last().answer
    assert told["joined"] >= 30
    assert (told["parted"], living()) == (0, before)
    page = desk.page(PAGE)
    assert "pairs of records would join" in page.text
    assert "Being computed" not in page.text
    assert "Wiśniewski" in page.text  # an example with names


@pytest.mark.parametrize("given", [{"join": "1", "review": "5"}, {"join": "much"}, {"join": "1e9"}, {"review": "nan"}])
def test_thresholds_that_make_no_sense_are_refused_in_place(desk, given):
    assert desk.submit(PAGE, form_id="ask-what-if", **given).status_code == 422
    assert not studies.anything_waiting(now=clock.now())


def test_the_same_question_is_asked_once(desk):
    for status in (303, 409):
        assert desk.submit(PAGE, form_id="train").status_code == status


def test_a_model_is_learned_looked_at_and_chosen(desk):
    assert desk.submit(PAGE, form_id="train").status_code == 303
    work()
    model = last().answer["model_id"]
    version = model_versions.get(model)
    assert version.created_by == "Ewa Sowa"
    assert version.trained_on["data"] == "the customers of this installation"
    assert version.name in desk.page(PAGE).text
    page = desk.page(f"{PAGE}/{model}")
    assert "Put it in force?" in page.text
    form = page.form(action="/activations")
    assert desk.post(form.action, data=form.values | {"reason": "learned here"}).status_code == 303
    assert model_versions.waiting() == model
    assert "waits" in desk.page(PAGE).text
    acts = {entry.action for entry in db.session.query(AuditEntry)}
    assert {"model.training asked", "model.chosen"} <= acts


def test_too_few_customers_teach_nothing_and_the_page_says_so(visit_as, shop):
    client = visit_as("admin")
    client.submit(PAGE, form_id="train")
    work()
    assert last().failure
    assert f"learning needs at least {studying.LEAST_RECORDS}" in client.page(PAGE).text


def test_a_study_cut_off_with_its_worker_is_begun_again(desk):
    now = clock.now()
    studies.ask(kind=studies.TRAINING, by="Dana", now=now)
    assert studies.claim(now=now)
    assert not studies.anything_waiting(now=now)
    assert studies.anything_waiting(now=now + studies.CUT_OFF * 2)


@pytest.mark.parametrize("path", ["what-ifs", "trainings", "activations"])
def test_sales_reads_and_chooses_nothing(visit_as, shop, path):
    client = visit_as("sales")
    token = client.page("/duplicates").forms[-1].values["csrf_token"]
    assert not [form for form in client.page(PAGE).forms if form.action.startswith(PAGE)]
    assert client.post(f"{PAGE}/{path}", data={"csrf_token": token}).status_code == 403


def test_marketing_sees_no_model(visit_as, shop):
    assert visit_as("marketing").get(PAGE).status_code == 403
