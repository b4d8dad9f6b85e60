"""`python -m tests.jobs.dying_poller before|after N`: reads mailboxes and is killed (-9) around the commit of batch N."""

from __future__ import annotations

import os
import signal
import sys

from crm360.jobs import mail_server, read_mailboxes
from crm360.kernel.db import db
from wsgi import app


def main(moment: str, number: int) -> None:
    kept, commit, seen = read_mailboxes.polls.keep_page, db.session.commit, 0

    def keep_page(**told):
        nonlocal seen
        seen += 1
        found = kept(**told)
        if seen == number:
            if moment == "after":
                commit()
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    mail_server.BATCH_MESSAGES = 3
    read_mailboxes.polls.keep_page = keep_page
    with app.app_context():
        read_mailboxes.run(limits=app.config["SETTINGS"], now=read_mailboxes.clock.now())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
