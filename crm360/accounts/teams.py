"""Who leads whom, and whose work a colleague may see: their own and that of those they lead, nobody else's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from crm360.accounts.models import Staff, TeamPlace
from crm360.accounts.queries import all_staff, get_staff
from crm360.kernel import dialects
from crm360.kernel.db import db, table_of
from crm360.kernel.errors import Invalid


class BadTeam(Invalid):
    """Nobody leads themselves, nor in a circle."""


def place(*, staff_id: int, lead_id: int | None, agent_name: str, by: str, now: datetime) -> None:
    """Say who leads a colleague and what chats call them. Raises BadTeam, StaffNotFound."""
    get_staff(staff_id)
    above, leads = lead_id, {each.staff_id: each.lead_id for each in places().values()}
    while above is not None:
        get_staff(above)
        if above == staff_id:
            raise BadTeam("Nobody leads themselves, nor in a circle.")
        above = leads.get(above)
    row = {
        "staff_id": staff_id,
        "lead_id": lead_id,
        "agent_name": agent_name.strip()[:100],
        "set_at": now,
        "set_by": by,
    }
    dialects.upsert(db.session, table_of(TeamPlace), [row], ["staff_id"])
    db.session.expire_all()


def places() -> dict[int, TeamPlace]:
    """Colleague → their place, of those who have one."""
    return {each.staff_id: each for each in db.session.scalars(select(TeamPlace))}


def visible_to(staff_id: int) -> list[Staff]:
    """Oneself, then those one leads, by name."""
    led = {each.staff_id for each in places().values() if each.lead_id == staff_id}
    people = [each for each in all_staff() if each.id == staff_id or (each.id in led and each.disabled_at is None)]
    return sorted(people, key=lambda each: (each.id != staff_id, each.name, each.id))


def agent_names(people: list[Staff]) -> dict[str, int]:
    """What chats and mailboxes call these colleagues, in small letters → who it is."""
    known = places()
    found: dict[str, int] = {}
    for each in people:
        own = known[each.id].agent_name if each.id in known else ""
        for name in (own, "" if own else each.name, each.email):
            if name:
                found.setdefault(name.casefold(), each.id)
    return found
