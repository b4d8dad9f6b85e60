"""Messages of the rooms' errors in the reader's language. Rooms know no languages: their sentences are English.

A sentence is found again by its pattern: what stands in its holes is carried over. One that counts is written twice,
for one and for many; its first hole is the count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from flask_babel import gettext, ngettext

Sentence = str | tuple[str, str]
Patterns = tuple[tuple[Sentence, re.Pattern[str]], ...]

_HOLE = re.compile(r"%\((\w+)\)s")


def _(sentence: str) -> str:
    """Marks a sentence for the catalogue; it is translated when it is shown."""
    return sentence


def _n(one: str, many: str) -> tuple[str, str]:
    """Marks a sentence that counts."""
    return one, many


SENTENCES = (
    _("Campaigns are for purposes people are asked about; this one needs no consent."), _("A test goes to a colleague’s address."),
    _("This is not written as Liquid is."),
    _("This suggestion is gone."), _("Several customers match. Choose one from the list, or type their number."),
    _("No customer matches. Type a name, an e-mail address, a phone or a number."),
    _("Somebody in this file was erased and their lines are gone: check the file again, or upload it anew."),
    _("Some choices of the scheduled file cannot be used."), _("A file is kept 1 to %(num)s days."),
    _("There is no scheduled file %(id)s."), _("That is no folder."), _("The folder must lie below EXPORT_ROOT."),
    _("Imports watch this folder; choose another one."), _("The segment is archived."), _("EXPORT_ROOT is not there."),
    _("%(kind)s while writing the file."),
    _("A value may be missing; give it a default."),
    _("Nobody has such a value."),
    _("This takes too long or becomes too long."),
    _("A message needs a subject and a text or HTML."),
    _("A template needs a name."),
    _("This customer has no such address."),
    _("Nobody we know was seen with this address."),
    _("Nothing stands against each other there any more."),
    _("Write a subject and a message, in one language at least."),
    _("A block is called by small letters, digits, - and _."),
    _("This is one given name."),
    _("This number is too small or too great."),
    _("A winner is found by clicks, opens or purchases."),
    _("Some choices of the campaign cannot be used."),
    _("A campaign needs a name."),
    _("A campaign needs a purpose."),
    _("Campaigns go by e-mail."),
    _("Choose whom the campaign is for."),
    _("A campaign needs one to five messages."),
    _("This moment has passed."),
    _("This cannot be done with the campaign as it is now."),
    _("This is no date and time."),
    _("There is no template %(id)s."),
    _("There is no campaign %(id)s."),
    _("This recipient is not kept here any more."),
    _("There is no case %(id)s."), _("This case is past that."), _("First the requester has to show who they are."),
    _("Choose what was asked for, and on which day it came."), _("The clock of this case rests already."),
    _("The clock of this case runs."), _("Say why more time is needed; the requester is told."), _("Say why."),
    _("This case was extended already; the law allows it once."),
    _("The first month is over; it cannot be extended any more."),
    _("Nobody known is linked to this case; refuse it, or link the customer first."), _("Choose the ground."),
    _("First tell the person that the restriction ends."), _("Enough codes were sent today. Please try again tomorrow."),
    _("This code is wrong or too old."), _("What you told us beside the code is not what we know."),
    _("There is no e-mail address of this customer on file. Verify them another way."),
    _("This package was taken away already, or its time is over. Please ask for it again."),
    _("A package is being made already."), _("The data of this person are restricted: only the privacy desk sees them."),
    _("The data of this person are restricted: nobody changes them until the restriction ends."),
    _("A password needs at least %(num)s characters."), _("A password may have at most %(num)s characters."),
    _("There is no staff member %(id)s."), _("There is no key %(id)s."), _("%(address)s already has an account."),
    _("This value already is a key."), _("%(text)s is not an e-mail address."),
    _("The role must be one of %(roles)s, not %(text)s."), _("A key is of the kind %(kinds)s, not %(text)s."),
    _("A key needs a name of at most %(num)s printable characters, without a slash."),
    _("A write key has no role: it can only send events."),
    _("A given %(kind)s key needs %(num)s to 200 printable ASCII characters."),
    _("A merge needs two different customers."),
    _("Choose some of this customer's records, not none and not all of them."),
    _("Two different customers are needed to tell apart."), _("There is no decision %(id)s."),
    _("This decision has been undone already."), _("There is no customer %(id)s."), _("There is no contact %(id)s."),
    _("There is no customer record %(id)s."), _("There is no note %(id)s."), _("A note needs some text."),
    _("A note has at most %(num)s characters."), _("A tag needs a name."), _("A tag has at most %(num)s characters."),
    _("Choose a value, or type one."), _("A value has at most %(num)s characters."),
    _("A date is needed, such as 1984-05-06."), _("%(field)s is no field that can be pinned."),
    _("The shop must be open on one day at least."), _("A day must open before it closes."),
    _("A promise needs at least a minute."),
    _("There is no payload %(id)s."), _("There is no source %(name)s."), _("There is a source %(name)s already."),
    _("A source needs a name of at most %(num)s printable characters, without a slash."),
    _("Another poller took over %(name)s."), _("There is no notice %(code)s."),
    _("There is no webhook endpoint %(id)s."), _("There is no delivery %(id)s."),
    _("This endpoint is paused. Resume it first."),
    _("An address such as https://erp.example/hooks is needed, without a name or password in it."),
    _("A description has at most %(num)s printable characters."), _("There is no event %(kind)s; there are: %(kinds)s."),
    _("Paste the secret the vendor shows."),
    _("This source has sent something and can only be paused: what it told stays traceable."),
    _("There is no such channel."), _("Some settings cannot be used."),
    _("The purpose cannot be kept like this."), _("The text cannot be kept like this."), _("Nothing was changed."),
    _("The hold cannot be kept like this."), _("There is no hold %(id)s."), _("This hold was settled already."),
    _("Another colleague must approve the hold you asked for."), _("Say why the hold is released."),
    _("The review must be on a day to come."), _("Say on which ground."), _("A hold needs a customer."),
    _("Nobody stated anything about this customer's addresses."), _("There is no statement %(id)s."),
    _("Say what was open, and between which two moments."),
    _("The breach cannot be kept like this."), _("There is no breach %(id)s."), _("This breach was closed."),
    _("Say what happened."), _("Choose how great the risk is."), _("The end must not be before the beginning."),
    _("This moment is still to come."), _("This moment cannot be."), _("Say what was done."),
    _("A notice after 72 hours needs the reason of the delay."), _("Say why nobody was told."),
    _("There is no such kind of data."), _("A time has 1 to 360 months."),
    _("This cannot be kept like this."), _("Choose what the person said."), _("Choose how the person told us."),
    _("Choose a purpose."), _("Choose an address."), _("This moment has not come yet."),
    _("A yes needs its proof: attach the paper or recording, or write down the words."),
    _("A proof is a PDF, a picture (PNG, JPEG) or a recording (OGG, MP3, WAV) of at most 5 MB."),
    _("This file is not kept here any more."), _("Say on which ground."), _("Say how you know."),
    _("Say which address passed on and how you know."), _("This address passed on later already."),
    _("A stop needs its kind and its ground."), _("Say why the stop is lifted."), _("There is no stop %(id)s."),
    _("An older transaction still sees what was deleted. The sweep is tried again."),
    _("This code is not right. Codes change every half minute and work once."), _("The present password is not right."),
    _("The second step is on already. Remove it first."),
    _("There is no bulk action %(id)s."), _("Nobody is meant."), _("Somebody it was for was erased meanwhile; the rest was not done."), _("Choose what is to be done."), _("This action was taken back already, or is too old to be."),
    _("The number of customers changed meanwhile: it is %(num)s now. Look again before you press."),
    _("There is no list %(id)s."), _("A list needs a name."), _("A list's name has at most %(num)s characters."), _("You have a list of this name."),
    _("Only who made this list, or an administrator, changes it."),
    _("There is no segment %(id)s."), _("A name has 1 to %(num)s characters."), _("There is a segment of this name."),
    _("Only a dynamic segment has a rule."), _("The segment %(name)s is made of this one."),
    _("Only a static segment is filled by hand."), _("The form cannot be read."),
    _("There is no such line, or it has no words of a customer."), _("Choose one of the three."),
    _("There is no customer to answer here."), _("The letter cannot be sent like this."),
    _("A letter needs a subject of at most 200 characters."), _("There is no e-mail address this customer may be written to."),
    _("Write what the customer is answered."), _("Say why no answer is needed."),
    _("This review was answered or closed already; open it again first."),
    _("The file has no column of stars and none of words."), _("A file may hold at most 20,000 reviews."),
    _("This name belongs to another kind of source."),
    _("The survey cannot be kept like this."), _("A survey needs a name."), _("Ask in both languages."),
    _("Choose the segment."), _("There is no such question."), _("Nobody leads themselves, nor in a circle."), _("There is no such kind of question."), _("There is no such occasion."), _("Choose one of the answers."),
    _("Name the event as on the timeline, such as custom.order_delivered."), _("The delay cannot be read."),
    _("The pause cannot be read."), _("A link is valid from 1 to 365 days."), _("This question is no longer asked."),
    _("The kind of question stays as it is: there are answers on its scale."),
    _("This survey has no occasion at which it is sent."), _("There is no survey %(name)s."),
    _("This question was answered already. Thank you!"),
    _("There is no task %(id)s."), _("There is no deal %(id)s."), _("A call needs a direction and an outcome."),
    _("A call cannot be in the future."), _("A value needs a currency and cannot be negative."),
    _("There is no such stage."), _("Say why it was lost."), _("A task needs a title."), _("A deal needs a title."),
    _("A title has at most %(num)s characters."),
    _("The message cannot be sent: %(why)s."), _("There is no letter %(id)s."),
    _("This link is no longer valid: we do not keep this address any more."),
    _("This could not be kept. Please try again."), _("This is not an e-mail address."), _("There is no such form."),
    _("This link has run out. Please ask again."),
    _("This could not be kept. Check what you wrote."), _("Please sign in."), _("The sign-in provider cannot be reached at the moment."),
    _("The sign-in provider’s answer could not be verified. Please try again."), _("This sign-in was begun elsewhere or took too long. Please try again."),
    _("The provider did not let you in, or you cancelled."), _("The account you confirmed with is not connected with yours."),
    _("The provider does not confirm your e-mail address. Ask your administrator."), _("Nobody here has this account. Ask your administrator to add you."),
    _("Your account here is not connected with the provider. Sign in with your password, or ask your administrator."),
    _("Your account here is connected with another account of the provider. Ask your administrator."), _("This account can no longer sign in."),
    _("The provider gives you no role here. Ask your administrator."), _("The worker knows no such job. Has it been started?"), _("This job runs by the clock alone."),
    _("There is no backup %(name)s. See `flask backup list`."), _("Another backup, drill or restore is under way. Wait until it has ended."),
    _("This page marker cannot be read. Start again from the first page."),
    _("The change could not be stored. Please try again."),
    _("There is a rule for this value already. Lift it first."), _("This rule is not in force."), _("%(field)s cannot be chosen by %(rule)s."), _("%(text)s is no rule."),
    _("%(kind)s is no kind with a limit."),
    _("Choose at least one pair of customers."), _("Nothing is surer than 99 percent."), _("There is no model %(name)s."), _("Another model is called %(name)s."),
    _("This model is the one in force, or waits to be."), _("The same question is being answered already."),
    _("The threshold to review must not be above the one to join."),
    _("A threshold is a number of bits from -100 to 100."),
    _n("There is %(num)s record; learning needs at least %(least)s.", "There are %(num)s records; learning needs at least %(least)s."),
    _("There is no import %(id)s."), _("It is too late to take this import back."),
    _("This import is %(state)s; its columns stand."), _("This import is %(state)s; its rows stand."),
    _("This import is %(state)s; it cannot become %(next)s."),
    _("No column says who the customers are. Choose a field for at least one column."),
    _("These columns are of purchases or products, not of customers: a till's export is brought in as receipts."),
    _("Several columns are to be %(fields)s. Choose one."),
    _("%(file)s: neither CSV, XLSX, vCard nor an archive (zip) of these."),
    _("%(file)s: The file is empty: it has no header row."),
    _("Type a value, such as an e-mail address or a number."), _("%(kind)s is no kind of value."),
    _("More than 500 records carry this value: it cannot be one person’s."),
    _("A limit is a whole number from 0 (none) to %(most)s."),
)  # fmt: skip


def translated(message: str) -> str:
    """The message in the reader's language; as it is when nobody translated it."""
    return said(message, _patterns())


