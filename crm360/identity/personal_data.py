"""How a person's contacts go, with everything that was concluded from them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, or_, select, tuple_, update

from crm360.identity import ruling
from crm360.identity.models import (
    BlockingKey,
    Contact,
    ContactIdentifier,
    Decision,
    DecisionLink,
    Edge,
    GroupKey,
    Lineage,
    SourceLink,
    Unresolved,
    ValueRule,
    ValueRuleLifted,
)
from crm360.kernel.db import db
from crm360.kernel.personal_data import Columns, Erasers, Keeps, Rows, Whom


def erase_decisions(whom: Whom) -> None:
    """A decision stays as an act of staff; the names it showed and the pairs it spoke of go."""
    about = or_(DecisionLink.left_id.in_(whom.contact_ids), DecisionLink.right_id.in_(whom.contact_ids))
    touched = select(DecisionLink.decision_id).where(about)
    db.session.execute(update(Decision).where(Decision.id.in_(touched)).values(context={}, reason=""))
    db.session.execute(delete(DecisionLink).where(about))


def erase_source_links(whom: Whom) -> None:
    theirs = select(Contact.source, Contact.external_id).where(Contact.id.in_(whom.contact_ids))
    about = or_(SourceLink.contact_id.in_(whom.contact_ids), tuple_(SourceLink.source, SourceLink.former).in_(theirs))
    db.session.execute(delete(SourceLink).where(about).execution_options(synchronize_session=False))


def erase_lineage(whom: Whom) -> None:
    db.session.execute(delete(Lineage).where(Lineage.contact_id.in_(whom.contact_ids)))


def erase_edges(whom: Whom) -> None:
    either = or_(Edge.left_id.in_(whom.contact_ids), Edge.right_id.in_(whom.contact_ids))
    db.session.execute(delete(Edge).where(either))


def erase_blocking_keys(whom: Whom) -> None:
    db.session.execute(delete(BlockingKey).where(BlockingKey.contact_id.in_(whom.contact_ids)))


def erase_group_keys(whom: Whom) -> None:
    db.session.execute(delete(GroupKey).where(GroupKey.contact_id.in_(whom.contact_ids)))


def erase_unresolved(whom: Whom) -> None:
    db.session.execute(delete(Unresolved).where(Unresolved.contact_id.in_(whom.contact_ids)))


def erase_identifiers(whom: Whom) -> None:
    db.session.execute(delete(ContactIdentifier).where(ContactIdentifier.contact_id.in_(whom.contact_ids)))


def erase_value_rules(whom: Whom) -> None:
    """What was called this person's own; a blocked value was said to be nobody's and stays blocked."""
    key = ContactIdentifier.kind.concat(":").concat(ContactIdentifier.normal)
    mine = select(key).where(ContactIdentifier.contact_id.in_(whom.contact_ids))
    rules = select(ValueRule.id).where(ValueRule.key.in_(mine), ValueRule.rule == ruling.PERSONAL)
    gone = list(db.session.scalars(rules))
    db.session.execute(delete(ValueRuleLifted).where(ValueRuleLifted.rule_id.in_(gone)))
    db.session.execute(delete(ValueRule).where(ValueRule.id.in_(gone)))


def erase_contacts(whom: Whom) -> None:
    """Last of all: every fact hangs on a contact."""
    db.session.execute(delete(Contact).where(Contact.id.in_(whom.contact_ids)))


ERASERS: Erasers = {
    "identity_source_link": erase_source_links,
    "identity_decision_link": erase_decisions,
    "identity_decision": erase_decisions,
    "identity_lineage": erase_lineage,
    "identity_edge": erase_edges,
    "identity_blocking_key": erase_blocking_keys,
    "identity_group_key": erase_group_keys,
    "identity_unresolved": erase_unresolved,
    "identity_value_rule": erase_value_rules,
    "identity_value_rule_lifted": erase_value_rules,
    "identity_identifier": erase_identifiers,
    "identity_contact": erase_contacts,
}
KEEPS: Keeps = {
    "identity_profile": "a number and a date; a number is never given twice",
    "identity_redirect": "which number leads to which",
    "identity_decision_undone": "who took a decision back and when",
    "identity_model": "what agreement on a name or a town says in general, learned from many; no one person's record",
    "identity_model_activation": "which model staff chose and when",
    "identity_study": "numbers about models, and ids of records without what they held",
    "identity_limit": "how many of a kind a customer collects; says nothing of anybody",
    "identity_weak_value": "values borne by too many to point at a person; counted anew from what is left",
}
COLUMNS: Columns = {
    "identity_profile": {"link": "id", "time": "created_at"},
    "identity_redirect": {"link": "profile_id target_id", "time": "since"},
    "identity_contact": {
        "link": "id profile_id home_profile_id",
        "identity": "external_id fields attributes source_tags",
        "conclusions": "compared",
        "kind": "source anonymous",
        "time": "source_tags_at first_seen_at last_seen_at created_at",
    },
    "identity_unresolved": {"link": "contact_id"},
    "identity_identifier": {
        "link": "id contact_id",
        "contact": "value normal verified",
        "kind": "kind",
        "time": "first_seen_at last_seen_at",
    },
    "identity_blocking_key": {"pseudonym": "key", "link": "contact_id"},
    "identity_group_key": {"conclusions": "key", "link": "contact_id"},
    "identity_weak_value": {"settings": "key reason count"},
    "identity_edge": {"link": "left_id right_id", "conclusions": "weight barred"},
    "identity_decision": {
        "link": "id",
        "mixed": "reason context",
        "kind": "kind",
        "time": "made_at",
        "staff": "made_by",
    },
    "identity_source_link": {
        "link": "id contact_id decision_id",
        "identity": "former",
        "kind": "source",
        "time": "said_at",
    },
    "identity_decision_undone": {"link": "decision_id", "time": "undone_at", "staff": "undone_by reason"},
    "identity_decision_link": {"link": "decision_id left_id right_id", "conclusions": "same"},
    "identity_lineage": {
        "link": "id contact_id from_profile_id to_profile_id decision_id",
        "conclusions": "cause",
        "time": "at",
    },
    "identity_model": {
        "settings": "id name fingerprint document trained_on created_at",
        "staff": "created_by",
    },
    "identity_model_activation": {
        "settings": "id model_id requested_at effective_at reason",
        "staff": "requested_by",
    },
    "identity_value_rule": {
        "link": "id",
        "contact": "key value",
        "remarks": "reason",
        "kind": "rule",
        "time": "made_at",
        "staff": "made_by",
    },
    "identity_value_rule_lifted": {"link": "rule_id", "time": "lifted_at", "staff": "lifted_by"},
    "identity_limit": {"settings": "kind most set_at applied_at", "staff": "set_by"},
    "identity_study": {
        "settings": "id kind question asked_at started_at finished_at answer failure",
        "staff": "asked_by",
    },
}


def _personal_rules(whom: Whom) -> Any:
    key = ContactIdentifier.kind.concat(":").concat(ContactIdentifier.normal)
    mine = select(key).where(ContactIdentifier.contact_id.in_(whom.contact_ids))
    return ValueRule.key.in_(mine) & (ValueRule.rule == ruling.PERSONAL)


def _decided(whom: Whom) -> Any:
    return or_(DecisionLink.left_id.in_(whom.contact_ids), DecisionLink.right_id.in_(whom.contact_ids))


ROWS: Rows = {
    "identity_contact": lambda whom: Contact.id.in_(whom.contact_ids),
    "identity_identifier": lambda whom: ContactIdentifier.contact_id.in_(whom.contact_ids),
    "identity_source_link": lambda whom: SourceLink.contact_id.in_(whom.contact_ids),
    "identity_decision": lambda whom: Decision.id.in_(select(DecisionLink.decision_id).where(_decided(whom))),
    "identity_decision_link": _decided,
    "identity_lineage": lambda whom: Lineage.contact_id.in_(whom.contact_ids),
    "identity_edge": lambda whom: or_(Edge.left_id.in_(whom.contact_ids), Edge.right_id.in_(whom.contact_ids)),
    "identity_group_key": lambda whom: GroupKey.contact_id.in_(whom.contact_ids),
    "identity_blocking_key": lambda whom: BlockingKey.contact_id.in_(whom.contact_ids),
    "identity_unresolved": lambda whom: Unresolved.contact_id.in_(whom.contact_ids),
    "identity_value_rule": _personal_rules,
    "identity_value_rule_lifted": lambda whom: ValueRuleLifted.rule_id.in_(
        select(ValueRule.id).where(_personal_rules(whom))
    ),
}
