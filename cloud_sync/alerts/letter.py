"""Alerts as an e-mail and as a signed POST: one message for all that is new."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from cloud_sync.post.mail import address
from cloud_sync.post.server import MailServer
from cloud_sync.speech import say, told
from cloud_sync.tables.alerts import AlertRow
from edge_agent.rules.text import clean_name

MOST = 60


def alert_mail(
    rows: Sequence[AlertRow], *, shop: str, to: str, server: MailServer, base: str, at: int, digest: bool
) -> EmailMessage:
    """The e-mail to one owner, in the reader's language; each alert with the address of its row. BadInput for an
    address that is none."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address("Dropshelf", addr_spec=server.sender)
    mail["To"] = address(to)
    mail["Subject"] = _subject(rows, clean_name(shop), digest=digest)
    mail["Date"] = datetime.fromtimestamp(at / 1000, UTC)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(rows, base, digest=digest))
    return mail


def alert_body(rows: Sequence[AlertRow], *, shop: str, base: str) -> bytes:
    """The same as JSON."""
    said = [
        {"alert": row.alert, "rule": row.rule, "words": row.words, "urgent": row.urgent, "at": row.raised_at,
         "link": f"{base}{row.link}"}
        for row in rows
    ]  # fmt: skip
    return json.dumps({"shop": shop, "alerts": said}, ensure_ascii=False, separators=(",", ":")).encode()


def _subject(rows: Sequence[AlertRow], shop: str, *, digest: bool) -> str:
    if digest:
        return say("{shop}: {number} open", shop=shop, number=len(rows))
    first = f"{shop}: {clean_name(told(rows[0].words), 90)}"
    return first if len(rows) == 1 else say("{first} And {number} more.", first=first, number=len(rows) - 1)


def _text(rows: Sequence[AlertRow], base: str, *, digest: bool) -> str:
    lines = [f"{clean_name(told(row.words), 400)}\n{base}{row.link}\n" for row in rows[:MOST]]
    if len(rows) > MOST:
        lines.append(say("And {number} more.", number=len(rows) - MOST) + "\n")
    end = say("Once a day, what is open.") if digest else say("Told once.")
    choice = say("What you hear by e-mail: {link}", link=f"{base}/alerts")
    return "\n".join([*lines, f"{end} {choice}\n"])
