"""Whose figures one may see; and what is told of a question to colleagues, to whom, and what leads to nobody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import inspect

from crm360.accounts import operations, pulses, teams
from crm360.accounts.models import PulseAnswer, PulseVote


def hired(now: datetime, many: int) -> list[int]:
    made = [
        operations.create_staff(
            email=f"w{n}@example.com", name=f"W{n}", role="sales", password="correct horse", now=now
        )
        for n in range(many)
    ]
    return [each.id for each in made]


def test_figures_are_ones_own_and_those_of_whom_one_leads(session: Any, now: datetime):
    lead, one, other = hired(now, 3)
    teams.place(staff_id=one, lead_id=lead, agent_name="Ola K", by="Ewa", now=now)
    assert [each.id for each in teams.visible_to(lead)] == [lead, one]
    assert [each.id for each in teams.visible_to(one)] == [one]
    assert [each.id for each in teams.visible_to(other)] == [other]
    assert teams.agent_names(teams.visible_to(lead)) == {
        "w0": lead,
        "w0@example.com": lead,
        "ola k": one,
        "w1@example.com": one,
    }
    with pytest.raises(teams.BadTeam):
        teams.place(staff_id=lead, lead_id=one, agent_name="", by="Ewa", now=now)
    with pytest.raises(teams.BadTeam):
        teams.place(staff_id=one, lead_id=one, agent_name="", by="Ewa", now=now)
    teams.place(staff_id=one, lead_id=None, agent_name="", by="Ewa", now=now)
    assert [each.id for each in teams.visible_to(lead)] == [lead]


def test_nothing_is_told_of_fewer_than_five_answers(session: Any, now: datetime):
    people = hired(now, 5)
    asked = pulses.ask(question_en="Well?", question_pl="I jak?", by="Ewa", now=now)
    for who in people[:4]:
        pulses.answer(pulse_id=asked.id, staff_id=who, score=8, body="I am the only one in Gdynia")
    with pytest.raises(pulses.AnsweredBefore):
        pulses.answer(pulse_id=asked.id, staff_id=people[0], score=1, body="")
    (told,) = pulses.told(people[0])
    assert (told.answers, told.mean, told.counts, told.words, told.answered) == (4, None, {}, [], True)
    pulses.answer(pulse_id=asked.id, staff_id=people[4], score=3, body="")
    (told,) = pulses.told(people[4])
    assert (told.answers, told.mean, told.counts, len(told.words)) == (5, 7.0, {8: 4, 3: 1}, 4)
    pulses.close(pulse_id=asked.id, now=now)
    with pytest.raises(pulses.BadPulse):
        pulses.answer(pulse_id=asked.id, staff_id=hired_later(now), score=3, body="")


def hired_later(now: datetime) -> int:
    return operations.create_staff(
        email="late@example.com", name="Late", role="sales", password="correct horse", now=now
    ).id


def test_no_column_leads_from_an_answer_to_who_gave_it():
    assert {column.key for column in inspect(PulseAnswer).columns} == {"key", "pulse_id", "score", "body"}
    assert {column.key for column in inspect(PulseVote).columns} == {"pulse_id", "staff_id"}
