"""Whose a mailbox can be: a public provider's, an office's, or nobody's at all. Takes normalised addresses."""

from __future__ import annotations

import re

_PUBLIC_PROVIDERS_TEXT = """
    gmail.com icloud.com proton.me outlook.com hotmail.com live.com msn.com hey.com fastmail.com fastmail.fm
    outlook.pl outlook.de outlook.fr outlook.es outlook.it hotmail.co.uk hotmail.de hotmail.fr hotmail.it hotmail.es
    live.co.uk live.nl live.fr live.de
    yahoo.com yahoo.pl yahoo.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.ie yahoo.ca yahoo.com.au yahoo.com.br
    yahoo.co.in yahoo.co.jp ymail.com rocketmail.com aol.com mail.com email.com zoho.com tutanota.com tuta.io yandex.com
    wp.pl o2.pl onet.pl onet.eu poczta.onet.pl poczta.onet.eu op.pl vp.pl autograf.pl buziaczek.pl interia.pl
    interia.eu interia.com poczta.fm intmail.pl gazeta.pl tlen.pl go2.pl prokonto.pl spoko.pl opoczta.pl vip.onet.pl
    poczta.pl neostrada.pl vp.eu amorki.pl onet.com.pl
    gmx.com gmx.de gmx.net gmx.at gmx.ch gmx.eu web.de t-online.de freenet.de arcor.de posteo.de mailbox.org
    seznam.cz centrum.cz email.cz post.cz azet.sk centrum.sk orange.fr wanadoo.fr free.fr laposte.net sfr.fr
    libero.it virgilio.it tiscali.it alice.it terra.es btinternet.com sky.com virginmedia.com ntlworld.com talktalk.net
    comcast.net verizon.net att.net sbcglobal.net cox.net bellsouth.net rogers.com ukr.net mail.ru yandex.ru bk.ru
    abv.bg inbox.lv freemail.hu citromail.hu telenet.be skynet.be ziggo.nl kpnmail.nl bluewin.ch telia.com qq.com 163.com
    """
#: Domains where strangers share the domain: it says nothing about the company somebody works for.
PUBLIC_PROVIDERS = frozenset(_PUBLIC_PROVIDERS_TEXT.split())

_ROLES_TEXT = """
    info office biuro kontakt contact sklep shop store admin administrator administracja noreply donotreply mail email
    poczta sekretariat secretary recepcja reception sales sprzedaz handel handlowy zamowienia orders order faktury
    invoice invoices billing accounting accounts ksiegowosc kadry hr jobs praca rekrutacja marketing support help
    helpdesk pomoc serwis service obsluga bok customerservice hello hi czesc team zespol webmaster postmaster hostmaster
    abuse security root newsletter redakcja press media it zakupy purchasing magazyn warehouse reklamacje returns zwroty
    rodo iod gdpr privacy dpo firma company salon hotel restauracja szkola parafia fundacja dyrekcja zarzad
    kancelaria gabinet apteka dostawy enquiries inquiries general kundenservice buchhaltung empfang
    """
_ROLES = frozenset(_ROLES_TEXT.split())
#: How a role of three letters and more begins.
_ROLE_STARTS = frozenset(role[:3] for role in _ROLES)
_NOBODY_TEXT = """
    brak brakmaila brakemail brakemaila brakadresu none nobody noone null nil undefined unknown nieznany nieznana noemail
    nomail nie niema niemam niemamaila niemaemail niemaemaila niepodano niepodal niepodala nieposiada bezmaila bezemaila
    no notavailable notgiven notprovided na nn test testtest testowy tester tests asdf asd qwe qwerty abc abcd xyz fake
    dummy placeholder example przyklad sample anonymous anonim spam trash nothing nic jakis someone somebody
    """
_NOBODY = frozenset(_NOBODY_TEXT.split())
_NOBODY_START = re.compile(r"(?:noe?-?mail|no\.e?mail|brak\.?e?-?mail|niema\.?e?-?mail|bez\.?e?-?mail)")
#: What a match of it begins with.
_NOBODY_LETTERS = ("n", "b")
_NOBODY_DOMAINS = frozenset({"brak", "brakmaila", "none", "noemail", "nomail", "no-email", "niemam", "niema", "null"})
_JOINTS = str.maketrans("", "", "._+-")
_FIRST_WORD = re.compile(r"[^._-]*")
_JOINT_OR_DIGIT = re.compile(r"[._-]|\d")
_NO_LETTERS = str.maketrans("", "", "._-0123456789")
_TRAILING_NUMBER = re.compile(r"\d{1,3}\Z")


def split(normal: str) -> tuple[str, str]:
    """Local part and domain of a normalised address."""
    local, _, domain = normal.rpartition("@")
    return local, domain


def is_role(normal: str) -> bool:
    """Whether a function, not a person, reads this mailbox (`info@`, `biuro@`, `noreply@`, `kontakt.krakow@`)."""
    local = split(normal)[0].partition("+")[0]
    start = local[:3]
    if start.isalpha() and start not in _ROLE_STARTS:  # as nearly all
        return False
    if _FIRST_WORD.match(local)[0] in _ROLES:  # type: ignore[index]  # it always matches, if nothing
        return True
    letters = local.translate(_NO_LETTERS) if local.isascii() else _JOINT_OR_DIGIT.sub("", local)
    return letters in _ROLES


def is_placeholder(normal: str) -> bool:
    """Whether the address was typed because a form insisted on one (`brak@brak.pl`, `xxx@xxx.pl`, `a@a.pl`).

    A real-looking name at an example or test domain is no placeholder: demonstrations and trials live there.
    """
    local, domain = split(normal)
    bare = local.replace(".", "")
    if not bare.isalnum():
        bare = bare.translate(_JOINTS)
    label = domain.partition(".")[0]
    stem = _TRAILING_NUMBER.sub("", bare) if bare[-1:].isdigit() else bare
    if stem in _NOBODY or label in _NOBODY_DOMAINS or (local[:1] in _NOBODY_LETTERS and _NOBODY_START.match(local)):
        return True
    if bare.strip(bare[:1]):  # two different characters: as in nearly all
        return False
    return len(bare) > 1 or bare == label or len(set(label)) == 1 or not bare
