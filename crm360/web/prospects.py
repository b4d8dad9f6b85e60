"""What a customer is worth and what to offer them: derived numbers, each with its formula and inputs."""

from __future__ import annotations

from flask import render_template

from crm360.commerce import value_sums
from crm360.identity import queries as identity
from crm360.insights import churn
from crm360.kernel import clock
from crm360.web import insight_words, reads
from crm360.web.blueprint import door
from crm360.web.policy import is_fragment, requires


@door.get("/customers/<int:profile_id>/prospects")
@requires("customers.read")
def prospects(profile_id: int) -> str:
    live = identity.current(profile_id)
    reads.note_opened(live)
    known = value_sums.of(live)
    last = known.value.last_at if known else None
    silent = (clock.now() - last).total_seconds() / 86_400 if last else None
    state = churn.state(known.value.rhythm_days, silent) if known and silent is not None else None
    template = "customers/prospects.html" if is_fragment() else "customers/prospects_page.html"
    return render_template(template, profile_id=live, known=known, silent=silent, state=state, words=insight_words)
