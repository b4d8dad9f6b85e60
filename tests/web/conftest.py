"""The staff's door furnished with a small shop, and visitors of each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm360.accounts import operations as accounts
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel.db import db
from tests import applications, cast
from tests.identity.plain_model import in_force as plain_model_in_force
from tests.web import scene

PASSWORD = "correct horse battery staple"
NAMES = {"sales": "Marta Zając", "marketing": "Ola Nowak", "privacy": "Jan Maj", "admin": "Ewa Sowa"}


@pytest.fixture(autouse=True)
def model(plain_model: None) -> None:
    """Pages are tested with weights that do not move."""


@pytest.fixture(scope="session")
def furnished_app(database: str, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Flask]:
    """An application beside that of `migrated_app` with the scene in its database: told once, not before every test."""
    folder = tmp_path_factory.mktemp(f"furnished-{database}")
    with applications.migrated(database, folder, f"{worker_id}_scene") as app:
        with app.app_context(), plain_model_in_force():
            scene.furnish(datetime.now(UTC))
            db.session.commit()
            db.session.remove()
        yield app


@pytest.fixture
def app(request: pytest.FixtureRequest, database: str) -> Iterator[Flask]:
    """The application with the scene for tests that ask for its people, else with an empty database."""
    peopled = {"shop", "anna"} & set(request.fixturenames)
    kept: Flask = request.getfixturevalue("furnished_app" if peopled else "migrated_app")
    with applications.undone(kept):
        yield kept


@pytest.fixture
def shop(app: Any) -> dict[str, int]:
    """A sales rep and the customers of the scene. Name → profile id."""
    hire("sales")
    found = {contact.external_id: contact.profile_id for contact in db.session.query(Contact)}
    db.session.commit()
    return {"anna": found["8812"], "anna_again": found["2900001778199"], "piotr": found["9000"]}


def hire(role: str) -> None:
    """A colleague with this role."""
    now = datetime.now(UTC)
    accounts.create_staff(email=f"{role}@example.com", role=role, password=PASSWORD, name=NAMES[role], now=now)


@pytest.fixture
def visit_as(client: Any, shop: dict[str, int]) -> Callable[[str], Any]:
    """`visit_as("sales")` signs the client in and returns it."""

    def sign_in(role: str) -> Any:
        if role != "sales":
            hire(role)
        answer = client.submit("/sign-in", action="/sign-in", email=f"{role}@example.com", password=PASSWORD)
        assert answer.status_code == 303, answer.get_data(as_text=True)[:500]
        return client

    return sign_in


@pytest.fixture
def moment() -> datetime:
    """Pages read the real clock."""
    return datetime.now(UTC)


@pytest.fixture
def anna(session: Any) -> int:
    """The number of a customer one can believe in."""
    query = select(Contact.profile_id).join(ContactIdentifier, ContactIdentifier.contact_id == Contact.id)
    return int(session.scalar(query.where(ContactIdentifier.normal == "anna.kowalska@example.com").limit(1)))


@pytest.fixture
def officer(client: Any, charlie: cast.Colleague, sign_in: Callable[..., Any]) -> Any:
    """The privacy officer, signed in."""
    sign_in(client, charlie)
    return client