def said(message: str, among: Patterns) -> str:
    """A sentence in the reader's language, when it is one of those `among` is made of."""
    for sentence, pattern in among:
        if found := pattern.fullmatch(message):
            return _translated(sentence, found)
    return message


def _translated(sentence: Sentence, found: re.Match[str]) -> str:
    if isinstance(sentence, str):
        return str(gettext(sentence, **found.groupdict()))
    others = {name: part for name, part in found.groupdict().items() if name != "num"}  # it is the count itself
    return str(ngettext(*sentence, _whole(found[1]), **others))


def _whole(count: str) -> int:
    digits = "".join(filter(str.isdecimal, count))
    return int(digits or 0)


@cache
def _patterns() -> Patterns:
    return patterns(SENTENCES)


def patterns(sentences: Iterable[Sentence]) -> Patterns:
    """Sentences without holes come first: what fits both is meant by them."""
    each_form = [(each, form) for each in sentences for form in ((each,) if isinstance(each, str) else each)]
    ordered = sorted(each_form, key=lambda pair: (bool(_HOLE.search(pair[1])), -len(pair[1])))
    return tuple((sentence, re.compile(_pattern(form), re.DOTALL)) for sentence, form in ordered)


def _pattern(sentence: str) -> str:
    parts = _HOLE.split(sentence)
    return "".join(f"(?P<{part}>.+)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
