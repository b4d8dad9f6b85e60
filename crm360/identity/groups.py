"""Which household and which companies a customer belongs to, with whom and why. Nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, literal, select

from crm360.identity import grouping, ruling
from crm360.identity.compared import weak_by_nature
from crm360.identity.comparing import own_mailboxes
from crm360.identity.grouping import Account, Home, Resident
from crm360.identity.models import Contact, GroupKey
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of

#: A key on more contacts than this is read no further: a provider no list names, a tower block, an office.
SIZE_LIMIT = 1000
_ADDRESS = ("street", "house_number", "city", "postcode")


def _size() -> Any:
    """Counts no further than it must: a domain can be a provider's with half the base behind it."""
    others, keys = table_of(GroupKey).alias("others"), table_of(GroupKey)
    some = select(literal(1)).where(others.c.key == keys.c.key).limit(SIZE_LIMIT + 1).correlate(keys)
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


def _carriers() -> Any:
    """The profiles that have one of the keys given."""
    held = select(Contact.profile_id).join(GroupKey, GroupKey.contact_id == Contact.id)
    return held.where(dialects.Among(GroupKey.key))


#: Built once: a page asks for two to six of them.
_WITH_SIZE = select(GroupKey.key, _size()).join(Contact, Contact.id == GroupKey.contact_id)
_SIZES = _WITH_SIZE.where(Contact.profile_id == bindparam("profile_id"))
_RING = _WITH_SIZE.add_columns(Contact.profile_id).where(
    Contact.profile_id.in_(_carriers()), GroupKey.key.not_like("door:%")
)
_TAXED = select(GroupKey.key).where(GroupKey.contact_id == Contact.id, GroupKey.key.like("tax:%")).exists()
_LIVED = (
    select(Contact.profile_id, Contact.compared, Contact.fields, _TAXED)
    .where(Contact.profile_id.in_(_carriers()), Contact.anonymous.is_(False))
    .order_by(Contact.id)
)
_NAMES = select(Contact.compared, Contact.fields).where(
    dialects.Among(Contact.profile_id), Contact.anonymous.is_(False)
)


class Member(NamedTuple):
    """`evidence`: "family", "email", "phone" in a household; `tax:…`, `domain:…` in an account."""

    profile_id: int
    evidence: tuple[str, ...]


class Group(NamedTuple):
    """`name`: the company or its domain, or the address as written. `members` by profile id, the one asked for too.

    `keys`: the tax id and domains that stand for a company (`tax:PL…`, `domain:…`), or the door of a household.
    """

    kind: str
    name: str
    keys: tuple[str, ...]
    members: tuple[Member, ...]


class _Lived(NamedTuple):
    """A contact as the household rule sees it."""

    profile_id: int
    form: Mapping[str, Any]
    home: Home | None
    since: str
    at_work: bool
    written: str


def household_of(profile_id: int) -> Group | None:
    """The people who live with a customer; None when nobody is known to. At most 4 statements."""
    return _household(profile_id, _sizes(profile_id))


def accounts_of(profile_id: int) -> list[Group]:
    """Companies a customer buys for, the largest first; most customers have none. At most 5 statements."""
    return _accounts(profile_id, _sizes(profile_id))


def account_of(profile_id: int) -> Group | None:
    """The largest of them."""
    return next(iter(accounts_of(profile_id)), None)


def groups_of(profile_id: int) -> tuple[Group | None, list[Group]]:
    """Household and accounts; one statement for a customer who shares no key with anybody."""
    sizes = _sizes(profile_id)
    return _household(profile_id, sizes), _accounts(profile_id, sizes)


def _sizes(profile_id: int) -> dict[str, int]:
    """The customer's keys, and on how many contacts each is (up to the limit)."""
    return dict(db.session.execute(_SIZES, {"profile_id": profile_id}).all())


def _household(profile_id: int, sizes: Mapping[str, int]) -> Group | None:
    doors = {key for key, size in sizes.items() if key.startswith("door:") and 1 < size <= SIZE_LIMIT}
    lived = _lived_at(doors)
    asked: set[str] = set()
    while doors - asked:  # an address without postcode leads on to one without town; nearly always there is none
        asked |= doors
        homes = _homes(lived)
        mine = homes.get(profile_id)
        if mine is None:
            return None
        near = (each.home for each in homes.values() if each.home and grouping.same_door(each.home, _door(mine)))
        doors = {key for home in near for key in grouping.door_keys(home)}
        lived += _lived_at(doors - asked)
    return _together(profile_id, lived)


