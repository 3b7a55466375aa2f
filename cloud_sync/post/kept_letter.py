"""The e-mail to somebody on a waiting list: a piece is kept for them."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from cloud_sync.post.mail import address
from cloud_sync.post.server import MailServer
from edge_agent.rules.text import clean_name


def kept_mail(*, to: str, shop: str, drop: str, until: str, link: str, server: MailServer, at: int) -> EmailMessage:
    """Says until when, and where its code stands. BadInput for an address that is none."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(clean_name(shop), addr_spec=server.sender)
    mail["To"] = address(to)
    mail["Subject"] = f"{clean_name(drop)}: kept for you until {until}"
    mail["Date"] = datetime.fromtimestamp(at / 1000, UTC)
    mail["Auto-Submitted"] = "auto-generated"
    words = f"Your piece of {clean_name(drop)} is kept until {until}. Its code, to be shown at the till:"
    end = f"You get this once, because you asked for it. Your address is forgotten.\n{clean_name(shop)}"
    mail.set_content(f"{words}\n\n{link}\n\nThen it goes to who is next.\n{end}\n")
    return mail
