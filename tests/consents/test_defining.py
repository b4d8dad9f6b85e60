"""Purposes and notices: each change is the next version, what stood stays, and what rests on it is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from crm360.consents import defining, definitions
from crm360.consents.models import Notice, PurposeVersion
from crm360.consents.purposes import DEFAULTS, Purpose, faults

NEWSLETTER = replace(DEFAULTS["newsletter"], validity_months=24)
TEXTS = {"en": "I want the newsletter.", "pl": "Chcę otrzymywać newsletter."}


def define(purpose: Purpose, now: datetime, **said: Any) -> PurposeVersion:
    return defining.define_purpose(purpose=purpose, by="charlie", now=now, **({"effective_from": now} | said))


def publish(texts: dict[str, str], now: datetime, **said: Any) -> list[Notice]:
    given = {"purposes": ["newsletter"], "about": {"controller": "Lipowa"}, "effective_from": now} | said
    return defining.publish_notice(code="form", texts=texts, by="charlie", now=now, **given)


def test_a_shop_starts_with_purposes_and_changes_them_by_versions(session: Any, now: datetime) -> None:
    assert definitions.catalogue(now=now).of("newsletter") == DEFAULTS["newsletter"]
    later = now + timedelta(days=7)
    assert (
        define(NEWSLETTER, now).version,
        define(replace(NEWSLETTER, min_grade="A"), now, effective_from=later).version,
    ) == (1, 2)
    assert definitions.catalogue(now=now).of("newsletter").min_grade == "C"
    assert definitions.catalogue(now=later).of("newsletter").min_grade == "A"
    assert [each.version for each in definitions.purpose_versions("newsletter")] == [2, 1]
    with pytest.raises(defining.NothingChanged):
        define(replace(NEWSLETTER, min_grade="A"), now)


def test_a_purpose_nobody_defined_needs_consent(session: Any, now: datetime) -> None:
    assert definitions.catalogue(now=now).of("quiz").asks_consent


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "Über uns"}, "code"),
        ({"names": {"en": "Only English"}}, "names"),
        ({"basis": "because"}, "basis"),
        ({"channels": ()}, "channels"),
        ({"channels": ("pigeon",)}, "channels"),
        ({"min_grade": "D"}, "min_grade"),
        ({"validity_months": 0}, "validity_months"),
        ({"min_age": 12}, "min_age"),
        ({"basis": "legitimate_interests"}, "balancing_ref"),
    ],
)
def test_what_a_purpose_lacks_is_named(session: Any, now: datetime, changes: dict[str, Any], field: str) -> None:
    assert faults(NEWSLETTER) == {}
    with pytest.raises(defining.UnusablePurpose) as refused:
        define(replace(NEWSLETTER, **changes), now)
    assert refused.value.errors.keys() == {field}


def test_a_changed_text_is_a_new_version_in_every_language(session: Any, now: datetime) -> None:
    first = publish(TEXTS, now)
    assert [(one.locale, one.version, one.text_sha256) for one in first] == [
        (locale, 1, defining.digest(text)) for locale, text in sorted(TEXTS.items())
    ]
    with pytest.raises(defining.NothingChanged):
        publish({locale: f" {text}\n" for locale, text in TEXTS.items()}, now)
    second = publish(TEXTS | {"en": "I want the newsletter, once a week."}, now)
    assert {one.version for one in second} == {2}
    assert [(one.version, one.locale) for one in definitions.notice_versions("form")] == [
        (2, "en"), (2, "pl"), (1, "en"), (1, "pl"),
    ]  # fmt: skip
    assert defining.last_notice("form") == second


def test_texts_are_found_by_name_and_by_hash(session: Any, now: datetime) -> None:
    first = publish(TEXTS, now)
    names = ["form@1", first[1].text_sha256, "form@2", ""]
    assert {name: one.locale for name, one in definitions.notices_shown(names).items()} == {
        "form@1": "en",
        first[1].text_sha256: "pl",
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"texts": {"en": " "}}, "texts"), ({"texts": {"en": "x" * 20_001}}, "texts"), ({"purposes": []}, "purposes")],
)
def test_what_a_notice_lacks_is_named(session: Any, now: datetime, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(defining.UnusableNotice) as refused:
        publish(**({"texts": TEXTS} | changes), now=now)
    assert refused.value.errors.keys() == {field}


@pytest.mark.parametrize("act", [update(Notice).values(text="other"), delete(Notice), delete(PurposeVersion)])
def test_the_database_refuses_to_rewrite_them(session: Any, now: datetime, act: Any) -> None:
    publish(TEXTS, now)
    define(NEWSLETTER, now)
    with pytest.raises(DatabaseError, match="final"), session.begin_nested():
        session.execute(act)
