"""What makes a household and an account, as pure functions of who is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm360.identity import grouping
from crm360.identity.grouping import Home, Resident, accounts, bond, home_of, households, keys, resident, same_household

HOME = {"street": "dluga", "house": "14/3", "postcode": "31147", "city": "krakow"}
NIP, OTHER_NIP = "tax:PL5260250274", "tax:PL7740001454"


@pytest.mark.parametrize(
    ("left", "right", "because"),
    [
        (HOME | {"family": "kowalski"}, HOME | {"family": "kowalski"}, ("family",)),
        (HOME | {"family": "kowalski"}, HOME | {"family": "nowak kowalski"}, ("family",)),
        (HOME | {"family": "kowalski"}, HOME | {"family": "nowak"}, ()),
        (HOME | {"family": "kowalski"}, HOME | {"family": "kowalski", "house": "14/4"}, ()),
        (HOME | {"family": "kowalski"}, {"family": "kowalski"}, ()),
        (HOME | {"family": "kowalski", "postcode": ""}, HOME | {"family": "kowalski"}, ("family",)),
        (HOME | {"family": "kowalski", "city": ""}, HOME | {"family": "kowalski", "postcode": ""}, ()),
        (HOME | {"phone": ["+48121112233"]}, HOME | {"family": "nowak", "phone": ["+48121112233"]}, ("phone",)),
        (HOME | {"email": ["dom@wp.pl"]}, HOME | {"email": ["dom@wp.pl", "x@wp.pl"]}, ("email",)),
        (HOME | {"email": ["biuro@wp.pl"]}, HOME | {"email": ["biuro@wp.pl"]}, ()),
        (HOME | {"email": ["a@glina.pl"], "phone": ["+48121112233"]}, HOME | {"email": ["b@glina.pl"], "phone": ["+48121112233"]}, ()),
    ],
)  # fmt: skip
def test_one_household(left: dict[str, object], right: dict[str, object], because: tuple[str, ...]):
    assert same_household(left, right) == because == same_household(right, left)


def test_people_at_an_office_share_its_line_and_are_no_household():
    home = Home(**HOME)
    clerk = resident(home, [HOME | {"family": "nowak", "phone": ["+48121112233"]}], at_work=True)
    other = resident(home, [HOME | {"family": "maj", "phone": ["+48121112233"]}])
    assert bond(clerk, other) == ()


def test_a_door_with_many_families_is_an_office():
    home = Home(**HOME)
    people = {n: Resident(home, frozenset({f"family{n}"}), frozenset({"+48121112233"}), frozenset()) for n in range(8)}
    assert [len(found) for found in households(people)] == [8]
    people[8] = Resident(home, frozenset({"family8"}), frozenset(), frozenset())
    assert households(people) == []


@pytest.mark.parametrize(
    ("known", "members"),
    [
        ({1: {NIP}, 2: {NIP}, 3: {OTHER_NIP}}, [{1, 2}, {3}]),
        ({1: {"domain:glina.pl"}, 2: {"domain:glina.pl"}, 3: {"domain:maj.pl"}}, [{1, 2}]),
        ({1: {NIP, "domain:glina.pl"}, 2: {"domain:glina.pl"}, 3: {NIP}}, [{1, 2, 3}]),
        ({1: {NIP, "domain:glina.pl"}, 2: {OTHER_NIP, "domain:glina.pl"}, 3: {"domain:glina.pl"}}, [{1}, {2}]),
        ({n: {"domain:poczta.example"} for n in range(201)}, []),
        ({}, []),
    ],
)
def test_accounts(known: dict[int, set[str]], members: list[set[int]]):
    assert sorted(map(sorted, (account.members for account in accounts(known)))) == sorted(map(sorted, members))


def test_keys_of_a_contact():
    form = HOME | {"email": ["jan@glina.pl", "jan@gmail.com", "jan@example.com"]}
    found = keys(form, ["PL5260250274", "PL1234567890", "5260250274"])
    assert found == {NIP, "domain:glina.pl", "door:dluga:14/3:31147", "door:dluga:14/3:krakow"}
    assert keys(form | {"anonymous": True}) == frozenset()
    assert keys({"street": "dluga", "house": "1"}) == frozenset()


def test_a_company_is_called_what_most_call_it_in_the_spelling_most_use():
    assert grouping.company_name(["Glina", "GLINA", "Glina", "Pracownia Glina"]) == "Glina"
    assert grouping.company_name(["", " "]) == ""


@pytest.mark.parametrize(
    ("members", "families", "companies", "expected"),
    [
        (2, ["kowalski", "kowalski nowak"], [""], False),
        (2, ["kowalski", "kowalski"], ["", "Kowalscy sp. z o.o."], True),
        (2, ["kowalski", "maj"], [], True),
        (2, [], [], True),
        (10, ["kowalski", "maj"], [], True),
        (11, ["kowalski", "maj"], [], False),
        (11, ["kowalski", "maj"], ["Glina"], True),
    ],
)
def test_a_family_with_a_domain_and_strangers_at_a_provider_are_no_company(
    members: int, families: list[str], companies: list[str], expected: bool
):
    assert grouping.is_company(members, families, companies) is expected


FORMS = st.fixed_dictionaries(
    {"street": st.sampled_from(["dluga", "polna"]), "house": st.sampled_from(["1", "1/2"])},
    optional={
        "postcode": st.sampled_from(["31147", "00950"]),
        "city": st.sampled_from(["krakow", "warszawa"]),
        "family": st.sampled_from(["kowalski", "nowak", "nowak kowalski", "maj"]),
        "phone": st.lists(st.sampled_from(["+48121112233", "+48600700800"]), max_size=2, unique=True),
        "email": st.lists(st.sampled_from(["dom@wp.pl", "a@glina.pl", "b@glina.pl"]), max_size=2, unique=True),
    },
)
KNOWN = st.dictionaries(
    st.integers(1, 8),
    st.frozensets(st.sampled_from([NIP, OTHER_NIP, "domain:glina.pl", "domain:maj.pl", "domain:rada.pl"]), max_size=3),
)


@given(FORMS, FORMS)
def test_living_together_is_mutual(left: dict[str, object], right: dict[str, object]):
    assert same_household(left, right) == same_household(right, left)


@given(st.lists(FORMS, max_size=10), st.randoms())
def test_households_do_not_depend_on_the_order_and_part_the_people(forms: list[dict[str, object]], random):
    people = {n: resident(home, [form]) for n, form in enumerate(forms) if (home := home_of(form))}
    shuffled = list(people.items())
    random.shuffle(shuffled)
    found = households(people)
    assert sorted(map(str, households(dict(shuffled)))) == sorted(map(str, found))
    everybody = [member for household in found for member in household]
    assert len(everybody) == len(set(everybody))
    assert all(because for household in found for because in household.values())


@given(KNOWN, st.randoms())
def test_accounts_do_not_depend_on_the_order(known: dict[int, frozenset[str]], random):
    shuffled = list(known.items())
    random.shuffle(shuffled)
    assert accounts(dict(shuffled)) == accounts(known)
    for account in accounts(known):
        assert account.members
        assert all(because <= account.keys for because in account.members.values())
