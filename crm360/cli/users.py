"""`flask users`: who may sign in."""

from __future__ import annotations

import click

from crm360.accounts import audit, operations, queries
from crm360.accounts.models import Staff
from crm360.accounts.permissions import ROLES
from crm360.cli.door import Group, operator, print_json, print_table, remark, secret_line
from crm360.kernel import clock

group = Group("users", help="Who may sign in.")


@group.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", default="", help="Shown to colleagues; made of the address by default.")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking.")
def create(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Let EMAIL sign in with a role."""
    password = _password(password_stdin)
    staff = operations.create_staff(email=email, role=role, name=name, password=password, now=clock.now())
    _record("staff.created", staff, role=role)
    remark(f"{staff.email} may sign in as {role}.")


@group.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_users(as_json: bool) -> None:
    """Everybody who may or might sign in."""
    staff = queries.all_staff()
    if as_json:
        print_json([_shown(person) for person in staff])
    else:
        rows = [(person.email, person.name, person.role, person.created_at, person.disabled_at) for person in staff]
        print_table(("EMAIL", "NAME", "ROLE", "SINCE", "DISABLED"), rows)


@group.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """End every session of EMAIL and let it sign in no more."""
    staff = _find(email)
    operations.disable(staff_id=staff.id, now=clock.now())
    _record("staff.disabled", staff)
    remark(f"{staff.email} can no longer sign in.")


@group.command("set-password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking.")
def set_password(email: str, password_stdin: bool) -> None:
    """Give EMAIL a new password and end its sessions."""
    staff = _find(email)
    operations.set_password(staff_id=staff.id, password=_password(password_stdin))
    _record("staff.password-set", staff)
    remark(f"{staff.email} has a new password.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return secret_line("The password")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _find(email: str) -> Staff:
    staff = queries.find_staff_by_email(email)
    if staff is None:
        raise click.ClickException(f"Nobody signs in as {email}.")
    return staff


def _record(action: str, staff: Staff, **details: str) -> None:
    audit.record(
        actor=operator(), action=action, subject_kind="staff", subject_id=staff.id, details=details, now=clock.now()
    )


def _shown(staff: Staff) -> dict[str, object]:
    names = ("id", "email", "name", "role", "created_at", "disabled_at")
    return {name: getattr(staff, name) for name in names}