def _together(profile_id: int, lived: list[_Lived]) -> Group | None:
    homes = _homes(lived)
    forms: defaultdict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for each in lived:
        forms[each.profile_id].append(each.form)
    own = _own_mailboxes(each.form for each in lived)
    residents: dict[int, Resident] = {
        member: grouping.resident(_door(home), forms[member], at_work=home.at_work, own=own)
        for member, home in homes.items()
    }
    for household in grouping.households(residents):
        if profile_id in household:
            keys = grouping.door_keys(residents[profile_id].home)
            members = tuple(Member(member, because) for member, because in household.items())
            return Group("household", homes[profile_id].written, keys, members)
    return None


def _own_mailboxes(forms: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Mailboxes of functions among these that staff call one person's own; nothing is asked where there is none."""
    functions = (email for email in grouping.mailboxes_of(forms) if weak_by_nature("email", email))
    return own_mailboxes(ruling.personal(f"email:{email}" for email in functions))


def _lived_at(doors: set[str]) -> list[_Lived]:
    """All contacts of the profiles that are, or once were, at one of these doors."""
    if not doors:
        return []
    return [_lived(*row) for row in db.session.execute(_LIVED, {"values": doors})]


def _lived(profile_id: int, form: Mapping[str, Any], fields: Mapping[str, Any], taxed: bool) -> _Lived:
    said = {name: fields.get(name, {}).get("value", "") for name in (*_ADDRESS, "company")}
    street = " ".join(filter(None, (said["street"], said["house_number"])))
    place = " ".join(filter(None, (said["postcode"], said["city"])))
    at_work = bool(taxed or said["company"])
    since = fields.get("street", {}).get("at", "")
    written = ", ".join(filter(None, (street, place)))
    return _Lived(profile_id, form, grouping.home_of(form), since, at_work, written)


def _homes(lived: Iterable[_Lived]) -> dict[int, _Lived]:
    """Where each profile lives: the address said last."""
    homes: dict[int, _Lived] = {}
    for each in lived:
        if each.home and (each.profile_id not in homes or _newer(each, homes[each.profile_id])):
            homes[each.profile_id] = each
    return homes


def _newer(one: _Lived, other: _Lived) -> bool:
    return (one.since, one.home, one.at_work, one.written) > (other.since, other.home, other.at_work, other.written)


def _door(lived: _Lived) -> Home:
    if lived.home is None:
        raise ValueError("somebody without an address lives nowhere")
    return lived.home


def _accounts(profile_id: int, sizes: Mapping[str, int]) -> list[Group]:
    """Ring by ring around the customer's keys, until every account found is whole."""
    known: defaultdict[int, set[str]] = defaultdict(set)
    sized = {key: size for key, size in sizes.items() if not key.startswith("door:")}
    asked: set[str] = set()
    found: list[Account] = []
    wanted = set(sized)
    while wanted := {key for key in wanted - asked if sized.get(key, 0) <= SIZE_LIMIT}:
        for key, size, member in _ring(wanted):
            sized[key] = size
            if size <= SIZE_LIMIT:
                known[member].add(key)
        asked |= wanted
        found = [each for each in grouping.accounts(known) if profile_id in each.members]
        wanted = {key for each in found for member in each.members for key in known[member]}
    return [group for each in found if (group := _named(each))]


def _ring(keys: set[str]) -> Iterable[tuple[str, int, int]]:
    """(key, size, profile) of every profile that has one of these keys."""
    return (tuple(row) for row in db.session.execute(_RING, {"values": keys}))


def _named(account: Account) -> Group | None:
    """The account under its company's name; None when those at a domain prove to be a family, or strangers."""
    families, companies = [], []
    for form, fields in db.session.execute(_NAMES, {"values": list(account.members)}):
        families += [form["family"]] if form.get("family") else []
        companies.append(fields.get("company", {}).get("value", ""))
    keys = sorted(account.keys, reverse=True)
    domains_alone = keys[0].startswith("domain:")
    if domains_alone and not grouping.is_company(len(account.members), families, companies):
        return None
    name = grouping.company_name(companies) or keys[-1].partition(":")[2]
    members = tuple(Member(member, tuple(sorted(held))) for member, held in account.members.items())
    return Group("account", name, tuple(keys), members)
