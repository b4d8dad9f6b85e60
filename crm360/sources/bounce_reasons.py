"""What a mail server's words mean for the address: dead, in trouble for now, or fine while the message was refused.

Servers disagree about codes (a full mailbox comes as 5.1.1, a blacklisted sender as 5.1.1 too), so words outweigh codes,
and the code in the server's own answer outweighs the one the reporting server summed it up with.
"""

from __future__ import annotations

import re
from typing import Literal

#: hard: the address takes no mail and never will. soft: it could not be reached, or is full. blocked: the message or
#: its sender was refused, which says nothing of the address. delayed: still being tried.
Kind = Literal["hard", "soft", "blocked", "delayed", "delivered", "complaint", "unsubscribed"]


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_FOR_NOW = _any(
    r"(?:mail ?box|mail folder|inbox|account|user'?s? mail\w*)(?: \S+)? (?:is |for user is |has been )?(?:\w+ )?(?:full|over\w* quota)",
    r"mailbox ?full",
    r"over ?quota",
    r"quota (?:is |has been |was )?exceeded",
    r"exceed\w* (?:the |its |their )?(?:\w+ ){0,2}quota",
    r"(?:user )?mailbox exceeds allowed size",
    r"mailbox exceeded the local limit",
    r"mailbox has exceeded",
    r"insufficient (?:disk|system|storage)",
    r"not enough (?:disk|storage) space",
    r"over the maximum (?:allowed )?mailbox size",
    r"skrzynk\w+ (?:jest )?(?:pełn|przepełnion)\w+",
    r"temporar(?:y|il?y) (?:locked|rejected|deferred|unavailable|suspended|blocked|failure|disabled)",
    r"try (?:again )?later",
    r"essayer plus tard",
    r"spróbuj później",
    r"receiving mail (?:at a rate|too quickly)",
    r"rate that prevents",
)
_REFUSED = _any(
    r"sender (?:address )?(?:rejected|verify failed|denied|not allowed)",
    r"unroutable sender",
    r"of sender address",
    r"sender domain",
    r"sending domain",
    r"unauthenticated",
    r"authentication (?:checks|failed|required|information)",
    r"\bSPF\b",
    r"\bDMARC\b",
    r"\bDKIM\b",
    r"black ?-?list",
    r"block ?-?list",
    r"banned",
    r"\bDNSBL\b",
    r"\bRBL\b",
    r"spamhaus",
    r"spamcop",
    r"blocked (?:by|using|because|due)",
    r"(?:was|been) blocked",
    r"reputation",
    r"reverse dns",
    r"\bPTR\b",
    r"\brDNS\b",
    r"\bspam\b",
    r"unsolicited",
    r"\bUBE\b",
    r"\bvirus\b",
    r"policy",
    r"content reject\w*",
    r"too many (?:recipients|unwanted|connections)",
    r"relay(?:ing)? (?:access )?(?:denied|not permitted|prohibited)",
    r"no relaying",
    r"messages from \S+ weren'?t sent",
    r"relay quota",
    r"line limit",
    r"(?:size|length) limit",
    r"(?:message|mail) (?:is )?too (?:large|big|long)",
    r"size exceeds",
    r"exceeds? (?:the )?(?:maximum|max|fixed|allowed) (?:allowed )?(?:message )?size",
    r"malformed address",
    r"recipient preferences",
    r"my name was rejected",
    r"send mail as",
    r"is not verified",
    r"delivery not authorized",
    r"invalid ip for sending",
    r"client host rejected",
    r"domain filter",
    r"open relay",
    r"remote protocol error$",
)
_GONE = _any(
    r"(?:user|recipient|mailbox|account|address)\S* (?:is )?(?:unknown|unrecogni[sz]ed)",
    r"unknown (?:local )?(?:user|recipient|account|mailbox|address|or illegal alias)",
    r"no such (?:user|recipient|mailbox|person|account|address|domain|host|customer)",
    r"no mailbox (?:here )?by that name",
    r"not our customer",
    r"invalid (?:user|recipient|mailbox|address)",
    r"destinataire invalide",
    r"does(?: not|n'?t) (?:have an? \S+ account|exist)",
    r"user not exist",
    r"(?:could|was|wasn|couldn)\W{0,3}(?:not|t) (?:be )?found",
    r"not found by smtp address",
    r"address not found",
    r"recipnotfound",
    r"recipient name is not recogni[sz]ed",
    r"not listed in",
    r"no longer (?:on|valid|available|in use|active|with|exists)",
    r"(?:account|mailbox|user|recipient|address)\S*(?: \S+)? (?:has been |is |was )?(?:permanently )?(?:disabled|suspended|deactivated|discontinued|inactive|locked|closed|deleted|terminated|frozen)",
    r"disabled (?:recipient|user|account|mailbox)",
    r"inactive (?:e-?mail|user|account|mailbox|address)",
    r"recipient account is blocked",
    r"host (?:unknown|not found)",
    r"unknown host",
    r"host or domain name not found",
    r"domain (?:name )?not found",
    r"nxdomain",
    r"had no relevant answers",
    r"does(?:n'?t| not) (?:receive|accept) e?-?mail",
    r"indicated no smtp service",
    r"bad destination (?:mailbox|system) address",
    r"address is possibly incorrect",
    r"check if (?:the )?address is correct",
    r"nie (?:istnieje|znaleziono|ma takiego)",
    r"nieznany (?:użytkownik|odbiorca)",
    r"konto (?:jest )?(?:nieaktywne|zablokowane|usunięte)",
    r"見つかりません",
    r"リストにありません",
    r"存在しません",
    r"не (?:существует|найден)",
    r"existiert nicht",
    r"unbekannt",
    r"(?:utilisateur|adresse|compte|destinataire)\S* (?:\S+ ){0,3}n'existe pas",
    r"no existe",
    r"non esiste",
)
_TROUBLE = _any(
    r"timed? ?out",
    r"expired",
    r"retry timeout",
    r"in the queue too long",
    r"connection (?:refused|reset|dropped|lost|died)",
    r"not (?:responding|reachable)",
    r"unreachable",
    r"(?:establish|accept our requests to|unable to|open) (?:an? )?(?:smtp )?connect",
    r"did not accept our requests",
    r"network (?:error|is down)",
    r"too many hops",
    r"mail loop",
    r"maximum allowed times",
    r"(?:lock|write|disk|i/o|system|internal|mailer) (?:failure|error)",
    r"service (?:is )?(?:currently |temporarily )?unavailable",
    r"hosts have been failing",
    r"delivery failed \d+ attempts",
    r"not delivered within",
    r"could not deliver for the last",
    r"does not support tls",
    r"on hold",
    r"pipe to \|",
    r"^x-unix",
    r"giving up",
    r"deferred",
    r"server refused to talk",
)

