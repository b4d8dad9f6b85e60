"""Eight processes receive the same families at once; the partition is the one a single process reaches."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm360.app import create_app
from crm360.identity import rebuilding, whole
from crm360.identity.models import Contact, Profile, Redirect
from crm360.kernel.db import db
from tests.processes import Instance, Process
from tests.stories import families

PROCESSES = 8
SEED = 7


@pytest.fixture
def received(instance: Instance) -> Flask:
    """The installation after eight processes have received everything."""
    command = [sys.executable, "-m", "tests.stories.families", str(PROCESSES), str(SEED)]
    process = Process("families", command, instance).start()
    assert process.popen is not None
    assert process.popen.wait(900) == 0, process.log.read_text()[-3000:]
    return create_app(instance.settings())


def test_the_partition_is_that_of_one_process_without_orphan_or_circle(received: Flask) -> None:
    with received.app_context():
        found = rebuilding.rebuild()
        assert found.in_order, found
        assert stored() == at_once()
        targets: dict[int, int] = dict(db.session.execute(select(Redirect.profile_id, Redirect.target_id)).all())
        used = set(db.session.scalars(select(Contact.profile_id)))
        for profile in db.session.scalars(select(Profile.id)):
            assert profile in used or ends_in(profile, targets) in used
        db.session.rollback()
        db.engine.dispose()


def stored() -> set[frozenset[str]]:
    groups: dict[Any, set[str]] = {}
    for external_id, profile in db.session.execute(select(Contact.external_id, Contact.profile_id)):
        groups.setdefault(profile or external_id, set()).add(external_id)
    return {frozenset(group) for group in groups.values()}


def at_once() -> set[frozenset[str]]:
    """What the pure definition makes of the statements themselves, without any database."""
    base = families.base(SEED)
    names = {contact: external_id for contact, (_, external_id) in base.keys.items()}
    return {frozenset(names[contact] for contact in person) for person in whole.persons(base)}


def ends_in(profile: int, targets: dict[int, int]) -> int:
    steps = 0
    while profile in targets:
        profile, steps = targets[profile], steps + 1
        assert steps <= len(targets), "redirects run in a circle"
    return profile
