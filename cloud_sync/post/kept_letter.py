"""The e-mail to somebody on a waiting list: a piece is kept for them."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from cloud_sync.post.mail import address
from cloud_sync.post.server import MailServer
from cloud_sync.speech import say
from edge_agent.rules.text import clean_name


def kept_mail(*, to: str, shop: str, drop: str, until: str, link: str, server: MailServer, at: int) -> EmailMessage:
    """In the reader's language: says until when, and where its code stands. BadInput for an address that is none."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(clean_name(shop), addr_spec=server.sender)
    mail["To"] = address(to)
    named = clean_name(drop)
    mail["Subject"] = say("{drop}: kept for you until {until}", drop=named, until=until)
    mail["Date"] = datetime.fromtimestamp(at / 1000, UTC)
    mail["Auto-Submitted"] = "auto-generated"
    piece = "Your piece of {drop} is kept until {until}. Its code, to be shown at the till:"
    then, once = say("Then it goes to who is next."), say("You get this once, because you asked for it.")
    end = f"{once} {say('Your address is forgotten.')}\n{clean_name(shop)}"
    mail.set_content(f"{say(piece, drop=named, until=until)}\n\n{link}\n\n{then}\n{end}\n")
    return mail
