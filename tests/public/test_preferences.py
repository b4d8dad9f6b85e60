"""The preference centre, unsubscribing, double opt-in and the request form, as customers and their scanners use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from crm360.consents import asking
from crm360.consents.models import Statement
from crm360.identity.models import Contact, ContactIdentifier
from crm360.kernel import clock
from crm360.outbox.models import Letter
from crm360.privacy.models import Case
from crm360.public.door import shortened

Link = Callable[..., str]


def permitted(session: Any, purpose: str, address: str = "anna@example.com") -> bool:
    session.expire_all()
    contact = session.scalar(select(ContactIdentifier.contact_id).where(ContactIdentifier.normal == address))
    question = asking.Question(contact, "email", address, purpose, "email")
    return asking.ask([question], now=clock.now())[0].permitted


def statements(session: Any) -> list[Statement]:
    session.expire_all()
    return list(session.scalars(select(Statement).order_by(Statement.id)))


def test_the_page_shows_the_address_masked_and_what_stands(client: Any, link: Link) -> None:
    page = client.get(link("preferences")).get_data(as_text=True)
    assert "A•••@Example.com" in page
    assert "anna@" not in page.lower()
    boxes = dict(re.findall(r'value="([a-z]+\.email)"( checked)?', page))
    assert boxes == {"marketing.email": " checked", "newsletter.email": ""}
    polish = client.get(link("preferences") + "?lang=pl").get_data(as_text=True)
    assert "Co możemy Ci wysyłać?" in polish
    assert "Chcę newsletter e-mailem." in polish


def test_what_is_ticked_is_given_with_its_text_and_what_is_not_is_withdrawn(
    client: Any, session: Any, link: Link
) -> None:
    answer = client.post(link("preferences"), data={"wanted": ["newsletter.email"]})
    assert answer.status_code == 200
    assert (permitted(session, "newsletter"), permitted(session, "marketing")) == (True, False)
    _, *said = statements(session)
    kept = {each.purpose: (each.state, each.evidence_grade, each.notice, each.method) for each in said}
    assert kept == {
        "newsletter": ("given", "A", "newsletter@1", "preference centre"),
        "marketing": ("withdrawn", "A", "offers@1", "preference centre"),
    }
    proof = next(each.evidence for each in said if each.purpose == "newsletter")
    assert proof["locale"] == "en"
    assert len(proof["notice_sha256"]) == 64
    assert proof["ip"] == "127.0.0.0/24"


def test_saving_twice_says_nothing_twice(client: Any, session: Any, link: Link) -> None:
    for _ in range(3):
        client.post(link("preferences"), data={"wanted": ["newsletter.email"]})
    assert len(statements(session)) == 3


def test_nothing_at_all_ends_everything(client: Any, session: Any, link: Link) -> None:
    client.post(link("preferences"), data={"wanted": ["newsletter.email", "marketing.email"], "nothing": "1"})
    assert not permitted(session, "marketing")
    assert not permitted(session, "newsletter")


def test_what_has_no_text_cannot_be_given(client: Any, session: Any, link: Link) -> None:
    client.post(link("preferences"), data={"wanted": ["profiling.email", "marketing.email", "surveys.sms"]})
    assert [each.purpose for each in statements(session)] == ["marketing"]


@pytest.mark.parametrize("kind", ["preferences", "unsubscribe", "confirm"])
def test_a_changed_link_opens_nothing(client: Any, link: Link, kind: str) -> None:
    token = link("preferences").rpartition("/")[2]
    for wrong in (token[:-1], token[:-2] + "xx", "x", token if kind != "preferences" else token + "x"):
        answer = client.get(f"/{kind}/{wrong}")
        assert answer.status_code == 404
        assert "incomplete" in answer.get_data(as_text=True)
        assert client.post(f"/{kind}/{wrong}").status_code == 404


def test_a_link_to_an_address_that_is_gone_says_so(client: Any, session: Any, link: Link) -> None:
    address = link("preferences")
    session.execute(ContactIdentifier.__table__.delete())
    session.commit()
    answer = client.get(address)
    assert (answer.status_code, "no longer valid" in answer.get_data(as_text=True)) == (404, True)


def test_scanners_may_look_as_often_as_they_like(client: Any, session: Any, link: Link) -> None:
    for _ in range(50):
        assert client.get(link("unsubscribe")).status_code == 200
        assert client.head(link("unsubscribe")).status_code == 200
    assert permitted(session, "marketing")
    assert len(statements(session)) == 1


@pytest.mark.parametrize("form", [{"List-Unsubscribe": "One-Click"}, {}])
@pytest.mark.parametrize("multipart", [False, True])
def test_one_click_withdraws_without_cookie_redirect_or_token(
    client: Any, session: Any, link: Link, form: dict[str, str], multipart: bool
) -> None:
    kind = "multipart/form-data" if multipart else "application/x-www-form-urlencoded"
    for _ in range(2):
        answer = client.post(link("unsubscribe"), data=form, content_type=kind)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert not permitted(session, "marketing")
    said = statements(session)[-1]
    assert (said.state, said.evidence["about"]) == ("withdrawn", "letter:1")


def test_a_provider_may_unsubscribe_hundreds_at_once(client: Any, link: Link) -> None:
    address = link("unsubscribe")
    assert {client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code for _ in range(60)} == {200}


def test_forms_anybody_may_send_are_limited(client: Any, texts: None) -> None:
    answers = [client.post("/subscribe/newsletter", data={}).status_code for _ in range(40)]
    assert answers[0] == 422
    assert answers[-1] == 429


def subscribe(client: Any, email: str = "Ewa@Example.com", **form: str) -> Any:
    return client.post("/subscribe/newsletter?lang=pl", data={"email": email, "agree": "1"} | form)


def letters(session: Any) -> list[Letter]:
    session.expire_all()
    return list(session.scalars(select(Letter).order_by(Letter.id)))


def confirmation(letter: Letter) -> str:
    found = re.search(r"/confirm/\S+", letter.text)
    assert found is not None
    return found[0]


def test_double_opt_in_permits_only_after_the_holder_said_yes(client: Any, session: Any, texts: None) -> None:
    assert "Wysłaliśmy wiadomość" in subscribe(client).get_data(as_text=True)
    (letter,) = letters(session)
    assert (letter.to_address, letter.purpose, letter.subject) == ("Ewa@Example.com", "service", "Potwierdź swój adres")
    assert not permitted(session, "newsletter", "ewa@example.com")
    address = confirmation(letter)
    for _ in range(50):
        assert client.get(address).status_code == 200
    assert not permitted(session, "newsletter", "ewa@example.com")
    for _ in range(2):
        assert client.post(address).status_code == 200
    assert permitted(session, "newsletter", "ewa@example.com")
    pending, given = statements(session)
    assert (pending.state, pending.evidence_grade, given.state, given.evidence_grade) == (
        "pending_confirmation", "D", "given", "A",
    )  # fmt: skip
    assert given.evidence.keys() >= {"requested_at", "confirmed_at", "message_id", "body_sha256", "notice_sha256", "ip"}
    assert given.evidence["message_id"] == letter.message_id
    assert given.notice == "newsletter@1"


def test_typing_an_address_again_and_again_sends_one_message(client: Any, session: Any, texts: None) -> None:
    for _ in range(3):
        subscribe(client)
    assert len(letters(session)) == 1


def test_nobody_learns_who_is_a_customer(client: Any, session: Any, anna: int) -> None:
    known, unknown = subscribe(client, "anna@example.com"), subscribe(client, "nobody@example.com")
    assert known.get_data() == unknown.get_data()
    assert sorted(known.headers.keys()) == sorted(unknown.headers.keys())


def test_an_old_confirmation_asks_to_begin_again(client: Any, session: Any, texts: None, monkeypatch: Any) -> None:
    subscribe(client)
    address = confirmation(letters(session)[0])
    monkeypatch.setattr("crm360.flows.subscribing.VALID", clock.now() - clock.now())
    answer = client.post(address)
    assert (answer.status_code, "wygasł" in answer.get_data(as_text=True)) == (404, True)
    assert not permitted(session, "newsletter", "ewa@example.com")


@pytest.mark.parametrize("form", [{"email": "no address"}, {"agree": ""}, {"website": "http://spam"}])
def test_what_is_not_meant_sends_nothing(client: Any, session: Any, texts: None, form: dict[str, str]) -> None:
    data = {"email": "ewa@example.com", "agree": "1"} | form
    client.post("/subscribe/newsletter", data={name: value for name, value in data.items() if value})
    assert letters(session) == []
    assert session.scalar(select(Contact.id)) is None


def test_a_form_nobody_wrote_is_not_there(client: Any, session: Any) -> None:
    assert client.get("/subscribe/anything").status_code == 404


@pytest.mark.parametrize("email", ["anna@example.com", "nobody@example.com"])
def test_a_request_opens_a_case_and_says_the_same_to_everybody(
    client: Any, session: Any, anna: int, email: str
) -> None:
    answer = client.post("/privacy-request", data={"right": "erasure", "email": email, "message": "Proszę"})
    assert answer.status_code == 200
    case = session.scalars(select(Case)).one()
    assert (case.right, case.status, case.received_via) == ("erasure", "open", "form")
    assert case.external_id[:8] in answer.get_data(as_text=True)
    assert (case.contact_id is not None) == (email == "anna@example.com")
    assert case.details["message"] == "Proszę"
    assert permitted(session, "marketing"), "asking changes nothing yet"


@pytest.mark.parametrize("form", [{"right": "everything", "email": "a@b.pl"}, {"right": "access", "email": "x"}, {}])
def test_a_request_that_cannot_be_answered_is_refused(client: Any, session: Any, form: dict[str, str]) -> None:
    assert client.post("/privacy-request", data=form).status_code == 422
    assert session.scalar(select(Case.id)) is None


@pytest.mark.parametrize(
    ("address", "kept"),
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("", ""), ("unix", "")],
)
def test_networks_are_kept_without_the_household(address: str, kept: str) -> None:
    assert shortened(address) == kept


def test_pages_are_kept_out_of_caches_and_searches(client: Any, link: Link) -> None:
    answer = client.get(link("preferences"))
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_withdrawal_reaches_the_timeline_and_the_contact_is_not_doubled(
    client: Any, session: Any, link: Link
) -> None:
    before = session.scalars(select(Contact.id)).all()
    client.post(link("preferences"), data={"nothing": "1"})
    session.expire_all()
    assert session.scalars(select(Contact.id)).all() == before
    assert session.execute(update(Contact).values(anonymous=False)).rowcount == len(before)
