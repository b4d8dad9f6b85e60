"""The rail: whatever it offers opens, nothing it hides is needed, and every page stands under one of its entries."""

from __future__ import annotations

from typing import Any

import pytest

from crm360.accounts.permissions import ROLES, allows
from crm360.web import PAGES
from crm360.web.navigation import GROUPS

ENTRIES = [entry for group in GROUPS for entry in group.entries]
#: Modules whose pages are opened from elsewhere: before anybody is signed in, or parts of every page.
ELSEWHERE = {"sign_in", "outside_sign_in", "preferences", "security", "notes"}


def test_every_page_belongs_to_one_entry() -> None:
    modules = [module for entry in ENTRIES for module in entry.modules]
    assert len(modules) == len(set(modules))
    assert {page.__name__.rpartition(".")[2] for page in PAGES} - ELSEWHERE == set(modules)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ROLES)
def test_whatever_is_offered_opens_and_says_where_one_is(visit_as: Any, app: Any, role: str) -> None:
    client = visit_as(role)
    home = client.get("/").get_data(as_text=True)
    with app.test_request_context():
        addresses = {entry.endpoint: app.url_for(entry.endpoint) for entry in ENTRIES}
    for entry in ENTRIES:
        address = addresses[entry.endpoint]
        assert (f'href="{address}"' in home) == allows(role, entry.permission)
        if allows(role, entry.permission):
            assert f'href="{address}" aria-current="page"' in client.get(address).get_data(as_text=True)
