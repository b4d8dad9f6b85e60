"""Imports step by step: planned, tried, run, paused, killed, resumed, read in every vendor's shape."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from crm360.consents.models import Statement
from crm360.flows import catching_up, import_runs
from crm360.flows.import_files import UnusableFile
from crm360.identity import queries as identity
from crm360.identity import unresolved
from crm360.identity.models import Contact, ContactIdentifier
from crm360.imports import operations, queries
from crm360.imports.operations import CannotDo
from crm360.inbox import queries as inbox
from crm360.kernel.db import db
from crm360.profiles import queries as profiles
from crm360.profiles import search
from tests.flows.importing import begin, bring_in, drive, snapshot, write

PEOPLE = [
    {"Imię": "Anna", "Nazwisko": "Nowak", "E-mail": "anna@example.com", "Telefon": "501 234 567", "Kolor": "niebieski"},
    {"Imię": "Łukasz", "Nazwisko": "Żółć", "E-mail": "lukasz@example.com", "Telefon": "602345678", "Kolor": ""},
    {"Imię": "Ewa", "Nazwisko": "Maj", "E-mail": "ewa@example.com", "Telefon": "", "Kolor": ""},
]


def contacts() -> list[Contact]:
    return list(db.session.scalars(select(Contact).order_by(Contact.id)))


def identifiers(kind: str) -> list[str]:
    query = select(ContactIdentifier.normal).where(ContactIdentifier.kind == kind)
    return sorted(db.session.scalars(query))


def counts(run: Any) -> tuple[int, int, int, int]:
    found = import_runs.outcome(run)
    return found["created"], found["updated"], found["unchanged"] + found["repeated"], found["refused"]


class TestRunning:
    def test_every_row_becomes_a_customer_once(self, session: Any, tmp_path: Path, now: datetime) -> None:
        file = write(tmp_path / "klienci.csv", PEOPLE)
        first = bring_in(file, now=now)
        assert (first.status, first.rows, counts(first)) == ("done", 3, (3, 0, 0, 0))
        assert contacts()[0].attributes["Kolor"]["value"] == "niebieski"
        known = snapshot(now)
        again = bring_in(file, now=now + timedelta(hours=1))
        assert counts(again) == (0, 0, 3, 0)
        moved = {key: value[:7] for key, value in snapshot(now)["contacts"].items()}
        assert moved == {key: value[:7] for key, value in known["contacts"].items()}
        changed = bring_in(write(file, [{**PEOPLE[0], "Telefon": "700 100 200"}]), now=now + timedelta(hours=2))
        assert counts(changed) == (0, 1, 0, 0)

    def test_whoever_waits_is_found_and_shown(self, session: Any, tmp_path: Path, now: datetime) -> None:
        run = begin(write(tmp_path / "a.csv", PEOPLE), now=now)
        import_runs.start(run_id=run.id, now=now)
        with import_runs.closing_driver(run.id, folder=tmp_path / "kept") as driver:
            assert driver.advance(now=now)
        assert queries.get(run.id).status == "resolving"
        assert import_runs.remaining(run) == unresolved.count() == 3
        for query, name in (
            ("lukasz zolc", "Łukasz Żółć"),
            ("602 345", "Łukasz Żółć"),
            ("ewa@", "Ewa Maj"),
            ("now", "Anna Nowak"),
        ):
            assert [hit.display_name for hit in search.find(query=query)] == [name], query
        profile_id = search.find(query="nowak")[0].profile_id
        record = profiles.golden([profile_id])[profile_id]
        assert (record.display_name, record.fields["email"]["value"]) == ("Anna Nowak", "anna@example.com")
        assert identity.current(profile_id) == profile_id
        while catching_up.some(now=now, limit=2):
            pass
        assert snapshot(now)["waiting"] == []
        assert [hit.display_name for hit in search.find(query="lukasz zolc")] == ["Łukasz Żółć"]

    def test_whoever_is_known_is_joined(self, session: Any, tmp_path: Path, now: datetime) -> None:
        bring_in(write(tmp_path / "a.csv", PEOPLE), now=now)
        bring_in(write(tmp_path / "b.csv", PEOPLE[:2]), source="other", now=now)
        assert identity.counts() == {"contacts": 5, "anonymous_visitors": 0, "profiles": 3}

    def test_steps_do_not_show_in_the_result(self, session: Any, tmp_path: Path, now: datetime) -> None:
        rows = [
            {"given_name": "A", "family_name": f"B{n % 3}", "customer_id": str(n % 4), "city": f"C{n}"}
            for n in range(9)
        ]
        file = write(tmp_path / "a.csv", rows)
        results = []
        for step in (1, 4, 100):
            run = begin(file, source=f"s{step}", now=now)
            import_runs.start(run_id=run.id, now=now)
            done = drive(run, tmp_path, now=now, step=step)
            held = session.scalars(select(Contact).where(Contact.source == f"s{step}").order_by(Contact.external_id))
            results.append([({n: e["value"] for n, e in each.fields.items()}, each.external_id) for each in held])
            assert sum(import_runs.outcome(done).values()) == 9
        assert results[0] == results[1] == results[2]

    def test_paused_killed_and_resumed(self, session: Any, tmp_path: Path, now: datetime) -> None:
        file = write(tmp_path / "a.csv", [{"email": f"p{n}@example.com"} for n in range(10)])
        run = begin(file, now=now)
        import_runs.start(run_id=run.id, now=now)
        session.commit()
        first = import_runs.Driver(run.id, folder=tmp_path / "kept", step=3)
        assert first.advance(now=now)
        session.commit()
        assert first.advance(now=now)
        session.rollback()  # killed in the middle of a step
        first.close()
        assert (queries.get(run.id).position, len(contacts())) == (3, 3)
        operations.move(run_id=run.id, status="paused", now=now)
        session.commit()
        with import_runs.closing_driver(run.id, folder=tmp_path / "kept") as other:
            assert not other.advance(now=now)
        with pytest.raises(CannotDo):
            import_runs.check(run_id=run.id, now=now)
        operations.move(run_id=run.id, status="running", now=now)
        done = drive(run, tmp_path, now=now, step=3)
        assert (done.status, done.position, len(contacts()), counts(done)) == ("done", 10, 10, (10, 0, 0, 0))

    def test_two_never_drive_one_import(self, session: Any, tmp_path: Path, now: datetime) -> None:
        run = begin(write(tmp_path / "a.csv", PEOPLE), now=now)
        import_runs.start(run_id=run.id, now=now)
        import_runs.drive_as(run, "cli-1", now=now)
        session.commit()
        assert queries.next_active(now=now) is None
        with import_runs.closing_driver(run.id, folder=tmp_path / "kept") as worker:
            assert not worker.advance(now=now)
        later = now + timedelta(minutes=2)
        assert queries.next_active(now=later) == run.id
        assert drive(run, tmp_path, now=later).status == "done"

    def test_rows_that_cannot_be_read_are_kept_with_their_reasons(
        self, session: Any, tmp_path: Path, now: datetime
    ) -> None:
        file = tmp_path / "a.csv"
        file.write_text("Imię,E-mail\nAnna,a@example.com\nJan,b@example.com,too,many\n-,\nEwa,c@example.com\n")
        done = bring_in(file, now=now)
        assert counts(done) == (2, 0, 0, 2)
        found = [(each.line_no, each.reason, each.cells) for each in queries.issues(done.id)]
        assert found == [
            (3, "4 cells where the header has 2", ["Jan", "b@example.com", "too", "many"]),
            (4, "The row is empty.", ["-", ""]),
        ]

    def test_what_the_database_refuses_is_left_out_alone(
        self, session: Any, database: str, tmp_path: Path, now: datetime
    ) -> None:
        rows = [{"email": f"p{n}@example.com", "card_no": "7" * 9} for n in range(4)]
        rows[2] = {
            "email": "p2@example.com",
            "customer_id": "9",
            "given_name": "\ud800".encode("utf-8", "replace").decode(),
        }
        assert counts(bring_in(write(tmp_path / "a.csv", rows), now=now))[3] == 0


class TestDryRun:
    def test_it_counts_and_changes_nothing(self, session: Any, tmp_path: Path, now: datetime) -> None:
        bring_in(write(tmp_path / "a.csv", PEOPLE), now=now)
        known, acts = snapshot(now), session.scalar(select(Statement.id))
        rows = [
            PEOPLE[0],
            {**PEOPLE[1], "Telefon": "700 100 200"},
            {"Imię": "Ewa", "Nazwisko": "Maj", "E-mail": "nowa@example.com", "Telefon": "", "Newsletter": "tak"},
            {"Imię": "Jan", "Nazwisko": "Lis", "E-mail": "no address", "Newsletter": "wypisany"},
            {"Imię": "Zoe", "E-mail": "zoe@example.com", "Newsletter": "tak", "OPTIN_TIME": "2024-03-14 09:12:31"},
        ]
        run = begin(write(tmp_path / "b.csv", rows), now=now)
        import_runs.check(run_id=run.id, now=now)
        checked = drive(run, tmp_path, now=now, step=2)
        numbers = {name: value for name, value in checked.preview.items() if name != "examples"}
        assert numbers == {
            "created": 3, "updated": 1, "unchanged": 1, "refused": 0, "joins": 0, "alike": numbers["alike"], "probed": 3,
            "consents_proven": 1, "consents_claimed": 1, "consents_refused": 0, "problems": 1, "rows": 5,
        }  # fmt: skip
        (problem,) = queries.issues(run.id)
        assert (problem.line_no, problem.header, problem.reason) == (5, "E-mail", "is no e-mail address")
        assert checked.preview["examples"]["updated"][0]["changes"] == [["phone", "", "700 100 200"]]
        assert (snapshot(now), session.scalar(select(Statement.id))) == (known, acts)
        operations.fix(run_id=run.id, cells={"0:5": {"E-mail": "jan@example.com"}}, values={"Imię": {"Zoe": "Zofia"}})
        import_runs.check(run_id=run.id, now=now)
        checked = drive(run, tmp_path, now=now)
        assert (checked.preview["problems"], checked.preview["consents_refused"]) == (0, 1)
        import_runs.start(run_id=run.id, now=now)
        drive(run, tmp_path, now=now)
        assert "jan@example.com" in identifiers("email")
        assert [each.fields["given_name"]["value"] for each in contacts()][-1] == "Zofia"

    def test_a_look_alike_is_told(self, session: Any, tmp_path: Path, now: datetime) -> None:
        born = {"birth_date": "1988-04-03", "city": "Kraków", "postcode": "31-146"}
        bring_in(
            write(tmp_path / "a.csv", [{"given_name": "Anna", "family_name": "Nowak", "email": "a@x.pl", **born}]),
            now=now,
        )
        run = begin(
            write(tmp_path / "b.csv", [{"given_name": "Anna", "family_name": "Nowak", "email": "b@y.pl", **born}]),
            source="b",
            now=now,
        )
        import_runs.check(run_id=run.id, now=now)
        preview = drive(run, tmp_path, now=now).preview
        assert preview["joins"] + preview["alike"] == 1


class TestPlans:
    def test_columns_are_remembered_for_the_sources_next_file(
        self, session: Any, tmp_path: Path, now: datetime
    ) -> None:
        rows = [{"Who": "Anna", "Where": "a@example.com", "Secret": "x", "Nazwisko": "Nowak"}]
        run = begin(write(tmp_path / "a.csv", rows), now=now)
        assert run.mapping == {"Who": "", "Where": "", "Secret": "", "Nazwisko": "family_name"}
        assert import_runs.samples(run, tmp_path / "kept").samples["Where"] == ["a@example.com"]
        wanted = {"Who": "given_name", "Where": "email", "Secret": "-", "Nazwisko": "family_name"}
        operations.set_plan(run_id=run.id, mapping=wanted, options={})
        import_runs.start(run_id=run.id, now=now)
        drive(run, tmp_path, now=now)
        assert contacts()[0].attributes == {}
        assert inbox.get_source("list").settings["columns"] == wanted
        assert begin(write(tmp_path / "b.csv", rows), now=now).mapping == wanted

    @pytest.mark.parametrize(
        ("mapping", "reason"),
        [
            ({"a": "", "b": "-"}, "No column says who"),
            ({"EAN": "", "Nazwa": "", "Cena": ""}, "These columns are of purchases or products"),
            ({"EAN": "", "Nazwa": "company", "Cena": ""}, ""),  # somebody has said otherwise
            ({"a": "given_name", "b": "given_name"}, "Several columns are to be given_name"),
            ({"a": "email", "b": "email", "c": ""}, ""),
        ],
    )
    def test_what_cannot_be_imported(self, mapping: dict[str, str], reason: str) -> None:
        assert import_runs.unusable(mapping).startswith(reason)
        assert bool(import_runs.unusable(mapping)) == bool(reason)

    @pytest.mark.parametrize(
        ("name", "content"), [("a.pdf", b"%PDF"), ("a.zip", b"PK"), ("a.csv", b""), ("a.vcf", b"x")]
    )
    def test_what_is_no_list_leaves_nothing_behind(
        self, session: Any, tmp_path: Path, now: datetime, name: str, content: bytes
    ) -> None:
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(UnusableFile, match=name):
            begin(file, now=now)
        assert list((tmp_path / "kept").iterdir()) == []
        assert queries.latest() == []

    def test_files_are_dropped_when_it_is_too_late_to_take_back(
        self, session: Any, tmp_path: Path, now: datetime
    ) -> None:
        done = bring_in(write(tmp_path / "a.csv", PEOPLE), now=now)
        folder = tmp_path / "kept"
        assert import_runs.purge_expired(now=now + timedelta(days=29), folder=folder) == 0
        assert len(list(folder.iterdir())) == 1
        late = now + timedelta(days=31)
        assert import_runs.purge_expired(now=late, folder=folder) == 1
        assert list(folder.iterdir()) == []
        assert queries.examples(done.id, "created") == []
        with pytest.raises(CannotDo, match="too late"):
            import_runs.revert(run_id=done.id, by="Ola", now=late)


def archive(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path


class TestShapes:
    """Exports of other systems, in their own headers and habits."""

    def one(self, tmp_path: Path, name: str, content: bytes, now: datetime) -> Contact:
        file = tmp_path / name
        file.write_bytes(content)
        done = bring_in(file, now=now)
        assert counts(done)[3] == 0
        (contact,) = contacts()
        return contact

    @pytest.mark.parametrize("encoding", ["cp1250", "iso-8859-2", "utf-8", "utf-8-sig", "utf-16"])
    def test_a_polish_spreadsheet(self, session: Any, tmp_path: Path, now: datetime, encoding: str) -> None:
        text = (
            "sep=;\nImię;Nazwisko;E-mail;Telefon;Data urodzenia;Zgoda marketingowa;Karta;Obrót\n"
            "Łukasz;Żółć;LUKASZ@EXAMPLE.COM;501 234 567;03.04.1988;TAK;0004711;1\xa0234,50\n"
        )
        found = self.one(tmp_path, "klienci.csv", text.encode(encoding), now)
        values = {name: entry["value"] for name, entry in found.fields.items()}
        assert values == {"given_name": "Łukasz", "family_name": "Żółć", "birth_date": "1988-04-03"}
        assert found.external_id == "card:0004711"
        assert found.attributes["Obrót"]["value"] == "1\xa0234,50"
        (said,) = session.scalars(select(Statement))
        assert (said.state, said.evidence_grade) == ("given", "D")

    def test_excels_unicode_text(self, session: Any, tmp_path: Path, now: datetime) -> None:
        text = "Imię\tNazwisko\tE-mail\tData urodzenia\r\nŁukasz\tŻółć\tl@example.com\t32236\r\n"
        found = self.one(tmp_path, "klienci.txt", text.encode("utf-16"), now)
        assert (found.fields["given_name"]["value"], found.fields["birth_date"]["value"]) == ("Łukasz", "1988-04-03")

    def test_a_workbook(self, session: Any, tmp_path: Path, now: datetime) -> None:
        book = Workbook()
        for row in (["Imię", "E-mail", "Data urodzenia"], ["Ewa", "ewa@example.com", date(1988, 4, 3)]):
            book.active.append(row)  # type: ignore[union-attr]
        book.save(tmp_path / "k.xlsx")
        found = self.one(tmp_path, "k.xlsx", (tmp_path / "k.xlsx").read_bytes(), now)
        assert found.fields["birth_date"]["value"] == "1988-04-03"

    def test_google(self, session: Any, tmp_path: Path, now: datetime) -> None:
        text = (
            "\ufeffFirst Name,Last Name,Organization Name,Birthday,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,"
            "E-mail 2 - Value,E-mail 3 - Label,E-mail 3 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Formatted,"
            "Address 1 - Street,Address 1 - City,Address 1 - Postal Code,Address 1 - Country\n"
            "Ewa,Maj,Hurtownia,1988-04-03,* myContacts ::: Klienci,* Work,e@firma.example ::: e2@firma.example,Other,"
            'e@example.com,Home,e3@example.com,Mobile,+48 501 234 567,"ul. Krótka 5/7\n31-146 Kraków\nPL",ul. Krótka 5/7,'
            "Kraków,31-146,PL\n"
        )
        found = self.one(tmp_path, "contacts.csv", text.encode(), now)
        assert identifiers("email") == ["e2@firma.example", "e3@example.com", "e@example.com", "e@firma.example"]
        assert (found.source_tags, found.fields["city"]["value"]) == (["Klienci"], "Kraków")

    def test_shopify(self, session: Any, tmp_path: Path, now: datetime) -> None:
        text = (
            "\ufeffCustomer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,"
            "Default Address Address1,Default Address City,Default Address Country Code,Default Address Zip,"
            "Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Tags\n"
            "'7210448301122,Ewa,Maj,ewa@example.com,yes,,ul. Krótka 5/7,Kraków,PL,'31-146,'+48501234567,'+48501234567,no,990.44,"
            '"vip, hurt"\n'
        )
        found = self.one(tmp_path, "customers_export.csv", text.encode(), now)
        assert found.external_id == "customer:7210448301122"
        assert (found.fields["postcode"]["value"], found.source_tags) == ("31-146", ["hurt", "vip"])
        assert identifiers("phone") == ["+48501234567"]
        said = sorted((each.channel, each.state, each.evidence_grade) for each in session.scalars(select(Statement)))
        assert said == [("email", "given", "D"), ("sms", "refused", "D")]

    def test_listmonk(self, session: Any, tmp_path: Path, now: datetime) -> None:
        text = (
            "uuid,email,name,attributes,status,created_at,updated_at\n"
            '9f86b50d-5711-41c8-ab03-bc91c43d711b,ewa@example.com,Ewa Maj,"{""city"": ""Kraków""}",enabled,'
            "2024-01-02 15:04:05.123456 +0000 UTC,2024-01-02 15:04:05.123456 +0000 UTC\n"
        )
        found = self.one(tmp_path, "subscribers.csv", text.encode(), now)
        values = {name: entry["value"] for name, entry in found.fields.items()}
        assert values["joined_on"] == "2024-01-02"
        assert (values["given_name"], values["family_name"], values["city"]) == ("Ewa", "Maj", "Kraków")
        assert list(session.scalars(select(Statement))) == []

    def test_mailchimps_three_files(self, session: Any, tmp_path: Path, now: datetime) -> None:
        head = "Email Address,First Name,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID,EUID,TAGS"
        files = {
            "subscribed_members_export_1.csv": f'{head}\nsub@example.com,Ewa,2024-03-14 09:12:31,10.0.0.1,2024-03-14 09:14:00,10.0.0.1,1,aa1,"""VIP"",""Blog"""\n',
            "unsubscribed_members_export_1.csv": f"{head},UNSUB_TIME,UNSUB_REASON\nun@example.com,Jan,2024-03-14 09:12:31,10.0.0.1,,,2,aa2,,2025-01-01 08:00:00,TOO_MANY\n",
            "cleaned_members_export_1.csv": f"{head}\nclean@example.com,Ola,2024-03-14 09:12:31,10.0.0.1,,,3,aa3,\n",
        }
        done = bring_in(archive(tmp_path / "audience.zip", files), now=now)
        assert (done.status, counts(done)) == ("done", (3, 0, 0, 0))
        said = {
            each.identifier_normal: (each.state, each.evidence_grade, each.evidence)
            for each in session.scalars(select(Statement))
        }
        assert said["sub@example.com"][:2] == ("given", "A")
        assert said["sub@example.com"][2]["confirm_ip"] == "10.0.0.1"
        assert said["un@example.com"][:2] == ("withdrawn", "B")
        assert "clean@example.com" not in said
        assert [each.source_tags for each in contacts() if each.source_tags] == [["Blog", "VIP"]]