_REPLY = re.compile(r"(?<![\d.\[-])([45]\d\d)(?=[\s:-])")
_ENHANCED = re.compile(r"(?<![\d.\[])([245]\.\d{1,3}\.\d{1,3})(?![\d.\]])")
#: Most specific first; the first prefix that fits counts.
_BY_CODE: tuple[tuple[str, Kind], ...] = (
    ("5.7.13", "hard"),
    ("5.1.7", "blocked"),
    ("5.1.8", "blocked"),
    ("5.1.0", "blocked"),
    ("5.1.", "hard"),
    ("5.2.1", "hard"),
    ("5.2.2", "soft"),
    ("5.2.", "blocked"),
    ("5.3.4", "blocked"),
    ("5.3.", "soft"),
    ("5.4.1", "hard"),
    ("5.4.4", "hard"),
    ("5.4.", "soft"),
    ("4.", "soft"),
    ("2.", "delivered"),
)
_ACTIONS: dict[str, Kind] = {
    "delayed": "delayed",
    "delivered": "delivered",
    "deliverable": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
    "expired": "soft",
}


def enhanced_code(text: str) -> str:
    """The first RFC 3463 code of a text ("5.1.1"), or ""."""
    found = _ENHANCED.search(text)
    return found[1] if found else ""


def kind_of(*, action: str, status: str, diagnostic: str, told: str, around: str = "") -> Kind:
    """What became of one recipient.

    `action` and `status` as the report's fields, `diagnostic` the remote server's answer, `told` what the human-readable
    part says of this recipient, `around` the rest of it where it can speak of nobody else. A refusal nobody explains is `blocked`: it must not cost an address.
    """
    if settled := _ACTIONS.get(action.lower()):
        return settled
    for text in (diagnostic, told, around):
        if said := by_words(text) or _by_code(enhanced_code(text)):
            return said
    if _TROUBLE.search(diagnostic):
        return "soft"
    return _by_code(enhanced_code(status)) or ("soft" if _TROUBLE.search(told or around) else "blocked")


def by_words(text: str) -> Kind | None:
    """What a server's words alone say; None when they say nothing certain."""
    reply = _REPLY.search(text)
    if reply and reply[1].startswith("4"):
        return "soft"
    if _FOR_NOW.search(text):
        return "soft"
    code = enhanced_code(text)
    if code in ("5.1.7", "5.1.8") or _REFUSED.search(text):
        return "blocked"
    return "hard" if _GONE.search(text) else None


def _by_code(code: str) -> Kind | None:
    return next((kind for prefix, kind in _BY_CODE if code.startswith(prefix)), None) or (
        "blocked" if code.startswith(("5.5", "5.6", "5.7")) else None
    )
