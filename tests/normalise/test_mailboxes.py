"""Role and placeholder mailboxes are told from people's."""

import pytest

from crm360.normalise.email import email
from crm360.normalise.mailboxes import PUBLIC_PROVIDERS, is_placeholder, is_role


@pytest.mark.parametrize(
    "address", ["info@a.pl", "biuro@firma.pl", "kontakt.krakow@firma.pl", "no-reply@x.com", "sklep1@x.pl"]
)
def test_roles(address: str) -> None:
    assert is_role(address)


@pytest.mark.parametrize("address", ["anna@firma.pl", "inforamka@wp.pl", "adminski.jan@wp.pl", "biurowiecka@wp.pl"])
def test_people_are_no_roles(address: str) -> None:
    assert not is_role(address)


@pytest.mark.parametrize(
    "address",
    [
        "brak@brak.pl",
        "test@test.pl",
        "test123@firma.test",
        "none@none.com",
        "nobody@wp.pl",
        "noemail@shop.pl",
        "no-email.77@shop.pl",
        "a@a.pl",
        "xxx@xxx.pl",
        "x@x.com",
        "aaa@wp.pl",
        "brak.maila@wp.pl",
        "niepodano@sklep.pl",
        "jan@brak.pl",
        "test@example.com",
        "111@wp.pl",
    ],
)
def test_placeholders(address: str) -> None:
    assert email(address) == address
    assert is_placeholder(address)


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.com",
        "jan@test.pl",
        "testa.rossa@wp.pl",
        "braknowska@wp.pl",
        "j@kowalski.pl",
        "nina@wp.pl",
        "ola@o2.pl",
    ],
)
def test_people_are_no_placeholders(address: str) -> None:
    assert not is_placeholder(address)


def test_public_providers_are_domains_in_comparison_form() -> None:
    for domain in PUBLIC_PROVIDERS:
        assert email(f"anna.k@{domain}") in (f"anna.k@{domain}", "annak@gmail.com")
    assert {"gmail.com", "wp.pl", "poczta.onet.pl", "yahoo.co.uk", "t-online.de"} <= PUBLIC_PROVIDERS
