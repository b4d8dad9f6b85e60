"""A visitor of the application under test: every request is a visit of its own, every HTML answer is checked."""

from __future__ import annotations

from contextvars import Context
from typing import Any

from click.testing import Result
from flask.testing import FlaskClient, FlaskCliRunner
from werkzeug.test import TestResponse

from crm360.kernel.db import db
from tests import pages


class Visitor(FlaskClient):
    """Flask's test client. What the test wrote is settled before the visit; what the visit wrote is seen after it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        db.session.commit()
        answer = Context().run(super().open, *args, **kwargs)  # no application context of the test leaks into the visit
        db.session.expire_all()
        foreign = "sandbox" in answer.headers.get("Content-Security-Policy", "")  # a customer's letter in a frame
        if answer.mimetype == "text/html" and not 300 <= answer.status_code < 400 and not foreign:
            html = answer.get_data(as_text=True)
            pages.check(html, whole="<html" in html)
        return answer

    def page(self, path: str, **kwargs: Any) -> pages.Page:
        """GET a page that must be there."""
        answer = self.get(path, **kwargs)
        assert answer.status_code == 200, f"{path}: {answer.status}\n{answer.get_data(as_text=True)[:2000]}"
        return pages.Page(answer.get_data(as_text=True))

    def submit(self, path: str, *, action: str = "", form_id: str = "", **values: Any) -> TestResponse:
        """Fill in the form of the page at `path` that goes to `action`, and send it as a browser without script would."""
        form = self.page(path).form(action=action, form_id=form_id)
        send = self.post if form.method == "post" else self.get
        where = "data" if form.method == "post" else "query_string"
        return send(form.action or path, **{where: form.values | values})


class Operator(FlaskCliRunner):
    """Runs `flask` commands, each as a process of its own would."""

    def invoke(self, *args: Any, **kwargs: Any) -> Result:
        db.session.commit()
        result = Context().run(super().invoke, *args, **kwargs)
        db.session.expire_all()
        return result
