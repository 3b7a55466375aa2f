"""The mail server of the cloud, from its settings."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cloud_sync.post.talk import Refused
from cloud_sync.settings import Settings
from edge_agent.errors import BadInput

SECURITY = ("starttls", "tls", "none")


@dataclass(frozen=True)
class MailServer:
    """Where e-mails are handed over, as whom, and what proves that it is the right server.

    `security`: starttls, tls from the first byte, or none (this machine itself alone).
    """

    host: str
    port: int
    security: str
    user: str
    secret_file: Path | None
    ca_file: Path | None
    sender: str

    def secret(self) -> str:
        """Read at each sign-in, so that a changed one holds at once; it is kept nowhere else."""
        try:
            return self.secret_file.read_text(encoding="utf-8").strip() if self.secret_file else ""
        except (OSError, UnicodeDecodeError) as error:
            raise Refused("The file with the mail server's secret can't be read.", again=True) from error


def mail_server(settings: Settings) -> MailServer | None:
    """The server that `mail_host` names, None when there is none; BadInput for settings that can't be meant."""
    if not settings.mail_host:
        return None
    if settings.mail_security not in SECURITY:
        raise BadInput(f"mail_security is one of {', '.join(SECURITY)}, not {settings.mail_security!r}")
    if settings.mail_security == "none" and not _is_here(settings.mail_host):
        raise BadInput(f"mail_security none is for a mail server on this machine; {settings.mail_host} is another")
    if "@" not in settings.mail_from or any(sign.isspace() for sign in settings.mail_from):
        raise BadInput("mail_from is the e-mail address that orders come from; an example is orders@shop.example")
    if settings.mail_user and not settings.mail_secret_file:
        raise BadInput("mail_user needs mail_secret_file, a file that holds the secret")
    return MailServer(
        host=settings.mail_host,
        port=settings.mail_port,
        security=settings.mail_security,
        user=settings.mail_user,
        secret_file=Path(settings.mail_secret_file) if settings.mail_secret_file else None,
        ca_file=Path(settings.mail_ca_file) if settings.mail_ca_file else None,
        sender=settings.mail_from,
    )


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
