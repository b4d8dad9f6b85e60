"""What a WSGI server imports: `wsgi:app`."""

from crm360.app import create_app

app = create_app()
