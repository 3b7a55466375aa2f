"""An order as an e-mail with PDF and CSV, and its way to the mail server: TLS that is verified, one try."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from cloud_sync.post.letter import Letter, packs
from cloud_sync.post.paper import csv_of, pdf_of
from cloud_sync.post.server import MailServer
from cloud_sync.post.talk import STEP_S, HandOver, NotHeard, NotOurs, Refused, ended_in_time
from cloud_sync.speech import say
from edge_agent.errors import BadInput
from edge_agent.rules.text import clean_name

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")
_END = b".\r\n"


def address(text: str) -> str:
    """An e-mail address as it may stand in a header and be said to a mail server; BadInput for anything else."""
    if len(text) > 254 or not _ADDRESS.fullmatch(text):
        raise BadInput(f"{text[:80]!r} is no e-mail address")
    return text


def mail_of(letter: Letter, server: MailServer, at: int) -> EmailMessage:
    """The e-mail, in the reader's language. Its Message-ID is the order's: however often it is tried, it is one
    message."""
    domain = server.sender.rpartition("@")[2]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(letter.shop, addr_spec=server.sender)
    mail["To"] = Address(letter.supplier, addr_spec=address(letter.to))
    with suppress(BadInput):
        mail["Reply-To"] = address(letter.reply_to)
    mail["Subject"] = say("Order {number} from {shop}", number=letter.number, shop=letter.shop)
    mail["Date"] = datetime.fromtimestamp(at / 1000, UTC)
    mail["Message-ID"] = f"<order.{letter.order[:32]}@{domain}>"
    mail["X-Dropshelf-Order"] = letter.order
    mail.set_content(_words(letter))
    name = re.sub(r"[^A-Za-z0-9-]", "", letter.number) or letter.order[:8]
    mail.add_attachment(pdf_of(letter, at), maintype="application", subtype="pdf", filename=f"order-{name}.pdf")
    csv = csv_of(letter)
    mail.add_attachment(csv, maintype="text", subtype="csv", filename=f"order-{name}.csv", params={"charset": "utf-8"})
    return mail


def _words(letter: Letter) -> str:
    lines = [f"{packs(line):>16}  {line.name} ({line.sku})" for line in letter.lines]
    cutoff, day = letter.when(letter.cutoff_at), letter.when(letter.arrives_at)
    return "\n".join(
        [
            say(
                "Order {number} from {shop} to {supplier}.",
                number=letter.number,
                shop=letter.shop,
                supplier=letter.supplier,
            ),
            say("Order before {cutoff}; please deliver by {day}.", cutoff=cutoff, day=day),
            "",
            *lines,
            "",
            say("In all {total} by the shop's list.", total=letter.money(letter.total)),
            say("The same as PDF and CSV is attached."),
            *(("", say("Confirm it, or say what comes otherwise or later:"), letter.answer) if letter.answer else ()),
            "",
            *filter(None, (letter.shop, *letter.address)),
        ]
    )


def send(server: MailServer, mail: EmailMessage, to: str, hand_over: HandOver) -> None:
    """Hand the e-mail to the mail server; returns when the server has taken it.

    Refused: surely nothing has left. NotHeard: the last line was sent and no answer was heard. NotOurs: another worker
    has it.
    """
    body = _dots_doubled(mail.as_bytes())
    with _greeted(server) as smtp:
        _said(smtp, lambda: smtp.mail(server.sender), 250)
        _said(smtp, lambda: smtp.rcpt(to), 250, 251)
        _said(smtp, lambda: smtp.docmd("DATA"), 354)
        with _surely_not():
            smtp.send(body)
        if not hand_over():
            raise NotOurs("another worker has it")
        _ended(smtp)


def _dots_doubled(body: bytes) -> bytes:
    """As RFC 5321 wants it between DATA and the dot that ends it."""
    return re.sub(rb"(?m)^\.", b"..", body if body.endswith(b"\r\n") else body + b"\r\n")


@contextmanager
def _greeted(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection that is encrypted and signed in as the settings want it."""
    with _surely_not():
        smtp = _connected(server)
    assert smtp.sock is not None
    try:
        with ended_in_time(smtp.sock):
            with _surely_not():
                _sign_in(smtp, server)
            yield smtp
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
    finally:
        smtp.close()


def _connected(server: MailServer) -> smtplib.SMTP:
    us = "[127.0.0.1]" if server.security == "none" else server.sender.rpartition("@")[2]
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, us, timeout=STEP_S, context=_trust(server))
    return smtplib.SMTP(server.host, server.port, us, timeout=STEP_S)


def _sign_in(smtp: smtplib.SMTP, server: MailServer) -> None:
    smtp.ehlo_or_helo_if_needed()
    if server.security == "starttls":
        smtp.starttls(context=_trust(server))
        smtp.ehlo()
    if server.user:
        smtp.login(server.user, server.secret())


def _trust(server: MailServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.ca_file)


@contextmanager
def _surely_not() -> Iterator[None]:
    """Whatever goes wrong in here, nothing has left. It is tried again: the fault may be ours, or pass."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Refused(f"The mail server's certificate is not good: {error.verify_message}.", again=True) from error
    except smtplib.SMTPAuthenticationError as error:
        raise Refused(f"The mail server refused our user or secret ({error.smtp_code}).", again=True) from error
    except smtplib.SMTPResponseException as error:
        raise Refused(_heard(error.smtp_code, error.smtp_error), again=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Refused(f"The mail server could not be reached: {type(error).__name__}.", again=True) from error


def _said(smtp: smtplib.SMTP, ask: Callable[[], tuple[int, bytes]], *good: int) -> None:
    with _surely_not():
        code, words = ask()
    if code not in good:
        raise Refused(_heard(code, words), again=code < 500)


def _ended(smtp: smtplib.SMTP) -> None:
    try:
        smtp.send(_END)
        code, words = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise NotHeard("The mail server had the whole e-mail and did not say whether it takes it.") from error
    if code >= 400:
        raise Refused(_heard(code, words), again=code < 500)
    if not 200 <= code < 300:
        raise NotHeard(f"The mail server had the whole e-mail and answered {code}.")


def _heard(code: int, words: bytes | str) -> str:
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    return clean_name(f"The mail server says {code} {text}", 160)
