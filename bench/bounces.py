"""How many bounces of a corpus are classified as their own words say, beside flufl.bounce.

`python bench/bounces.py [FOLDER]`: FOLDER of .eml files, by default $CRM360_DATA/channels/bounces. bounces.txt beside
this file says what a person read in each: per file the kinds of its recipients' outcomes. Misses are listed.
"""

from __future__ import annotations

import os
import sys
from email import message_from_bytes
from pathlib import Path

from flufl.bounce import all_failures

from crm360.sources import mailbox_text
from crm360.sources.bounces import classify

LABELS = Path(__file__).with_suffix(".txt")
#: What flufl.bounce can say of the kinds: it tells permanent from temporary, knows no complaints and no replies.
COARSE = {"hard": "permanent", "blocked": "permanent", "soft": "temporary", "delayed": "temporary"}
FOR_US = {"hard", "blocked", "soft", "delayed"}


def main(folder: Path) -> int:
    truth = labels()
    right = recognised = theirs = theirs_right = bounces = 0
    for path in sorted(folder.glob("*.eml")):
        body = path.read_bytes()
        kinds = truth.pop(path.stem, None)
        if kinds is None:
            print(f"not labelled: {path.stem}")
            continue
        found = ours(body)
        right += found == kinds
        if found != kinds:
            print(f"  {path.stem}: the mail says {'+'.join(sorted(kinds))}, we say {'+'.join(sorted(found))}")
        if kinds & FOR_US:
            bounces += 1
            recognised += bool(found & FOR_US)
            temporary, permanent = all_failures(message_from_bytes(body))
            theirs += bool(temporary or permanent)
            said = {name for name, addresses in (("temporary", temporary), ("permanent", permanent)) if addresses}
            theirs_right += said == {COARSE[kind] for kind in kinds}
    read = len(labels()) - len(truth)
    if not read:
        print(f"no labelled mail in {folder}")
        return 1
    print(f"{read} mails read by a person: {right} classified as they say, {right / read:.1%}")
    print(
        f"{bounces} of them bounces: {recognised} recognised ({recognised / bounces:.1%}); flufl.bounce {theirs} ({theirs / bounces:.1%}),"
    )
    print(f"  permanent or temporary as the mail says in {theirs_right} ({theirs_right / bounces:.1%})")
    return 0


def ours(body: bytes) -> set[str]:
    """The kinds we find in a message, in the words of the labels."""
    report = classify(mailbox_text.parse(body))
    if report is None:
        return {"other"}
    if report.what == "auto_reply":
        return {"auto_reply"}
    if report.feedback:
        return {report.feedback}
    return {each.kind for each in report.outcomes} - {"delivered"} or {"other"}


def labels() -> dict[str, set[str]]:
    """File name → kinds."""
    rows = (line.split() for line in LABELS.read_text().splitlines() if not line.startswith("#"))
    return {name: set(kind.split("+")) for kind, *names in rows for name in names}


if __name__ == "__main__":
    default = Path(os.environ.get("CRM360_DATA", "data")) / "channels" / "bounces"
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else default))
