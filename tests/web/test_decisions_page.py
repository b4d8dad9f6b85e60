"""The merge history of everybody: listed, filtered, undone."""

from __future__ import annotations


def test_decisions_are_listed_and_undone(visit_as, shop):
    client = visit_as("sales")
    assert "Nothing decided yet" in client.page("/duplicates/history").text
    client.submit(f"/customers/{shop['anna']}/compare/{shop['anna_again']}", action="/merges", reason="same door")
    page = client.page("/duplicates/history")
    for told in ("Anna Kowalska", "same door", "Marta Zając"):
        assert told in page.text
    assert "same door" not in client.page("/duplicates/history?kind=split").text
    undo = page.form(action="/undo")
    answer = client.post(undo.action, data=undo.values)
    assert answer.headers["Location"].endswith("/duplicates/history")
    page = client.page("/duplicates/history?kind=merge")
    assert "undone by Marta Zając" in page.text
    assert not [form for form in page.forms if "/undo" in form.action]


def test_only_who_decides_reads_it(visit_as, shop):
    assert visit_as("marketing").get("/duplicates/history").status_code == 403
