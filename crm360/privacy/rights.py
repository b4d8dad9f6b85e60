"""What may be asked, what showing who one is takes for it, and on which grounds it is refused. Pure."""

from __future__ import annotations

from typing import NamedTuple


class Right(NamedTuple):
    """`article` of the GDPR; `level` of proof: 0 none, 1 a code to an address on file. Titles are keys of translations."""

    code: str
    article: str
    title: str
    level: int


RIGHTS: dict[str, Right] = {
    each.code: each
    for each in (
        Right("access", "15", "Copy of the data", 1),
        Right("rectification", "16", "Correction", 1),
        Right("erasure", "17", "Erasure", 1),
        Right("restriction", "18", "Restriction", 1),
        Right("portability", "20", "Data to take along", 1),
        Right("objection", "21", "Objection to marketing", 0),
        Right("withdrawal", "7(3)", "Withdrawal of consents", 0),
        Right("shop_erasure", "17", "Erasure of a whole shop", 0),
    )
}
#: Rights anybody may claim by the form; whole shops ask by webhook.
ASKED_BY_PEOPLE = tuple(code for code in RIGHTS if code != "shop_erasure")

#: Ground of a refusal → its words; with it goes how to complain (Article 12(4)).
GROUNDS: dict[str, str] = {
    "not_identified": "We could not establish that the request comes from the person (Art. 12(2), 11).",
    "no_match": "We hold no data about the person (Art. 15(1)).",
    "manifestly_unfounded": "The request is manifestly unfounded or excessive (Art. 12(5)).",
    "legal_obligation": "A law obliges us to keep the data (Art. 17(3)(b)).",
    "legal_claims": "The data are needed for legal claims (Art. 17(3)(e)).",
    "rights_of_others": "It would adversely affect the rights of others (Art. 15(4), 20(4)).",
}

#: What outlives an erasure: name, what it is, on which ground.
STAYS: tuple[tuple[str, str, str], ...] = (
    ("suppressions", "Keyed digests of addresses nobody may write to", "Art. 21(3), 17(3)(b)"),
    ("ledger", "Headers of consent statements under a pseudonym nobody can resolve, and salted commitments", "Art. 17(3)(e)"),
    ("case", "This request and what was done", "Art. 5(2)"),
    ("books", "Purchase documents without their buyer", "Art. 17(3)(b)"),
    ("tombstones", "Keyed digests by which imports and restored backups know that the person was erased", "Art. 17(3)(b), 5(2)"),
    ("notices", "That recipients were told", "Art. 19"),
    ("access_log", "Which colleague read which customer number, and when", "Art. 5(2), 32"),
)  # fmt: skip


def needs_proof(right: str) -> bool:
    """Whether the requester must first show who they are."""
    return right in RIGHTS and RIGHTS[right].level > 0
