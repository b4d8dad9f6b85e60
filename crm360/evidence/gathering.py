"""What a pack holds of a person: statements with their leaves and proofs, the texts shown, the letters that relied on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select

from crm360.consents import ledger, merkle, queries
from crm360.consents.models import Checkpoint, Leaf, Notice, Opening, Statement
from crm360.identity.queries import contact_ids
from crm360.kernel.batches import chunked
from crm360.kernel.db import db
from crm360.kernel.errors import Conflict
from crm360.outbox.models import Letter, Permit


class NothingToProve(Conflict):
    """Nobody stated anything about this customer's addresses."""


class Proved(NamedTuple):
    """A statement, what the ledger keeps of it, what opens that, and its way to the signed root."""

    statement: Statement
    leaf: Leaf
    salt: str
    proof: Sequence[bytes]


class Sent(NamedTuple):
    """A letter and the last decision about it; None when it was promised before decisions were kept."""

    letter: Letter
    permit: Permit | None


class Gathered(NamedTuple):
    """Everything of one person, the oldest statement first."""

    statements: Sequence[Proved]
    notices: Sequence[Notice]
    letters: Sequence[Sent]


def gather(profile_id: int, *, mark: Checkpoint | None) -> Gathered:
    """What a pack of this profile holds, proved under the checkpoint. Raises NothingToProve."""
    said = queries.statements_of(profile_id)
    if not said or mark is None:
        raise NothingToProve("Nobody stated anything about this customer's addresses.")
    rows = _leaves([each.id for each in said])
    proofs = merkle.inclusions(ledger.leaf_hashes(upto=mark.size), [leaf.tree_index for leaf, _ in rows.values()])
    statements = [Proved(each, *rows[each.id], proofs[rows[each.id][0].tree_index]) for each in said]
    statements.sort(key=lambda each: each.leaf.tree_index)
    return Gathered(statements, notices_named(each.statement.notice for each in statements), letters_of(profile_id))


def places(statement_ids: Sequence[int]) -> dict[int, Leaf]:
    """Statement id → its leaf."""
    return {statement: leaf for statement, (leaf, _) in _leaves(statement_ids).items()}


def notices_named(names: Iterable[str]) -> list[Notice]:
    """The texts these names of notices mean, in every language they were shown in."""
    wanted = sorted({name for name in names if name})
    label = Notice.code.concat("@").concat(func.cast(Notice.version, Notice.code.type))
    query = select(Notice).where(or_(Notice.text_sha256.in_(wanted), label.in_(wanted)))
    return list(db.session.scalars(query.order_by(Notice.code, Notice.version, Notice.locale)))


def letters_of(profile_id: int) -> list[Sent]:
    """Letters to a profile, the latest first, each with what was decided about it last."""
    query = select(Letter).where(Letter.contact_id.in_(contact_ids(profile_id)))
    letters = list(db.session.scalars(query.order_by(Letter.created_at.desc(), Letter.id.desc())))
    permits = permits_of([letter.id for letter in letters])
    return [Sent(letter, permits.get(letter.id)) for letter in letters]


def permits_of(letter_ids: Sequence[int]) -> dict[int, Permit]:
    """Letter id → the last decision about it."""
    found: dict[int, Permit] = {}
    for some in chunked(letter_ids):
        for permit in db.session.scalars(select(Permit).where(Permit.letter_id.in_(some)).order_by(Permit.id)):
            found[permit.letter_id] = permit
    return found


def _leaves(statement_ids: Sequence[int]) -> dict[int, tuple[Leaf, str]]:
    found: dict[int, tuple[Leaf, str]] = {}
    query: Any = select(Opening.statement_id, Leaf, Opening.salt).join(Leaf, Leaf.tree_index == Opening.tree_index)
    for some in chunked(statement_ids):
        for statement, leaf, salt in db.session.execute(query.where(Opening.statement_id.in_(some))):
            found[statement] = (leaf, salt)
    return found
