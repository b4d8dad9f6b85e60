"""A message as one real person would get it, before anything is sent. Nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crm360.outreach import facing, queries, rendering
from crm360.outreach.plan import House
from crm360.outreach.rendering import Rendered


def message(contents: Mapping[str, str], *, locale: str, profile_id: int, house: House, now: datetime) -> Rendered:
    """A template's parts in one language for one customer; its links lead nowhere personal. Raises BadTemplate."""
    said = facing.corrections()
    compiled = rendering.compiled(
        contents, locale=locale, blocks=queries.blocks(locale), zone=house.zone, corrections=said
    )
    values = facing.shared(house, now) | {"person": facing.people([profile_id], said=said)[profile_id]}
    nowhere = f"{house.public_url}/"
    return compiled.render(values | {"unsubscribe_url": nowhere, "preferences_url": nowhere})
