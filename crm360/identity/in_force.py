"""The model in force: the one that pairs are judged by, online and in batches."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import insert, select

from crm360.identity import model_versions, shipped
from crm360.identity.engine import model as documents
from crm360.identity.engine.judging import Judge
from crm360.identity.models import MatchingModel, ModelActivation
from crm360.kernel import asking
from crm360.kernel.db import db

#: Who stores and chooses the model that comes with the program.
SHIPPED_BY = "crm360"
SHIPPED_NAME = "shipped"

#: Where a session keeps what it read in its transaction.
_MEMO = "model in force"
_NEWEST = (
    select(MatchingModel.id, MatchingModel.name, MatchingModel.fingerprint)
    .join(ModelActivation, ModelActivation.model_id == MatchingModel.id)
    .where(ModelActivation.effective_at.is_not(None))
    .order_by(ModelActivation.id.desc())
    .limit(1)
)


class InForce(NamedTuple):
    """A model ready to judge by; `id` None: the shipped one, which is stored with the first contact."""

    id: int | None
    name: str
    judge: Judge


def current() -> InForce:
    """The model in force: one small statement a transaction, for those who only read."""
    transaction = db.session().get_transaction()
    known = db.session.info.get(_MEMO)
    if known is None or transaction is None or known[0] is not transaction:
        found = _read()
        known = db.session.info[_MEMO] = (db.session().get_transaction(), found)
    return cast("InForce", known[1])


def _read() -> InForce:
    """One small statement; the document is read when it is another than last time."""
    newest = asking.rows(db.session, _NEWEST)
    if not newest:
        return InForce(None, SHIPPED_NAME, shipped.judge())
    model_id, name, fingerprint = newest[0]
    return InForce(model_id, name, _judge(fingerprint, model_id))


def settled(*, now: datetime) -> InForce:
    """The same, for writers who hold the partition's lock: with the first contact a model takes effect.

    It is the shipped one, unless somebody chose another before. So an upgrade that ships another changes nothing until
    somebody chooses it.
    """
    forget()
    if current().id is not None:
        return current()
    forget()
    if chosen := model_versions.next_activation():
        model_versions.make_effective(activation_id=chosen.id, now=now)
        return current()
    stored = model_versions.store(document=shipped.document(), by=SHIPPED_BY, name=SHIPPED_NAME, now=now)
    row = {"model_id": stored, "requested_at": now, "requested_by": SHIPPED_BY, "effective_at": now}
    db.session.execute(insert(ModelActivation).values(**row))
    return current()


def forget() -> None:
    """Look again, whatever this transaction read before: writers, and whoever put a model in force."""
    db.session.info.pop(_MEMO, None)


def judge_of(model_id: int) -> Judge:
    """A stored version, ready to judge by. Raises ModelNotFound."""
    found = model_versions.get(model_id)
    return _judge(found.fingerprint, found.id)


_known: dict[str, Judge] = {}


def _judge(fingerprint: str, model_id: int) -> Judge:
    """By the document's fingerprint: a version never changes, so what was read once is right."""
    if fingerprint not in _known:
        document = db.session.scalar(select(MatchingModel.document).where(MatchingModel.id == model_id))
        _known[fingerprint] = Judge(documents.from_document(document))
        while len(_known) > 4:
            del _known[next(iter(_known))]
    return _known[fingerprint]
