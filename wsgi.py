"""What a WSGI server and the `flask` command import: `wsgi:app`."""

import gc

gc.disable()  # what is imported stays: to look through it for garbage time and again took a fifth of the start

import config  # noqa: E402
from crm360.app import create_app  # noqa: E402

try:
    app = create_app()
except config.SettingError as error:
    raise SystemExit(f"Setting refused: {error}") from None
gc.freeze()
gc.enable()
