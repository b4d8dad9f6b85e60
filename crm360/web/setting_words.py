"""Every setting explained, by what it is about: for the page that shows which are in force. The README says the same."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

#: What settings are about → name → what it means.
GROUPS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (_("Web server"), {
        "HOST": _("Address the web server listens on."), "PORT": _("Port the web server listens on."),
        "WEB_WORKERS": _("Processes of the web server."), "PUBLIC_URL": _("Address under which people and webhooks reach it."),
        "TRUSTED_PROXIES": _("How many proxies stand in front and set X-Forwarded headers."),
        "COOKIE_SECURE": _("Behind HTTPS: cookies are sent encrypted only."),
    }),
    (_("Database and files"), {
        "DATABASE_URL": _("The database; its password is not shown."),
        "INSTANCE_DIR": _("Folder for the embedded database, the keys and files that wait."),
        "IMPORT_ROOT": _("Watched folders lie below it; nothing outside is ever read or moved."),
        "EXPORT_ROOT": _("Segments written to folders at set times lie below it."),
        "TOMBSTONE_FILE": _("Digests of the erased; keep it where a restored backup does not overwrite it."),
    }),
    (_("Backups"), {
        "BACKUP_DIR": _("Folder backups are made in; best on another disk."), "BACKUP_AT": _("Hour of the nightly backup."),
        "BACKUP_KEEP": _("So many backups are kept."),
        "BACKUP_KEEP_DAYS": _("Days after which a backup is deleted, for the erased are still in it."),
    }),
    (_("Keys"), {
        "SECRET_KEY": _("Signs sessions and seals passwords of sources."), "SECRET_KEY_FILE": _("File that holds the SECRET_KEY."),
        "SUPPRESSION_KEY_FILE": _("Key under which suppressed addresses are kept; without it they are forgotten."),
        "LEDGER_KEY_FILE": _("Signs the checkpoints of the consent ledger, and backups."),
        "VAPID_KEY_FILE": _("Signs push messages; a new key ends every subscription."),
    }),
    (_("The company"), {
        "SHOP_NAME": _("Name shown in the page header."),
        "CONTROLLER_NAME": _("Who answers for the data: in receipts, copies and the record of processing."),
        "CONTROLLER_ADDRESS": _("Their postal address."), "CONTROLLER_EMAIL": _("Their e-mail address."),
        "DPO_CONTACT": _("Name and address of the data protection officer."),
    }),
    (_("Language and region"), {
        "DEFAULT_LOCALE": _("Language before a person chooses."),
        "TIMEZONE": _("Time zone in which times are shown, and read where a file names none."),
        "PHONE_REGION": _("Country of phone numbers written without a prefix."),
        "CURRENCY": _("Currency of amounts that come without one."),
        "TRUSTED_SOURCES": _("Sources whose word counts most where they disagree, the most trusted first."),
    }),
    (_("Signing in and other systems"), {
        "SESSION_HOURS": _("Hours a sign-in lasts."), "SIGN_IN_LIMIT": _("Attempts to sign in per network address."),
        "OIDC_ISSUER": _("The company’s own sign-in provider; without it everybody has a password here."),
        "OIDC_CLIENT_ID": _("What the provider knows us by."), "OIDC_CLIENT_SECRET": _("Proves us to the provider."),
        "OIDC_NAME": _("What the button on the sign-in page calls the provider."), "OIDC_SCOPES": _("What the provider is asked to tell."),
        "OIDC_ROLE_CLAIM": _("Where the provider says which groups a person is in."),
        "OIDC_ROLES": _("Which group has which role; the first that fits. Without it roles are given on the page Staff."),
        "OIDC_CREATE": _("Whether colleagues are added when they sign in for the first time."),
        "OIDC_LINK": _("Whether an account here is connected with the provider’s by its e-mail address."),
        "OIDC_SECOND_FACTOR_ACR": _("What the provider calls a sign-in with two steps; then no code is asked here."),
        "INTAKE_LIMIT": _("Calls per sending address to the tracking API and webhooks; none without it."),
        "PRIVATE_TARGETS": _("Private networks that webhooks and polled sources may reach; all others are refused."),
    }),
    (_("Mail and campaigns"), {
        "SMTP_URL": _("Mail server that takes our mail; without it letters wait."), "SMTP_PASSWORD": _("Password for the mail server."),
        "MAIL_FROM": _("Address mail is sent from."), "MAIL_RATE": _("Letters a second at most."),
        "DKIM_KEY_FILE": _("Private key that signs mail for the domain of MAIL_FROM."),
        "DKIM_SELECTOR": _("DNS name under which its public key is found."),
        "CAMPAIGN_CAP": _("Messages of campaigns one customer gets at most, in how many days."),
        "QUIET_HOURS": _("From which hour to which no campaign message arrives, where the customer lives."),
    }),
    (_("Keeping and forgetting"), {
        "ANONYMOUS_RETENTION_DAYS": _("Days after which visitors nobody could name are forgotten."),
        "CART_ABANDONED_HOURS": _("Hours after which a resting cart counts as abandoned."),
    }),
    (_("Watching it"), {
        "METRICS_TOKEN": _("With it /metrics answers Prometheus; without it nothing is measured."),
        "LOG_LEVEL": _("How much the log tells."), "LOG_FORMAT": _("How a line of the log is written."),
    }),
)  # fmt: skip
#: Values nobody is shown.
SECRETS = frozenset({"SECRET_KEY", "SMTP_PASSWORD", "METRICS_TOKEN", "OIDC_CLIENT_SECRET"})
#: Files made once and kept in INSTANCE_DIR, unless the environment names another.
KEY_FILES = frozenset({"SECRET_KEY_FILE", "SUPPRESSION_KEY_FILE", "LEDGER_KEY_FILE", "VAPID_KEY_FILE"})
