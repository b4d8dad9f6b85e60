"""Families as several sources tell of them, the same for the same seed; and a process that receives its share of them.

`python -m tests.stories.families OF SEED` receives them in OF processes at once: each its share, in an order of its own, one transaction each.
"""

from __future__ import annotations

import multiprocessing
import random
import sys

from crm360.facts import ContactRef, ContactSeen
from crm360.identity import folding, whole
from crm360.identity.compared import compared_form
from tests.identity.people import NOW, seen

GIVEN = ("Anna", "Piotr", "Ewa", "Jan", "Zofia", "Marek")
FAMILY = ("Kowalska", "Nowak", "Lis", "Wrona", "Zając")


def statements(seed: int, families: int = 24) -> list[ContactSeen]:
    """About ten statements a family: a shared mailbox and landline, own mobiles, typing errors, a visitor's device."""
    rng = random.Random(seed)
    told: list[ContactSeen] = []
    for number in range(families):
        family = rng.choice(FAMILY)
        home = {"city": "Kraków", "street": "ul. Długa", "house_number": str(number % 7 + 1), "postcode": "31-146"}
        for person in range(rng.randint(1, 3)):
            given, mobile = rng.choice(GIVEN), f"60{number:04d}{person:03d}"
            own, shared = f"{given.lower()}.{number}.{person}@wp.pl", f"rodzina{number}@wp.pl"
            key = f"{number}-{person}"
            told += [
                seen(f"shop-{key}", given, family, email=own, phone=mobile, device=f"d-{key}", **home),
                seen(f"till-{key}", given[0], family, phone=mobile, source="till"),
                seen(f"list-{key}", email=rng.choice([own, shared]), source="list"),
                seen(f"chat-{key}", given, family[:-1], email=shared, source="chat", at=rng.randint(0, 9)),
                seen(f"anon:{key}", device=f"d-{key}", anonymous=True, source="web"),
            ]
    return told


def base(seed: int) -> whole.Base:
    """The same statements folded without a database, for the pure definition of the partition."""
    by_ref: dict[ContactRef, list[ContactSeen]] = {}
    for statement in statements(seed):
        by_ref.setdefault(statement.ref, []).append(statement)
    states = {number: folding.fold(None, told) for number, told in enumerate(by_ref.values())}
    keys = dict(enumerate((ref.source, ref.external_id) for ref in by_ref))
    forms = {
        n: compared_form(state.fields, state.identifiers, names=state.names, anonymous=state.anonymous)
        for n, state in states.items()
    }
    devices = {n: [value for kind, value in state.identifiers if kind == "device"] for n, state in states.items()}
    return whole.Base(forms, keys, devices, [])


def receive_share(share: int, of: int, seed: int) -> None:
    """Receive one process's part, shuffled, each statement in a transaction of its own, as a worker would."""
    from crm360.identity import operations
    from crm360.kernel.db import db
    from wsgi import app

    mine = statements(seed)[share::of]
    random.Random(share).shuffle(mine)
    with app.app_context():
        for statement in mine:
            recorded = operations.record_contacts(seen=[statement], now=NOW)
            operations.resolve(contact_ids=recorded.changed, before=recorded.before, now=NOW)
            db.session.commit()


def receive_in_processes(of: int, seed: int) -> list[int]:
    """Receive every part, each in a process of its own; their exit codes. The code is loaded once and forked."""
    import wsgi  # noqa: F401 - loaded before the forks, so that none of them loads it again

    context = multiprocessing.get_context("fork")
    started = [context.Process(target=receive_share, args=(share, of, seed)) for share in range(of)]
    for process in started:
        process.start()
    for process in started:
        process.join(1200)
    return [process.exitcode if process.exitcode is not None else -1 for process in started]


if __name__ == "__main__":
    sys.exit(max(map(abs, receive_in_processes(*map(int, sys.argv[1:3])))))
