"""Settings: the environment read once, checked, into a typed object. Nonsense is refused with the setting's name."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm360.accounts.permissions import ROLES
from crm360.kernel import letterbox, mail, smtp, webpush

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ROOT = Path(__file__).resolve().parent


class SettingError(ValueError):
    """A setting holds something that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs between two installations. README.md explains each variable."""

    host: str
    port: int
    web_workers: int
    database_url: str
    instance_dir: Path
    import_root: Path
    export_root: Path
    tombstone_file: Path
    backup_dir: Path
    backup_at: time | None
    backup_keep: int
    backup_keep_days: int
    secret_key: str
    suppression_keys: tuple[str, ...]
    ledger_key: bytes
    vapid_key: str
    public_url: str
    shop_name: str
    controller_name: str
    controller_address: str
    controller_email: str
    dpo_contact: str
    default_locale: str
    timezone: str
    phone_region: str
    currency: str
    trusted_sources: tuple[str, ...]
    session_hours: int
    sign_in_limit: str
    intake_limit: str
    private_targets: tuple[Network, ...]
    smtp_url: str
    smtp_password: str
    mail_from: str
    mail_rate: int
    dkim_key_file: str
    dkim_selector: str
    campaign_cap: tuple[int, int]
    quiet_hours: tuple[int, int]
    cookie_secure: bool
    trusted_proxies: int
    anonymous_retention_days: int
    cart_abandoned_hours: int
    metrics_token: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    oidc_name: str
    oidc_scopes: str
    oidc_role_claim: str
    oidc_roles: tuple[tuple[str, str], ...]
    oidc_create: bool
    oidc_link: bool
    oidc_second_factor_acr: tuple[str, ...]
    log_level: str
    log_format: str
    #: Names the environment gives a value; the others are as by default.
    given: frozenset[str] = frozenset()


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read settings from `environ` (the process's own by default). Raises SettingError naming the variable."""
    env = os.environ if environ is None else environ
    instance = Path(env.get("INSTANCE_DIR") or ROOT / "instance").resolve()
    host, port = env.get("HOST") or "127.0.0.1", _integer(env, "PORT", 8360, 1, 65535)
    return Settings(
        host=host,
        port=port,
        web_workers=_integer(env, "WEB_WORKERS", 2, 1, 64),
        database_url=_database_url(env, instance),
        instance_dir=instance,
        tombstone_file=Path(env.get("TOMBSTONE_FILE") or instance / "tombstones.jsonl").resolve(),
        backup_dir=Path(env.get("BACKUP_DIR") or instance / "backups").resolve(),
        backup_at=_hour(env, "BACKUP_AT", "03:30"),
        backup_keep=_integer(env, "BACKUP_KEEP", 14, 1, 1000),
        backup_keep_days=_integer(env, "BACKUP_KEEP_DAYS", 30, 1, 3650),
        import_root=Path(env.get("IMPORT_ROOT") or instance / "watched").resolve(),
        export_root=Path(env.get("EXPORT_ROOT") or instance / "exports").resolve(),
        secret_key=_secret_key(env, instance),
        suppression_keys=_suppression_keys(env, instance),
        ledger_key=_ledger_key(env, instance),
        vapid_key=_vapid_key(env, instance),
        public_url=_url(env, "PUBLIC_URL", f"http://{host}:{port}"),
        shop_name=env.get("SHOP_NAME") or "crm360",
        controller_name=env.get("CONTROLLER_NAME") or env.get("SHOP_NAME") or "crm360",
        controller_address=env.get("CONTROLLER_ADDRESS") or "",
        controller_email=env.get("CONTROLLER_EMAIL") or _mail_from(env),
        dpo_contact=env.get("DPO_CONTACT") or "",
        default_locale=_one_of(env, "DEFAULT_LOCALE", "en", ("en", "pl")),
        timezone=_timezone(env),
        phone_region=_letters(env, "PHONE_REGION", "PL", 2),
        currency=_letters(env, "CURRENCY", "PLN", 3),
        trusted_sources=_names(env, "TRUSTED_SOURCES"),
        session_hours=_integer(env, "SESSION_HOURS", 12, 1, 24 * 30),
        sign_in_limit=env.get("SIGN_IN_LIMIT") or "10 per minute; 60 per hour",
        intake_limit=env.get("INTAKE_LIMIT") or "",
        private_targets=_networks(env, "PRIVATE_TARGETS"),
        smtp_url=_smtp_url(env),
        smtp_password=_from_file(env, "SMTP_PASSWORD"),
        mail_from=_mail_from(env),
        mail_rate=_integer(env, "MAIL_RATE", 10, 1, 1000),
        dkim_key_file=env.get("DKIM_KEY_FILE") or "",
        dkim_selector=env.get("DKIM_SELECTOR") or "crm360",
        campaign_cap=_pair(env, "CAMPAIGN_CAP", "3/7", "messages/days such as 3/7", (1, 1000), (1, 365)),
        quiet_hours=_pair(env, "QUIET_HOURS", "21-8", "two hours such as 21-8", (0, 23), (0, 23)),
        cookie_secure=_boolean(env, "COOKIE_SECURE", False),
        trusted_proxies=_integer(env, "TRUSTED_PROXIES", 0, 0, 5),
        anonymous_retention_days=_integer(env, "ANONYMOUS_RETENTION_DAYS", 90, 1, 3650),
        cart_abandoned_hours=_integer(env, "CART_ABANDONED_HOURS", 24, 1, 24 * 60),
        metrics_token=_from_file(env, "METRICS_TOKEN"),
        **_provider(env),
        log_level=_one_of(env, "LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        log_format=_one_of(env, "LOG_FORMAT", "text", ("text", "json")),
        given=frozenset(name for name, value in env.items() if value),
    )


def _integer(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = (env.get(name) or "").strip()
    if not text:
        return default
    if not text.lstrip("-").isdigit() or not low <= int(text) <= high:
        raise SettingError(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
    return int(text)


def _pair(
    env: Mapping[str, str], name: str, default: str, wanted: str, first: tuple[int, int], second: tuple[int, int]
) -> tuple[int, int]:
    """Two whole numbers with a sign between them."""
    text = (env.get(name) or default).strip()
    one, _, other = text.replace("-", "/").partition("/")
    if not (one.isdigit() and other.isdigit()):
        raise SettingError(f"{name} must be {wanted}, not {text!r}.")
    if not (first[0] <= int(one) <= first[1] and second[0] <= int(other) <= second[1]):
        raise SettingError(f"{name} must be {wanted}, not {text!r}.")
    return int(one), int(other)


def _hour(env: Mapping[str, str], name: str, default: str) -> time | None:
    """An hour of the day such as 03:30; None for `never`."""
    text = (env.get(name) or default).strip().lower()
    if text == "never":
        return None
    try:
        return time.fromisoformat(text.zfill(5))
    except ValueError:
        raise SettingError(f"{name} must be an hour such as 03:30, or never, not {text!r}.") from None


def _boolean(env: Mapping[str, str], name: str, default: bool) -> bool:
    text = (env.get(name) or "").strip().lower()
    if text in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if not text else text in ("1", "true", "yes", "on")
    raise SettingError(f"{name} must be yes or no, not {text!r}.")


def _one_of(env: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    text = (env.get(name) or default).strip().lower()
    if text not in choices:
        raise SettingError(f"{name} must be one of {', '.join(choices)}, not {text!r}.")
    return text


def _letters(env: Mapping[str, str], name: str, default: str, length: int) -> str:
    text = (env.get(name) or default).strip().upper()
    if len(text) != length or not text.isalpha() or not text.isascii():
        raise SettingError(f"{name} must be {length} letters such as {default}, not {text!r}.")
    return text


def _names(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Names between commas, in their order."""
    names = tuple(part.strip() for part in (env.get(name) or "").split(",") if part.strip())
    if len(set(names)) < len(names):
        raise SettingError(f"{name} must name each source once.")
    return names


def _networks(env: Mapping[str, str], name: str) -> tuple[Network, ...]:
    """Networks between commas; a single address is a network of one."""
    texts = [part.strip() for part in (env.get(name) or "").split(",") if part.strip()]
    try:
        return tuple(ipaddress.ip_network(text) for text in texts)
    except ValueError as error:
        raise SettingError(f"{name} must be networks such as 10.0.0.0/8 between commas: {error}.") from None


def _url(env: Mapping[str, str], name: str, default: str) -> str:
    text = (env.get(name) or default).strip().rstrip("/")
    if not text.startswith(("http://", "https://")):
        raise SettingError(f"{name} must start with http:// or https://, not {text!r}.")
    return text


def _provider(env: Mapping[str, str]) -> dict[str, Any]:
    """The settings of a sign-in provider."""
    issuer = _issuer(env)
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": env.get("OIDC_CLIENT_ID") or "",
        "oidc_client_secret": _from_file(env, "OIDC_CLIENT_SECRET"),
        "oidc_name": env.get("OIDC_NAME") or urlsplit(issuer).hostname or "",
        "oidc_scopes": _scopes(env),
        "oidc_role_claim": env.get("OIDC_ROLE_CLAIM") or "groups",
        "oidc_roles": _roles(env),
        "oidc_create": _created(env),
        "oidc_link": _boolean(env, "OIDC_LINK", False),
        "oidc_second_factor_acr": _names(env, "OIDC_SECOND_FACTOR_ACR"),
    }


def _issuer(env: Mapping[str, str]) -> str:
    """As the provider calls itself, to the letter: a slash at its end belongs to it."""
    text = (env.get("OIDC_ISSUER") or "").strip()
    if text and (not text.startswith(("https://", "http://")) or "?" in text or "#" in text):
        raise SettingError(f"OIDC_ISSUER must start with https:// and have no query, not {text!r}.")
    if text and not env.get("OIDC_CLIENT_ID"):
        raise SettingError("OIDC_CLIENT_ID must be what the provider knows us by, when OIDC_ISSUER is set.")
    return text


def _scopes(env: Mapping[str, str]) -> str:
    scopes = (env.get("OIDC_SCOPES") or "openid email profile").split()
    if "openid" not in scopes:
        raise SettingError("OIDC_SCOPES must hold openid.")
    return " ".join(scopes)


def _roles(env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """VALUE=ROLE between commas, in their order; a value may hold = itself."""
    pairs = [part.rpartition("=") for part in (env.get("OIDC_ROLES") or "").split(",") if part.strip()]
    found = tuple((value.strip(), role.strip()) for value, _sign, role in pairs)
    if any(not value or role not in ROLES for value, role in found):
        raise SettingError(f"OIDC_ROLES must be VALUE=ROLE between commas, each role one of {', '.join(ROLES)}.")
    return found


def _created(env: Mapping[str, str]) -> bool:
    wanted = _boolean(env, "OIDC_CREATE", False)
    if wanted and not _roles(env):
        raise SettingError("OIDC_ROLES must say which role new colleagues get, when OIDC_CREATE is on.")
    return wanted


def _timezone(env: Mapping[str, str]) -> str:
    name = (env.get("TIMEZONE") or "Europe/Warsaw").strip()
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingError(f"TIMEZONE must be an IANA name such as Europe/Warsaw, not {name!r}.") from None
    return name


def _database_url(env: Mapping[str, str], instance: Path) -> str:
    text = (env.get("DATABASE_URL") or "").strip()
    if not text:
        return f"sqlite:///{instance / 'crm360.sqlite3'}"
    for prefix in ("postgres://", "postgresql://", "postgresql+psycopg://"):
        if text.startswith(prefix):
            return "postgresql+psycopg://" + text.removeprefix(prefix)
    if text.startswith("sqlite:///") and text != "sqlite:///:memory:":
        return text
    shown = text.split("@")[-1]
    raise SettingError(f"DATABASE_URL must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, not {shown!r}.")


def _secret_key(env: Mapping[str, str], instance: Path) -> str:
    """SECRET_KEY, else the file SECRET_KEY_FILE, else one made once and kept in the instance folder."""
    if given := env.get("SECRET_KEY"):
        return _long_enough(given, "SECRET_KEY")
    text = _kept(env, instance, "SECRET_KEY_FILE")
    return _long_enough(text, "SECRET_KEY_FILE") if env.get("SECRET_KEY_FILE") else text


def _suppression_keys(env: Mapping[str, str], instance: Path) -> tuple[str, ...]:
    """The lines of SUPPRESSION_KEY_FILE."""
    lines = [line.strip() for line in _kept(env, instance, "SUPPRESSION_KEY_FILE").splitlines() if line.strip()]
    if not lines:
        raise SettingError("SUPPRESSION_KEY_FILE must hold a key.")
    return tuple(_long_enough(line, "Each line of SUPPRESSION_KEY_FILE") for line in lines)


def _ledger_key(env: Mapping[str, str], instance: Path) -> bytes:
    """32 bytes to sign checkpoints with, made from LEDGER_KEY_FILE."""
    text = _long_enough(_kept(env, instance, "LEDGER_KEY_FILE"), "LEDGER_KEY_FILE")
    return hashlib.sha256(text.encode()).digest()


def _vapid_key(env: Mapping[str, str], instance: Path) -> str:
    """The private key of web push, from VAPID_KEY_FILE."""
    text = _kept(env, instance, "VAPID_KEY_FILE", webpush.new_key)
    if not webpush.is_key(text):
        raise SettingError("VAPID_KEY_FILE must hold a private P-256 key: 32 bytes in base64url.")
    return text


def _kept(
    env: Mapping[str, str], instance: Path, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)
) -> str:
    """The text of the file the variable `name` names, else of one made once and kept in the instance folder."""
    given = env.get(name)
    kept = Path(given) if given else instance / name.removesuffix("_FILE").lower()
    if not given and not kept.exists():
        _write_secret(kept, make())
    return _text_of(kept, name)


def _text_of(file: Path, name: str) -> str:
    try:
        return file.read_text().strip()
    except OSError as error:
        raise SettingError(f"{name} cannot be read: {error.strerror}.") from None


def _write_secret(kept: Path, secret: str) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return  # another process of the same installation was first
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)


def _long_enough(text: str, name: str) -> str:
    if len(text) < 32:
        raise SettingError(f"{name} must hold at least 32 characters.")
    return text


def _smtp_url(env: Mapping[str, str]) -> str:
    text = (env.get("SMTP_URL") or "").strip()
    if text:
        try:
            letterbox.check(text)
        except smtp.BadAddress as error:
            raise SettingError(f"SMTP_URL: {error}") from None
    return text


def _mail_from(env: Mapping[str, str]) -> str:
    text = (env.get("MAIL_FROM") or "").strip()
    if not text and env.get("SMTP_URL"):
        raise SettingError("MAIL_FROM must be the address mail is sent from, when SMTP_URL is set.")
    try:
        return mail.address(text) if text else ""
    except mail.UnsafeValue as error:
        raise SettingError(f"MAIL_FROM: {error}.") from None


def _from_file(env: Mapping[str, str], name: str) -> str:
    """A secret from NAME, else from the file NAME_FILE, else ""."""
    if given := env.get(name):
        return given
    file = env.get(f"{name}_FILE")
    return _text_of(Path(file), f"{name}_FILE") if file else ""
