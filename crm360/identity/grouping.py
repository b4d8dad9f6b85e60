"""What makes customers a group: one company (tax id, e-mail domain), or one household (door, and family or line). Pure.

A group is shown beside its members and never merged into them. Everything here depends on the members alone, not on
their order nor on whose page asks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from crm360.identity.compared import weak_by_nature
from crm360.normalise import identifiers, mailboxes, name, text

#: More customers than this at one domain: a provider that no list names.
DOMAIN_LIMIT = 200
#: More than this at a domain of which nobody ever named the company: strangers of a small provider.
UNNAMED_LIMIT = 10
#: More families than this at one door: an office, a school, a parcel point.
MOST_FAMILIES = 8
#: Domains in which nobody works: relays of market places and mail programs, names reserved for documentation, and the
#: mailboxes of the demo shop's private customers.
_NOBODYS = frozenset(
    [
        "allegromail.pl",
        "user.allegrogroup.pl",
        "allegro.pl",
        "members.ebay.com",
        "privaterelay.appleid.com",
        "duck.com",
        "mozmail.com",
        "marketplace.amazon.pl",
        "marketplace.amazon.de",
        "marketplace.amazon.com",
        "marketplace.amazon.co.uk",
        "olx.pl",
        "example.com",
        "example.net",
        "example.org",
        "localhost",
        *(
            f"{name}.example"
            for name in ["skrzynka", "poczta", "inbox", "listonosz", "mail", "letters", "postbox", "postfach", "brief"]
        ),
    ]
)


class Home(NamedTuple):
    """An address in compared form; `postcode` or `city` may be empty."""

    street: str
    house: str
    postcode: str
    city: str


class Resident(NamedTuple):
    """Who lives at a door: family names, e-mails and phones in compared form, and the companies behind the mailboxes.

    `at_work`: the address came with a tax id or a company, so it may be an office.
    """

    home: Home
    families: frozenset[str]
    lines: frozenset[str]
    domains: frozenset[str]
    at_work: bool = False


class Account(NamedTuple):
    """A company: `keys` that stand for it, and of each member the keys that put them there."""

    keys: frozenset[str]
    members: dict[int, frozenset[str]]


def keys(form: Mapping[str, Any], tax_ids: Iterable[str] = ()) -> frozenset[str]:
    """Everything by which a contact can be in a group, from its compared form and its tax ids in normal form."""
    if form.get("anonymous"):
        return frozenset()
    home = home_of(form)
    doors = door_keys(home) if home else ()
    return frozenset((*map(tax_key, filter(is_tax_id, tax_ids)), *domain_keys(form), *doors))


def tax_key(tax_id: str) -> str:
    return f"tax:{tax_id}"


def is_tax_id(normal: str) -> bool:
    """Whether a tax id in normal form (`PL5260250274`) is one a tax office gave: check digits right, no run of ones."""
    try:
        return bool(vat.validate(normal) == normal) and not identifiers.is_placeholder("tax_id", normal)
    except ValidationError:
        return False


def domain_keys(form: Mapping[str, Any]) -> frozenset[str]:
    """The companies behind a contact's mailboxes."""
    domains = (mailboxes.split(email)[1] for email in form.get("email", ()))
    return frozenset(f"domain:{domain}" for domain in domains if is_company_domain(domain))


def is_company_domain(domain: str) -> bool:
    return bool(domain) and domain not in mailboxes.PUBLIC_PROVIDERS and domain not in _NOBODYS


def home_of(form: Mapping[str, Any]) -> Home | None:
    """The door of a compared form, when it names one: street, number, and postcode or town."""
    home = Home(*(form.get(part, "") for part in Home._fields))
    return home if home.street and home.house and (home.postcode or home.city) else None


def door_keys(home: Home) -> tuple[str, ...]:
    """One key by postcode and one by town, as either may be missing or wrong."""
    return tuple(f"door:{home.street}:{home.house}:{area}" for area in (home.postcode, home.city) if area)


def same_door(left: Home, right: Home) -> bool:
    same_area = (left.postcode and left.postcode == right.postcode) or (left.city and left.city == right.city)
    return (left.street, left.house) == (right.street, right.house) and bool(same_area)


def resident(
    home: Home,
    forms: Iterable[Mapping[str, Any]],
    *,
    at_work: bool = False,
    own: Container[str] = frozenset(),
) -> Resident:
    """Somebody of whom several compared forms are known, and who lives at `home`.

    `own`: mailboxes of functions (biuro@) that staff call one person's own after all.
    """
    known = list(forms)
    emails = {email for email in mailboxes_of(known) if email in own or not weak_by_nature("email", email)}
    phones = {phone for form in known for phone in form.get("phone", ())}
    families = frozenset(form["family"] for form in known if form.get("family"))
    domains = frozenset(domain for form in known for domain in domain_keys(form))
    return Resident(home, families, frozenset(emails | phones), domains, at_work)


