"""E-mail addresses in the form two of them are compared in, and what an address says about whose it is."""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from crm360.normalise.mailboxes import PUBLIC_PROVIDERS, is_placeholder, is_role, split
from crm360.normalise.text import clean

__all__ = ["PUBLIC_PROVIDERS", "email", "is_placeholder", "is_role", "split"]

#: One mailbox under several domains: the names before the @ are handed out once for all of them.
_SAME_PROVIDER = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
}
_DOTS_IGNORED = frozenset({"gmail.com"})
_TAGGED = frozenset({"gmail.com", "icloud.com", "proton.me", "fastmail.com", "fastmail.fm", "msn.com", "hey.com"})
_TAGGED_NAMES = frozenset({"outlook", "hotmail", "live"})  # outlook.com, hotmail.co.uk, live.nl …

_SIMPLE = re.compile(
    r"(?=[^@]{1,64}@)(?=.{1,254}\Z)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*"
    r"@(?:[a-z0-9](?!.--)(?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)
_BRACKETED = re.compile(r"<([^<>]*@[^<>]*)>")
_REMARK = re.compile(r"\([^()]*\)")
_AROUND_AT = re.compile(r"\s*@\s*")
_EDGES = "\"'’<>[]()., ;:"


@lru_cache(maxsize=2**16)
def email(value: str | None) -> str | None:
    """The comparison form of an address, or None when the value holds none.

    Tolerates a display name, `mailto:`, brackets, quotes, spreadsheet apostrophes and trailing punctuation; of several
    addresses the first counts. Case is folded and the domain is ASCII (IDNA). The local part follows its provider:
    Gmail ignores dots and `+tags`; Outlook, iCloud, Proton, Fastmail and hey ignore `+tags`; elsewhere a tag is kept,
    for an unknown server may deliver it to somebody else. Syntax only: test and intranet domains are addresses too.
    The form is for comparing; mail goes to the address as its owner wrote it.
    """
    if not value:
        return None
    if found := simple(value):
        return found
    if "@" not in clean(value):
        return None
    text = _bare(clean(value)).casefold()
    if not _SIMPLE.fullmatch(text):
        text = _validated(text)
    return _provider_form(text) if text else None


def simple(value: str) -> str | None:
    """What `email` gives for a plain lower-case address, as most are, without the careful look; None for any other."""
    return _provider_form(value) if _SIMPLE.fullmatch(value) else None


def _bare(text: str) -> str:
    bracketed = _BRACKETED.search(text)
    text = bracketed.group(1) if bracketed else _REMARK.sub(" ", text)
    text = _AROUND_AT.sub("@", text.strip(_EDGES))
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    with_at = [part for part in re.split(r"[\s,;]+", text) if "@" in part]
    return with_at[0].strip(_EDGES) if with_at else ""


def _validated(text: str) -> str:
    """The address by the RFCs' syntax, or nothing; twice, for the first pass may compose characters anew."""
    for _ in range(2):
        try:
            found = validate_email(text, check_deliverability=False, test_environment=True, strict=True)
        except (EmailNotValidError, UnicodeError):
            return ""
        text = f"{found.local_part.casefold()}@{found.ascii_domain.lower()}"
    return text if "." in found.ascii_domain else ""


def _provider_form(address: str) -> str:
    local, domain = split(address)
    domain = _SAME_PROVIDER.get(domain, domain)
    if domain in _TAGGED or domain.partition(".")[0] in _TAGGED_NAMES:
        local = local.partition("+")[0] or local
    if domain in _DOTS_IGNORED:
        local = local.replace(".", "")
    return f"{local}@{domain}"
