"""What answers about who is who look like."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from crm360.api.schemas import Decision, listed, moment, number, word


def in_bits(about: str = "In bits (log2 of how much more likely one person is).") -> fields.Float:
    return fields.Float(required=True, metadata={"description": about})


def flag(about: str = "") -> fields.Boolean:
    return fields.Boolean(required=True, metadata={"description": about} if about else {})


class Finding(ma.Schema):
    """How one field of two records compares."""

    field = word("email, phone, card, name, given_name, family_name, birth_date, address, …")
    level = word("How well the two values agree, in a word or two.")
    bits = in_bits("What it adds to the weight; below zero it speaks against.")
    left = word("As compared: normalised.")
    right = word("As compared: normalised.")


class Thresholds(ma.Schema):
    """Lines a weight is held against, in bits."""

    prior = in_bits("What any pair begins with.")
    review = in_bits("From here on a person is asked.")
    join = in_bits("From here on records join.")


class IdentifierKey(ma.Schema):
    """A value records are looked up by."""

    kind = word("Of identifier, or of rule: name, area-name, door, born-name, …")
    value = word()


class ProfileLikeness(ma.Schema):
    """A profile that may be the person, by the most alike of its records."""

    profile_id = number()
    href = word()
    display_name = word()
    city = word()
    contact_id = number("The most alike of its records.")
    weight = in_bits()
    verdict = word("join, review, apart, conflict")
    conflict = word("What forbids joining whatever else agrees; empty when nothing does.")
    evidence = listed(Finding)


class Resolution(ma.Schema):
    model = word("The model that weighed.")
    thresholds = fields.Nested(Thresholds, required=True)
    profile_id = number("Whom a record with this data would join; null: it would be a new customer.", allow_none=True)
    items = listed(ProfileLikeness)
    ignored = listed(IdentifierKey)
    unreadable = fields.List(
        fields.String(), required=True, metadata={"description": "Kinds of identifiers given that hold none."}
    )


class ContactPair(ma.Schema):
    """A stored pair: alike enough to be asked about, or more."""

    contact_id = number("The other record.")
    profile_id = number("Where the other record is now.", allow_none=True)
    display_name = word()
    together = flag("Both records are one customer now.")
    weight = in_bits()
    evidence = listed(Finding)
    model = word()


class ContactPairPage(ma.Schema):
    contact_id = number()
    thresholds = fields.Nested(Thresholds, required=True)
    items = listed(ContactPair)
    next_cursor = word("Null on the last page.", allow_none=True)


class ContactEnd(ma.Schema):
    contact_id = number()
    profile_id = number("Null for a visitor nobody named.", allow_none=True)


class Bar(ma.Schema):
    """One bar of a waterfall, in the order of drawing."""

    kind = word("prior, for, against, held (a rule limits the sum), total")
    field = word("Of the finding; empty for prior, held and total.")
    level = word()
    bits = in_bits("What it adds; of `total` the whole.")
    sum = in_bits("What has come together with it.")


class DecisionSaid(ma.Schema):
    decision_id = number()
    same = flag()


class Tie(ma.Schema):
    """One link between two records: by evidence, or by a decision."""

    left_contact_id = number()
    right_contact_id = number()
    weight = fields.Float(required=True, allow_none=True, metadata={"description": "In bits; null for a decision."})
    decision_id = number("Null for evidence.", allow_none=True)
    evidence = listed(Finding)


class Explanation(ma.Schema):
    left = fields.Nested(ContactEnd, required=True)
    right = fields.Nested(ContactEnd, required=True)
    together = flag("Both records are one customer now.")
    verdict = word("decided, conflict, join, never compared, review, apart")
    conflict = word("What forbids joining whatever else agrees; empty when nothing does.")
    model = word()
    thresholds = fields.Nested(Thresholds, required=True)
    weight = in_bits()
    evidence = listed(Finding)
    waterfall = listed(Bar)
    shared = listed(IdentifierKey)
    ignored = listed(IdentifierKey)
    decisions = listed(DecisionSaid)
    path = listed(Tie)


class ConnectionPage(ma.Schema):
    profile_id = number()
    items = listed(Tie)
    next_cursor = word("Null on the last page.", allow_none=True)


class IdentityStep(ma.Schema):
    """Something that joined or parted records."""

    kind = word("merge, split, different (decisions); evidence, undo (moves)")
    decision_id = number("Null for a move by evidence.", allow_none=True)
    made_at = moment()
    made_by = word("Empty for evidence.")
    reason = word()
    profile_ids = listed(fields.Integer())
    undone_at = moment(allow_none=True)
    undone_by = word()
    can_undo = flag("`POST /decisions/{id}/undo` takes it back.")


class IdentityHistory(ma.Schema):
    profile_id = number()
    items = listed(IdentityStep)
    next_cursor = word("Null on the last page.", allow_none=True)


class DecisionPage(ma.Schema):
    items = listed(IdentityStep)
    next_cursor = word("Null on the last page.", allow_none=True)


class Split(Decision):
    """The answer to a split: `profile_id` is where the rest stays."""

    split_off_id = number("Where the chosen records are now.")


class ReviewEnd(ma.Schema):
    contact_id = number()
    profile_id = number()
    href = word()
    display_name = word()
    city = word()


class HeldReason(ma.Schema):
    """Why the pair waits: not sure enough (doubt), or sure and held by a conflict, a limit, or the records as a whole."""

    reason = word("doubt, conflict, limit or whole.")
    detail = word("Of a conflict what contradicts; of a limit the kind of value.")
    count = number("Of a limit: how many values one customer would have.")
    most = number("Of a limit: how many evidence alone allows.")


class Review(ma.Schema):
    """A question to a person: are these two one customer?"""

    left = fields.Nested(ReviewEnd, required=True)
    right = fields.Nested(ReviewEnd, required=True)
    weight = in_bits()
    evidence = listed(Finding)
    held = fields.Nested(HeldReason, required=True)


class ReviewPage(ma.Schema):
    model = word()
    thresholds = fields.Nested(Thresholds, required=True)
    items = listed(Review)
    next_cursor = word("Null on the last page.", allow_none=True)


class SharedIdentifier(IdentifierKey):
    """A value that joins nobody, and why."""

    reason = word()
    count = number("People or records it was seen with, as far as counted.")


class SharedIdentifierPage(ma.Schema):
    items = listed(SharedIdentifier)
    next_cursor = word("Null on the last page.", allow_none=True)