def mailboxes_of(forms: Iterable[Mapping[str, Any]]) -> set[str]:
    """Every e-mail address of several compared forms."""
    return {email for form in forms for email in form.get("email", ())}


def same_household(left: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[str, ...]:
    """Why two compared forms are of one household, beside the door: "family", "email", "phone"; () when they are not."""
    mine, theirs = home_of(left), home_of(right)
    return bond(resident(mine, [left]), resident(theirs, [right])) if mine and theirs else ()


def bond(left: Resident, right: Resident) -> tuple[str, ...]:
    """The same of two residents. Colleagues share a door and a line too: of them only a family name counts."""
    if not same_door(left.home, right.home):
        return ()
    found = []
    if _parts(left.families) & _parts(right.families):
        found.append("family")
    colleagues = left.at_work or right.at_work or left.domains & right.domains
    if not colleagues:
        shared = left.lines & right.lines
        found += sorted({"email" if "@" in line else "phone" for line in shared})
    return tuple(found)


def households(residents: Mapping[int, Resident]) -> list[dict[int, tuple[str, ...]]]:
    """Who lives together: each household's members with what binds them to some other member; no offices."""
    return [
        _bound(together)
        for door in _components(residents, lambda left, right: same_door(left.home, right.home))
        if len({min(each.families) for each in door.values() if each.families}) <= MOST_FAMILIES
        for together in _components(door, lambda left, right: bool(bond(left, right)))
        if len(together) > 1
    ]


def accounts(known: Mapping[int, Iterable[str]]) -> list[Account]:
    """Companies among profiles, each given with its tax and domain keys.

    A tax id makes an account of its own. A domain whose customers gave one tax id belongs to that account; one where
    nobody gave any is an account when at least two customers have it; one with several is a landlord's or a provider's,
    and says nothing.
    """
    carriers: defaultdict[str, set[int]] = defaultdict(set)
    for member, held in known.items():
        for key in held:
            carriers[key].add(member)
    of_account = {key: {key} for key in carriers if key.startswith("tax:")}
    for domain, at_domain in carriers.items():
        if not domain.startswith("domain:") or len(at_domain) > DOMAIN_LIMIT:
            continue
        owners = {key for member in at_domain for key in known[member] if key.startswith("tax:")}
        if len(owners) == 1:
            of_account[next(iter(owners))].add(domain)
        elif not owners and len(at_domain) > 1:
            of_account[domain] = {domain}
    found = [_account(frozenset(standing), known) for standing in of_account.values()]
    return sorted(found, key=lambda account: (-len(account.members), sorted(account.keys)))


def is_company(members: int, families: Sequence[str], companies: Iterable[str]) -> bool:
    """Whether people at one domain work together, rather than being a family with a domain of its own, or strangers.

    `families` and `companies` as their records name them.
    """
    shared = set.intersection(*(set(name.family_parts(family)) for family in families)) if families else set()
    return any(companies) or (not shared and members <= UNNAMED_LIMIT)


def company_name(written: Iterable[str]) -> str:
    """What most call the company, in the spelling most use; "" when nobody says."""
    spellings = Counter(" ".join(value.split()) for value in written if value.strip())
    votes: Counter[str] = Counter()
    for spelling, count in spellings.items():
        votes[text.fold(spelling)] += count
    return max(spellings, key=lambda each: (votes[text.fold(each)], text.fold(each), spellings[each], each), default="")


def _account(standing: frozenset[str], known: Mapping[int, Iterable[str]]) -> Account:
    held = {member: standing & frozenset(theirs) for member, theirs in known.items()}
    return Account(standing, {member: because for member, because in sorted(held.items()) if because})


def _parts(families: Iterable[str]) -> set[str]:
    return {part for family in families for part in name.family_parts(family)}


def _bound(together: Mapping[int, Resident]) -> dict[int, tuple[str, ...]]:
    bonds: defaultdict[int, set[str]] = defaultdict(set)
    for (left, mine), (right, theirs) in combinations(sorted(together.items()), 2):
        found = bond(mine, theirs)
        bonds[left].update(found)
        bonds[right].update(found)
    return {member: tuple(sorted(found)) for member, found in sorted(bonds.items())}


def _components(
    residents: Mapping[int, Resident], linked: Callable[[Resident, Resident], bool]
) -> Iterator[dict[int, Resident]]:
    """Residents connected by `linked`, component by component."""
    left = sorted(residents)
    while left:
        reached, waiting = [], [left.pop(0)]
        while waiting:
            at = waiting.pop()
            reached.append(at)
            near = [other for other in left if linked(residents[at], residents[other])]
            left = [other for other in left if other not in near]
            waiting += near
        yield {member: residents[member] for member in sorted(reached)}
