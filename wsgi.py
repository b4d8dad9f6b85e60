"""What a WSGI server imports: `wsgi:app`."""

import config
from crm360.app import create_app

try:
    app = create_app()
except config.SettingError as error:
    raise SystemExit(f"Setting refused: {error}") from None
