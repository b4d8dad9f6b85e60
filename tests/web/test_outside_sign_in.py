"""Signing in with a real provider on this machine: off to it, back again, and everything that must not let anybody in."""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm360.accounts import audit, operations, outside, queries, second_factor
from crm360.kernel import clock, http
from crm360.web import outside_sign_in
from crm360.web.provider import Provider
from tests import cast

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import oidc_provider_mock

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
DANA = {"email": "dana@shop.example", "email_verified": True, "name": "Dana Z", "groups": ["crm-admins"]}
RETURN = "/sign-in/provider/return"


class There(NamedTuple):
    """The provider's address, and how people there are described."""

    url: str

    def describe(self, subject: str, **claims: Any) -> None:
        httpx2.put(f"{self.url}/users/{subject}", json=claims).raise_for_status()

    def sent_back(self, address: str, subject: str, **form: str) -> str:
        """Somebody answers the provider's page; the path they are sent back to here."""
        answer = httpx2.post(address, data={"sub": subject, **form})
        found = urlsplit(answer.headers["location"])
        return f"{found.path}?{found.query}"


@pytest.fixture(scope="module")
def provider() -> Iterator[There]:
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield There(f"http://localhost:{server.server_port}")


@pytest.fixture
def set_up(app: Flask, provider: There, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`set_up(oidc_link=True)`: the application with the provider and these settings."""

    def settle(**other: Any) -> None:
        given = {
            "oidc_issuer": provider.url,
            "oidc_client_id": "crm",
            "oidc_client_secret": "x",
            "oidc_name": "Example ID",
            "public_url": "https://crm.example",
        }
        ours = replace(app.config["SETTINGS"], **(given | other))
        monkeypatch.setitem(app.config, "SETTINGS", ours)
        monkeypatch.setitem(
            app.extensions, outside_sign_in.PROVIDER, Provider(ours, http.Client(private_targets=ours.private_targets))
        )

    return settle


def set_out(client: FlaskClient, to: str = "") -> str:
    answer = client.get("/sign-in/provider", query_string={"next": to} if to else {})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def through(client: FlaskClient, provider: There, subject: str = "dana", to: str = "") -> TestResponse:
    """Off to the provider and back."""
    return client.get(provider.sent_back(set_out(client, to), subject))


def acts(*names: str) -> list[tuple[str, dict[str, Any]]]:
    return [(each.action, each.details) for each in reversed(audit.latest_entries()) if each.action in names]


def test_linked_by_address_and_known_from_then_on(
    client: Any, dana: cast.Colleague, provider: There, set_up: Any
) -> None:
    set_up(oidc_link=True)
    provider.describe("dana", **DANA)
    answer = through(client, provider, to="/admin/staff")
    assert (answer.status_code, answer.location) == (303, "/admin/staff")
    assert "by the provider" in client.page("/admin/staff").text
    assert acts("outside_account.linked", "session.started") == [
        ("outside_account.linked", {}),
        ("session.started", {"by": "sign-in provider"}),
    ]
    client.submit("/", action="/sign-out")
    set_up(oidc_link=False)
    assert through(client, provider).location == "/"


def test_the_button_is_there_when_a_provider_is_set(app: Flask, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "/sign-in/provider" not in client.page("/sign-in").html
    assert client.get("/sign-in/provider").status_code == 404
    monkeypatch.setitem(
        app.template_context_processors,
        None,
        [*app.template_context_processors[None], lambda: {"provider_name": "Example ID"}],
    )
    page = client.page("/sign-in?next=/customers")
    assert "Sign in with Example ID" in page.text
    assert "/sign-in/provider?next=/customers" in page.html


def test_somebody_new_gets_the_role_of_their_group(client: Any, provider: There, set_up: Any) -> None:
    set_up(oidc_create=True, oidc_roles=(("crm-admins", "admin"),))
    provider.describe("dana", **DANA)
    assert through(client, provider).status_code == 303
    made = queries.find_staff_by_email("dana@shop.example")
    assert made is not None
    assert (made.role, made.name) == ("admin", "Dana Z")
    assert [name for name, _ in acts("staff.created", "outside_account.linked")] == [
        "staff.created",
        "outside_account.linked",
    ]


@pytest.mark.parametrize(
    ("claims", "settings", "words", "reason"),
    [
        ({}, {}, "is not connected with the provider", "not_linked"),
        ({"email_verified": False}, {"oidc_link": True}, "does not confirm your e-mail", "unverified"),
        ({"email": "x@shop.example"}, {"oidc_link": True}, "Nobody here has this account", "unknown"),
        ({"groups": []}, {"oidc_link": True, "oidc_roles": (("a", "sales"),)}, "gives you no role", "no_role"),
    ],
)
def test_who_is_not_let_in_reads_why(
    client: Any,
    dana: cast.Colleague,
    provider: There,
    set_up: Any,
    claims: dict[str, Any],
    settings: dict[str, Any],
    words: str,
    reason: str,
) -> None:
    set_up(**settings)
    provider.describe("dana", **DANA | claims)
    answer = through(client, provider)
    assert answer.status_code == 403
    assert words in answer.get_data(as_text=True)
    assert client.get("/").status_code == 303, "still outside"
    assert acts("session.refused") == [("session.refused", {"reason": reason})]


def test_whoever_was_shut_out_stays_out(client: Any, dana: cast.Colleague, provider: There, set_up: Any) -> None:
    set_up(oidc_link=True)
    provider.describe("dana", **DANA)
    operations.disable(staff_id=dana.id, now=clock.now())
    assert "can no longer sign in" in through(client, provider).get_data(as_text=True)


def test_our_second_step_is_asked_unless_the_provider_asked(
    app: Flask, client: Any, dana: cast.Colleague, provider: There, set_up: Any
) -> None:
    set_up(oidc_link=True)
    key, now = app.config["SETTINGS"].secret_key, clock.now()
    second_factor.begin(staff_id=dana.id, key=key, now=now)
    secret = second_factor.unconfirmed(dana.id, key=key)
    assert secret is not None
    second_factor.confirm(staff_id=dana.id, code=pyotp.TOTP(secret).at(now), key=key, now=now)
    provider.describe("dana", **DANA, amr=["pwd"])
    assert through(client, provider, to="/customers").location == "/sign-in/code?next=/customers"
    assert client.get("/").status_code == 303
    provider.describe("dana", **DANA, amr=["pwd", "otp"])
    assert through(client, provider, to="/customers").location == "/customers"


@pytest.mark.parametrize("change", ["state", "no state", "no code", "error", "issuer", "code"])
def test_what_comes_back_otherwise_lets_nobody_in(
    client: Any, dana: cast.Colleague, provider: There, set_up: Any, change: str
) -> None:
    set_up(oidc_link=True)
    provider.describe("dana", **DANA)
    path, _, query = provider.sent_back(set_out(client), "dana").partition("?")
    given = {name: values[0] for name, values in parse_qs(query).items()}
    changed = {
        "state": given | {"state": "x" * 43}, "no state": {"code": given["code"]}, "no code": {"state": given["state"]},
        "error": {"state": given["state"], "error": "access_denied"}, "issuer": given | {"iss": "https://other.example"},
        "code": given | {"code": "guessed"},
    }[change]  # fmt: skip
    answer = client.get(f"{path}?{urlencode(changed)}")
    assert answer.status_code == 403
    assert client.get("/").status_code == 303
    assert client.get(f"{path}?{query}").status_code == 403, "what this browser set out with is used up"


def test_another_browser_cannot_finish_it(
    app: Flask, client: Any, dana: cast.Colleague, provider: There, set_up: Any
) -> None:
    set_up(oidc_link=True)
    provider.describe("dana", **DANA)
    back = provider.sent_back(set_out(client), "dana")
    assert app.test_client().get(back).status_code == 403
    assert client.get(back).status_code == 303


def test_one_who_took_too_long_begins_anew(
    client: Any, dana: cast.Colleague, provider: There, set_up: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(oidc_link=True)
    provider.describe("dana", **DANA)
    back = provider.sent_back(set_out(client), "dana")
    monkeypatch.setattr(outside_sign_in, "SECONDS", -1)
    assert "took too long" in client.get(back).get_data(as_text=True)


def test_after_it_nobody_is_led_to_another_site(
    client: Any, dana: cast.Colleague, provider: There, set_up: Any
) -> None:
    set_up(oidc_link=True)
    provider.describe("dana", **DANA)
    assert through(client, provider, to="https://evil.example/").location == "/"


def test_attempts_are_counted(client: Any, provider: There, set_up: Any) -> None:
    set_up()
    statuses = {client.get(RETURN).status_code for _ in range(11)}
    assert statuses == {403, 429}


def test_a_provider_that_does_not_answer_is_said_so(client: Any, set_up: Any) -> None:
    set_up(oidc_issuer="http://127.0.0.1:9")
    answer = client.get("/sign-in/provider")
    assert answer.status_code == 503
    assert "cannot be reached" in answer.get_data(as_text=True)
    assert re.search(r'name="password"', answer.get_data(as_text=True)), "the password still works"


def test_who_has_no_password_here_confirms_at_the_provider(
    client: Any, dana: cast.Colleague, provider: There, set_up: Any
) -> None:
    set_up(oidc_link=True)
    provider.describe("dana", **DANA)
    through(client, provider)
    address = set_out(client, "/account/security")
    assert "prompt=login" in address
    provider.describe("dana", **DANA, auth_time=int(time.time()) - 3600)
    assert client.get(provider.sent_back(address, "dana")).status_code == 403, "the provider did not ask again"
    provider.describe("eve", **DANA | {"email": "eve@shop.example"}, auth_time=int(time.time()))
    assert client.get(provider.sent_back(set_out(client), "eve")).status_code == 403, "somebody else"
    assert "Present password" in client.page("/account/security").text
    provider.describe("dana", **DANA, auth_time=int(time.time()))
    back = client.get(provider.sent_back(set_out(client, "/account/security"), "dana"))
    assert back.location == "/account/security"
    page = client.page("/account/security")
    assert "Present password" not in page.text
    changed = client.submit(
        "/account/security", action="/account/security/password", new_password="another long password"
    )
    assert changed.status_code == 303
    assert queries.authenticate(dana.email, "another long password") is not None


def test_an_administrator_disconnects_a_colleague(
    client: Any, dana: cast.Colleague, alice: cast.Colleague, sign_in: Any, session: Any
) -> None:
    session.add(
        outside.OutsideAccount(issuer="https://id.example", subject="7", staff_id=alice.id, linked_at=clock.now())
    )
    sign_in(client, dana)
    client.submit("/admin/staff", action="outside-account-removal")
    assert outside.those_with() == set()
    assert acts("outside_account.removed") == [("outside_account.removed", {})]
