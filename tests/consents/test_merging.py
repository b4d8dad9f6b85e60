"""What nine products do to consents at a merge, each as something that must not happen here.

Seen in the field (documentation and issue trackers; PRIVACY.md, sections 2 and 3): the survivor's flag wins, the newest
row wins, the most permissive wins, an import revives, the opt-out hangs on the row that disappears, a split forgets.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm360.consents import as_of, asking
from tests.consents.twin import Twin

DAY = timedelta(days=1)


class Two(Twin):
    """Two people with an address each, `one` and `other`; c@x.pl is both's."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.one, self.other = self.arrive(["a@x.pl", "c@x.pl"]), self.arrive(["b@x.pl", "c@x.pl"])
        self.tick(DAY)

    def join(self) -> None:
        self.tick(DAY)
        self.merge(self.place[self.one], self.place[self.other])
        self.tick(DAY)

    def may(self, contact: int, address: str, purpose: str = "marketing") -> tuple[bool, str]:
        (said,) = asking.ask([asking.Question(contact, "email", address, purpose, "email")], now=self.now)
        return said.permitted, said.reason


@pytest.fixture
def two(session: Any) -> Two:
    return Two(session)


def test_the_opt_out_of_the_record_that_disappears_is_not_lost(two: Two) -> None:
    two.say(two.other, "c@x.pl", "marketing", "withdrawn", "B")
    two.say(two.one, "c@x.pl", "marketing", "given", "B")
    two.join()
    assert two.may(two.one, "c@x.pl") == (False, "withdrawn")


def test_the_newest_row_does_not_win(two: Two) -> None:
    two.say(two.one, "c@x.pl", "marketing", "withdrawn", "D")
    two.tick(DAY)
    two.say(two.other, "c@x.pl", "marketing", "given", "B")
    two.join()
    assert two.may(two.other, "c@x.pl") == (False, "withdrawal_outweighs")


def test_an_older_grant_is_not_resurrected_when_the_withdrawing_record_is_parted(two: Two) -> None:
    two.say(two.one, "c@x.pl", "marketing", "given", "A")
    two.tick(DAY)
    two.say(two.other, "c@x.pl", "marketing", "withdrawn", "B")
    two.join()
    two.split([two.other], two.place[two.one])
    two.tick()
    assert two.may(two.one, "c@x.pl") == (False, "withdrawn")


def test_the_permissive_record_does_not_lend_its_consent_to_the_other_address(two: Two) -> None:
    two.say(two.one, "a@x.pl", "marketing", "given", "A")
    two.join()
    assert two.may(two.one, "a@x.pl") == (True, "consent_given")
    assert two.may(two.one, "b@x.pl") == (False, "nothing_stated")


def test_who_subscribes_again_with_proof_is_not_kept_out_for_ever(two: Two) -> None:
    two.say(two.one, "c@x.pl", "marketing", "withdrawn", "B")
    two.join()
    two.say(two.one, "c@x.pl", "marketing", "given", "A")
    assert two.may(two.one, "c@x.pl") == (True, "consent_renewed")


def test_an_import_after_the_merge_revives_nothing(two: Two) -> None:
    two.say(two.one, "c@x.pl", "marketing", "withdrawn", "B")
    two.join()
    for grade in "BCD":
        two.tick(DAY)
        two.say(two.other, "c@x.pl", "marketing", "given", grade)
        assert not two.may(two.other, "c@x.pl")[0]


def test_an_objection_of_either_covers_both_and_new_records_of_theirs(two: Two) -> None:
    two.say(two.one, "a@x.pl", "marketing", "given", "A")
    two.stop(two.place[two.other], "objection_marketing")
    two.join()
    assert two.may(two.one, "a@x.pl") == (False, "objection_marketing")
    stranger = two.arrive(["b@x.pl"])
    two.say(stranger, "b@x.pl", "marketing", "given", "A")
    assert two.may(stranger, "b@x.pl") == (False, "shared_objection")


def test_a_profiling_yes_of_one_does_not_cover_the_others_data(two: Two) -> None:
    two.say(two.one, "a@x.pl", "profiling", "given", "A")
    assert two.may(two.one, "a@x.pl", "profiling")[0]
    two.join()
    assert two.may(two.one, "a@x.pl", "profiling") == (False, "not_reaffirmed")
    two.say(two.other, "b@x.pl", "profiling", "given", "A")
    assert two.may(two.one, "a@x.pl", "profiling")[0]


def test_a_likely_link_borrows_nothing_from_who_refused(session: Any) -> None:
    world = Twin(session)
    one, other = world.arrive(["a@x.pl"]), world.arrive(["b@x.pl"])
    world.say(one, "a@x.pl", "marketing", "given", "A")
    world.say(other, "b@x.pl", "marketing", "withdrawn", "B")
    world.tick(DAY)
    world.merge(world.place[one], world.place[other])
    world.tick()
    question = asking.Question(one, "email", "a@x.pl", "marketing", "email")
    assert asking.ask([question], now=world.now)[0].reason == "unconfirmed_link"
    then = world.now - DAY
    assert as_of.verdicts([question], at=then, known=then)[0].permitted


def test_what_was_stopped_while_they_were_one_is_both_ones_after_the_split(two: Two) -> None:
    two.join()
    two.stop(two.place[two.one], "restriction")
    two.say(two.one, "c@x.pl", "newsletter", "given", "A")
    two.tick(DAY)
    two.split([two.other], two.place[two.one])
    two.tick()
    for contact in (two.one, two.other):
        assert two.may(contact, "c@x.pl", "service") == (False, "restriction")
    two.lift(two.place[two.one])
    two.lift(two.place[two.other])
    assert two.may(two.one, "c@x.pl", "newsletter") == (False, "nothing_stated"), "nobody can say whose yes it was"


def test_an_address_that_passed_on_starts_anew(two: Two) -> None:
    two.say(two.one, "a@x.pl", "marketing", "given", "A")
    two.tick(DAY)
    stranger = two.arrive(["a@x.pl"])
    two.pass_on("a@x.pl", stranger)
    two.tick(DAY)
    assert two.may(two.one, "a@x.pl") == (False, "address_reassigned")
    assert two.may(stranger, "a@x.pl") == (False, "nothing_stated")
    two.say(stranger, "a@x.pl", "marketing", "given", "B")
    assert two.may(stranger, "a@x.pl") == (True, "consent_given")


def test_a_bare_claim_does_not_open_what_the_former_holder_was_stopped_for(two: Two) -> None:
    stranger = two.arrive(["a@x.pl"])
    two.stop(two.place[two.one], "restriction")
    two.pass_on("a@x.pl", stranger)
    two.tick(DAY)
    for grade, permitted in (("D", False), ("B", True)):
        two.say(stranger, "a@x.pl", "service", "given", grade)
        assert two.may(stranger, "a@x.pl", "service")[0] == permitted
