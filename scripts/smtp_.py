"""A mail server on loopback that keeps what it takes and fails where it is told to, for demo, tests and torture."""

import base64
import email
import email.policy
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage

Reply = tuple[int, str]
TAKEN = (250, "taken")
TAKEN_SILENTLY, LOST_SILENTLY = "taken, no answer", "not taken, no answer"
CUT = "cut"


@dataclass
class MailBox:
    """What the server took, and how it behaves: `faults` gives for each connection {step: what to do there}.

    Steps are connect, EHLO, AUTH, MAIL, RCPT, DATA, body and end; what to do is a reply, `CUT` (hang up), or at the end
    `TAKEN_SILENTLY` and `LOST_SILENTLY`. `before` is called with each step.
    """

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    faults: Callable[[int], dict[str, Reply | str]] = lambda _number: {}
    before: Callable[[str], None] = lambda _step: None
    tls: ssl.SSLContext | None = None
    at_once: bool = False
    secret: str = ""
    raw: list[bytes] = field(default_factory=list)

    def orders(self) -> list[str]:
        """The orders' keys of all that was taken, in its order."""
        return [str(mail["X-Dropshelf-Order"]).strip() for mail in self.taken]


@contextmanager
def mailbox(**how: object) -> Iterator[MailBox]:
    """A server that runs until the block ends."""
    box = MailBox(**how)  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", box.port)) as listening:
        box.port = listening.getsockname()[1]
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(listening, box, over), daemon=True)
        thread.start()
        try:
            yield box
        finally:
            over.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _serve(listening: socket.socket, box: MailBox, over: threading.Event) -> None:
    while not over.is_set():
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        box.connections += 1
        threading.Thread(target=_talk, args=(connection, box, box.connections - 1), daemon=True).start()


def _talk(connection: socket.socket, box: MailBox, number: int) -> None:
    with suppress(OSError, ValueError):
        _Talk(connection, box, box.faults(number)).whole()


class _HangUp(OSError):
    """The connection ends here."""


class _Talk:
    """One connection."""

    def __init__(self, connection: socket.socket, box: MailBox, faults: dict[str, Reply | str]) -> None:
        self._box, self._faults = box, faults
        self._connection = connection
        if box.tls is not None and box.at_once:
            self._connection = box.tls.wrap_socket(connection, server_side=True)
        self._lines = self._connection.makefile("rb")

    def whole(self) -> None:
        """Everything until one side ends it."""
        try:
            self._answer("connect", (220, "mail.example"))
            while (line := self._lines.readline()).strip():
                self._hears(line.strip().decode("ascii", "replace"))
        finally:
            self._lines.close()
            self._connection.close()

    def _hears(self, line: str) -> None:
        match line.split(" ", maxsplit=1)[0].upper():
            case "EHLO" | "HELO":
                self._answer("EHLO", (250, ""), self._offers())
            case "STARTTLS":
                self._encrypts()
            case "AUTH":
                self._signs_in(line)
            case "MAIL" | "RCPT" as verb:
                self._answer(verb, (250, "ok"))
            case "DATA":
                self._data()
            case "QUIT":
                self._says((221, "bye"))
                raise _HangUp
            case _:
                self._says((250, "ok"))

    def _offers(self) -> list[str]:
        clear = self._box.tls is not None and not self._box.at_once and not isinstance(self._connection, ssl.SSLSocket)
        return ["mail.example", *(["STARTTLS"] if clear else []), *(["AUTH PLAIN"] if self._box.secret else [])]

    def _encrypts(self) -> None:
        assert self._box.tls is not None
        self._says((220, "go on"))
        self._lines.close()
        self._connection = self._box.tls.wrap_socket(self._connection, server_side=True)
        self._lines = self._connection.makefile("rb")

    def _signs_in(self, line: str) -> None:
        secret = base64.b64decode(line.split(" ")[2]).split(b"\0")[2].decode()
        self._answer("AUTH", (235, "in") if secret == self._box.secret else (535, "no"))

    def _data(self) -> None:
        if not self._answer("DATA", (354, "go on")):
            return
        body = self._body()
        fault = self._faults.get("end", TAKEN)
        self._box.before("end")
        if fault in (TAKEN, TAKEN_SILENTLY):
            self._box.raw.append(body)
            self._box.taken.append(email.message_from_bytes(body, EmailMessage, policy=email.policy.default))
        if isinstance(fault, str):
            raise _HangUp
        self._says(fault)

    def _body(self) -> bytes:
        kept: list[bytes] = []
        while (line := self._lines.readline()) != b".\r\n":
            if not line or self._faults.get("body") == CUT:
                raise _HangUp
            kept.append(line[1:] if line.startswith(b".") else line)
        return b"".join(kept)

    def _answer(self, step: str, usual: Reply, more: list[str] | None = None) -> bool:
        """Say what this step is to say; True when it is what is usual."""
        self._box.before(step)
        fault = self._faults.get(step, usual)
        if isinstance(fault, str):
            raise _HangUp
        self._says(fault, more if fault == usual else None)
        return fault == usual

    def _says(self, reply: Reply, more: list[str] | None = None) -> None:
        code, words = reply
        lines = more or [words]
        said = [f"{code}{'-' if place < len(lines) - 1 else ' '}{text}\r\n" for place, text in enumerate(lines)]
        self._connection.sendall("".join(said).encode())
