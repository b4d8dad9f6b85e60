"""The operator's commands as they are typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import text

from crm360.accounts import audit, queries
from crm360.inbox import operations as inbox
from crm360.inbox import queries as inbox_queries
from crm360.inbox.operations import NewPayload

Run = Callable[..., Result]


@pytest.fixture
def flask(runner: Any) -> Run:
    """`flask("users", "list", stdin="", code=0)`: run a command, refuse an unexpected exit code."""

    def run(*arguments: str, stdin: str = "", code: int = 0) -> Result:
        result: Result = runner.invoke(args=arguments, input=stdin)
        assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
        return result

    return run


def data(result: Result) -> Any:
    return json.loads(result.stdout)


def actions() -> list[str]:
    return [entry.action for entry in reversed(audit.latest_entries())]


class TestUsers:
    def test_a_person_comes_changes_the_password_and_goes(self, flask: Run) -> None:
        flask("users", "create", "Ann@Example.com", "--role", "sales", "--password-stdin", stdin="first horse\n")
        assert queries.authenticate("ann@example.com", "first horse")
        flask("users", "set-password", "ann@example.com", "--password-stdin", stdin="second horse\r\n")
        assert queries.authenticate("ann@example.com", "second horse")
        flask("users", "disable", "ann@example.com")
        assert queries.authenticate("ann@example.com", "second horse") is None
        (person,) = data(flask("users", "list", "--json"))
        assert (person["email"], person["role"], person["disabled_at"] is None) == ("ann@example.com", "sales", False)
        assert "ann@example.com" in flask("users", "list").stdout
        assert actions() == ["staff.created", "staff.password-set", "staff.disabled"]
        assert "horse" not in str([entry.details for entry in audit.latest_entries()])

    @pytest.mark.parametrize(
        ("arguments", "stdin", "code", "message"),
        [
            (
                ("create", "x@example.com", "--role", "sales", "--password-stdin"),
                "short\n",
                1,
                "at least 8 characters",
            ),
            (("create", "no address", "--role", "sales", "--password-stdin"), "long enough\n", 1, "not an e-mail"),
            (("create", "x@example.com", "--role", "sales", "--password-stdin"), "", 2, "one line on stdin"),
            (("create", "x@example.com", "--role", "owner", "--password-stdin"), "long enough\n", 2, "'owner'"),
            (("disable", "nobody@example.com"), "", 1, "Nobody signs in as"),
        ],
    )
    def test_what_cannot_be_is_told_in_one_line(
        self, flask: Run, arguments: tuple[str, ...], stdin: str, code: int, message: str
    ) -> None:
        result = flask("users", *arguments, stdin=stdin, code=code)
        assert message in result.stderr.splitlines()[-1]
        assert result.stdout == ""
        assert queries.all_staff() == []


class TestKeys:
    def test_the_key_stands_alone_on_the_last_line(self, flask: Run) -> None:
        secret = flask("keys", "create", "--kind", "api", "--name", "erp", "--role", "admin").stdout.splitlines()[-1]
        key = queries.find_key(secret, "api")
        assert key is not None
        (shown,) = data(flask("keys", "list", "--json"))
        assert (shown["id"], shown["name"], shown["role"]) == (key.id, "erp", "admin")
        assert secret not in json.dumps(shown)
        assert secret[:6] in flask("keys", "list").stdout
        flask("keys", "revoke", str(key.id))
        assert queries.find_key(secret, "api") is None
        assert actions() == ["key.created", "key.revoked"]

    def test_a_key_clients_carry_is_kept_and_opens_its_source(self, flask: Run) -> None:
        result = flask("keys", "create", "--kind", "write", "--name", "web", "--value", "carried by clients")
        assert result.stdout == "carried by clients\n"
        source = inbox_queries.get_source("web")
        assert (source.channel, source.settings["currency"]) == ("tracking", "PLN")
        again = flask("keys", "create", "--kind", "write", "--name", "w", "--value", "carried by clients", code=1)
        assert again.stderr == "Error: This value already is a key.\n"

    def test_an_api_key_without_a_role_may_do_what_sales_may(self, flask: Run) -> None:
        flask("keys", "create", "--kind", "api", "--name", "erp")
        assert [key.role for key in queries.all_keys()] == ["sales"]


class TestSources:
    def test_shopify_signs_with_the_secret_given(self, flask: Run) -> None:
        result = flask(
            "sources", "create", "--channel", "shopify", "--name", "shop pl", "--secret-stdin", stdin="hush\n"
        )
        assert result.stdout == "http://127.0.0.1:8360/hooks/shopify/shop%20pl\n"
        assert "hush" not in result.output
        assert inbox_queries.get_source("shop pl").secret == "hush"

    def test_a_chats_address_holds_its_secret(self, flask: Run, client: Any) -> None:
        address = flask("sources", "create", "--channel", "chatwoot", "--name", "chat").stdout.strip()
        assert client.post(address.removeprefix("http://127.0.0.1:8360"), data=b"{}").status_code == 200
        flask("sources", "signing-secret", "chat", stdin="of chatwoot\n")
        assert inbox_queries.get_source("chat").settings["signing_secret"] == "of chatwoot"
        (shown,) = data(flask("sources", "list", "--json"))
        assert (shown["name"], shown["channel"]) == ("chat", "chatwoot")
        assert "chat" in flask("sources", "list").stdout

    def test_a_name_is_given_once(self, flask: Run) -> None:
        flask("sources", "create", "--channel", "chatwoot", "--name", "chat")
        assert "already" in flask("sources", "create", "--channel", "shopify", "--name", "chat", code=1).stderr
        assert "no source" in flask("sources", "signing-secret", "nobody", stdin="x\n", code=1).stderr


class TestImport:
    def test_receipts_with_a_broken_line(self, flask: Run, tmp_path: Path) -> None:
        file = tmp_path / "receipts.csv"
        file.write_text(
            "number,date,name,qty,price,card\n1,2026-03-02,Mug,1,10.00,77\n2,2026-03-02,Pot,x,1.00,\n1,2026-03-02,Cup,1,5.00,77\n"
        )
        given = (
            "import",
            "receipts",
            str(file),
            "--source",
            "till",
            "--map",
            "number=receipt_no",
            "--map",
            "card=card_no",
        )
        assert flask(*given, "--dry-run").stdout.startswith("3 rows read: 1 could be imported")
        assert data(flask("stats", "--json"))["orders"] == 0
        result = flask(*given)
        assert result.stdout == "3 rows read: 1 imported, 0 known already, 1 rows left out.\n"
        assert file.with_name("receipts.csv.errors.csv").read_text("utf-8-sig") == (
            "line,reason,number,date,name,qty,price,card\n3,'x' is not a number,2,2026-03-02,Pot,x,1.00,\n"
        )
        assert flask(*given).stdout == "3 rows read: 0 imported, 1 known already, 1 rows left out.\n"
        counts = data(flask("stats", "--json"))
        assert (counts["orders"], counts["order_lines"], counts["contacts"], counts["profiles"]) == (1, 2, 1, 1)

    def test_contacts_and_mail(self, flask: Run, tmp_path: Path) -> None:
        people = tmp_path / "people.csv"
        people.write_text("First Name,Last Name,Email\nAnna,Nowak,anna@example.com\n")
        assert "1 imported" in flask("import", "contacts", str(people)).stdout
        mail = tmp_path / "one.eml"
        mail.write_text("From: anna@example.com\nTo: us@shop.example\nSubject: Hi\nMessage-ID: <1@x>\n\nText\n")
        assert "1 imported" in flask("import", "mailbox", str(mail), "--own", "us@shop.example").stdout
        assert inbox_queries.get_source("mailbox").settings["own_addresses"] == "us@shop.example"
        counts = data(flask("stats", "--json"))
        assert (counts["contacts"], counts["profiles"], counts["messages"]) == (2, 1, 1)

    def test_a_file_that_is_none_is_named(self, flask: Run, tmp_path: Path) -> None:
        empty = tmp_path / "empty.csv"
        empty.touch()
        assert "empty.csv: The file is empty" in flask("import", "contacts", str(empty), code=1).stderr
        flask("import", "contacts", str(tmp_path / "gone.csv"), code=2)


class TestProfiles:
    @pytest.mark.parametrize("database", ["sqlite"], indirect=True)
    def test_what_the_database_refuses_is_left_out_and_nothing_else(
        self, flask: Run, session: Any, tmp_path: Path
    ) -> None:
        refusing = (
            "INSERT ON identity_identifier WHEN NEW.normal = 'jan@example.com' BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        session.execute(text(f"CREATE TRIGGER refusing BEFORE {refusing}"))
        session.commit()
        people = tmp_path / "people.csv"
        people.write_text("First name,Email\nEwa,ewa@example.com\nJan,jan@example.com\nZoe,zoe@example.com\n")
        assert flask("import", "contacts", str(people)).stdout.startswith(
            "3 rows read: 2 imported, 0 known already, 1 "
        )
        left_out = people.with_name("people.csv.errors.csv").read_text("utf-8-sig").splitlines()
        assert left_out[1:] == ["3,Its content cannot be stored (IntegrityError).,Jan,jan@example.com"]
        assert data(flask("stats", "--json"))["contacts"] == 2

    def test_a_customer_is_found_and_shown(self, flask: Run, tmp_path: Path) -> None:
        people = tmp_path / "people.csv"
        people.write_text("First Name,Last Name,Email,City\nAnna,Nowak,anna@example.com,Kraków\n")
        flask("import", "contacts", str(people), "--source", "list")
        (hit,) = data(flask("profiles", "find", "nowka", "--json"))
        assert hit["display_name"] == "Anna Nowak"
        shown = data(flask("profiles", "show", str(hit["profile_id"]), "--json"))
        assert (shown["id"], shown["fields"]["city"]["value"]) == (hit["profile_id"], "Kraków")
        assert shown["fields"]["family_name"]["source"] == "list"
        assert shown["identifiers"] == [{"kind": "email", "value": "anna@example.com"}]
        assert "Anna Nowak" in flask("profiles", "find", "anna@example.com").stdout
        assert "Kraków" in flask("profiles", "show", str(hit["profile_id"])).stdout

    def test_nobody(self, flask: Run) -> None:
        assert data(flask("profiles", "find", "nobody", "--json")) == []
        assert "404" in flask("profiles", "show", "404", code=1).stderr


class TestInbox:
    def test_what_was_set_aside_is_listed_and_tried_again(self, flask: Run, session: Any, now: datetime) -> None:
        source = inbox.ensure_source(name="web", channel="tracking", now=now)
        items = [NewPayload("a", b"odd"), NewPayload("b", b'{"type":"track","event":"Tried","userId":"7"}')]
        inbox.keep(source_id=source.id, channel="tracking", items=items, now=now)
        result = flask("jobs", "run-once")
        assert "1 processed, 1 set aside" in result.stderr
        (shown,) = data(flask("inbox", "quarantined", "--json"))
        assert (shown["source"], shown["body"]) == ("web", "odd")
        assert "JSON" in shown["reason"]
        assert str(shown["id"]) in flask("inbox", "quarantined", "--source", "web").stdout
        assert "1 waiting again" in flask("inbox", "replay").stderr
        assert data(flask("stats", "--json"))["inbox_waiting"] == 1
        assert "0 waiting again" in flask("inbox", "replay", str(shown["id"])).stderr
        assert "no source" in flask("inbox", "replay", "--source", "nobody", code=1).stderr


class TestDoctor:
    def test_it_tells_what_it_finds(self, runner: Any) -> None:
        result = runner.invoke(args=["doctor", "--json"])  # 1 where the front-end files were never brought
        findings = data(result)
        assert result.exit_code == int(any(finding["level"] == "error" for finding in findings))
        found = {finding["what"].partition(":")[0]: finding["level"] for finding in findings}
        assert (found["settings"], found["database"], found["migrations"], found["inbox"]) == ("ok", "ok", "ok", "ok")
        assert "migrations: up to date" in runner.invoke(args=["doctor"]).stdout

    def test_a_schema_that_is_behind_is_an_error(self, flask: Run, session: Any) -> None:
        session.execute(text("DELETE FROM alembic_version"))
        session.commit()
        assert "flask db upgrade" in flask("doctor", code=1).stdout


def test_statistics_can_be_read(flask: Run) -> None:
    assert "inbox_waiting" in flask("stats").stdout
