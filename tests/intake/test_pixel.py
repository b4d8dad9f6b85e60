"""Events told by a picture's address."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from crm360.inbox.models import Payload


def test_an_opened_mail_is_kept_each_time_and_answered_with_a_picture(
    client: Any, session: Any, write_key: str
) -> None:
    said = {
        "writeKey": write_key, "event": "Email Opened", "context.traits.email": "anna@example.com",
        "properties.email_id": "7", "properties.email_id.more": "ignored",
    }  # fmt: skip
    answers = [client.get("/pixel/v1/track", query_string=said) for _ in range(2)]
    assert all(answer.status_code == 200 and answer.data.startswith(b"GIF89a") for answer in answers)
    assert answers[0].headers["Cache-Control"] == "no-store"
    kept = [json.loads(payload.body) for payload in session.scalars(select(Payload))]
    assert len({event.pop("messageId") for event in kept}) == 2
    assert (
        kept
        == [
            {
                "type": "track",
                "event": "Email Opened",
                "context": {"traits": {"email": "anna@example.com"}},
                "properties": {"email_id": "7"},
            }
        ]
        * 2
    )


def test_a_page_view_with_an_id_of_its_own_is_kept_once(client: Any, session: Any, write_key: str) -> None:
    said = {"writeKey": write_key, "anonymousId": "a-1", "messageId": "m-1", "name": "Home"}
    assert [client.get("/pixel/v1/page", query_string=said).status_code for _ in range(2)] == [200, 200]
    (payload,) = session.scalars(select(Payload))
    assert (payload.dedup_key, payload.headers) == ("id:m-1", {"type": "page"})


def test_an_unknown_key_is_refused(client: Any, session: Any) -> None:
    assert client.get("/pixel/v1/page?writeKey=nobody&anonymousId=a").status_code == 401
    assert session.scalars(select(Payload)).all() == []
