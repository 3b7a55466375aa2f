"""Texts by a gateway: each is one signed POST over verified TLS, tried once, and no redirect is followed."""

import asyncio
import json
import os
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import certifi

from edge_agent.errors import BadInput
from edge_agent.rules.signature import signature
from edge_agent.rules.texting import Fate, Text
from edge_agent.sync.connection import Answer, Connection, Headers
from edge_agent.sync.http import checked_address
from edge_agent.sync.patience import USUAL, Patience

KEY, SECRET = "DROPSHELF_GATEWAY_KEY", "DROPSHELF_GATEWAY_SECRET"
THIS_TEXT_ALONE = (400, 409, 413, 422)
"""Answers about the text that was posted; what else is refused would be so with the next one too."""


@dataclass(frozen=True)
class Credentials:
    """The key by which a gateway knows who asks, and the secret that signs."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


def credentials(file: Path) -> Credentials:
    """From the environment, else the two first lines of a file that nobody else may read. BadInput."""
    key, secret = os.environ.get(KEY, ""), os.environ.get(SECRET, "")
    if not (key and secret):
        key, secret = _two_lines(file)
    if not all(32 < ord(sign) < 127 for sign in key + secret):
        raise BadInput("a gateway's key and secret are plain letters, digits and signs without blanks")
    return Credentials(key, secret)


def _two_lines(file: Path) -> tuple[str, str]:
    try:
        lines = file.read_text(encoding="ascii").split("\n")
        key, secret = lines[0].strip(), lines[1].strip()
        if file.stat().st_mode & 0o077:
            raise BadInput(f"others can read {file}; it is for its owner alone (chmod 600)")
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise BadInput(f"{file} should hold a gateway's key and in the next line its secret") from error
    if not (key and secret):
        raise BadInput(f"{file} should hold a gateway's key and in the next line its secret")
    return key, secret


def address_of(url: str) -> SplitResult:
    """BadInput unless it is https, or http to this machine itself."""
    try:
        checked_address(url)
    except BadInput:
        words = "it should be like 'https://sms.example/texts' (http on this machine itself alone)"
        raise BadInput(f"gateway in [samples] is {url!r}; {words}") from None
    return urlsplit(url)


class Gateway:
    """One text at a time, so that the hour and every stop are looked at anew before each. `now` is UTC ms."""

    at_once = 1

    def __init__(
        self, url: str, known: Credentials, now: Callable[[], int], *, patience: Patience = USUAL, ca: str = ""
    ) -> None:
        self._place, self._known, self._now, self._patience = address_of(url), known, now, patience
        secure = self._place.scheme == "https"
        self._tls = ssl.create_default_context(cafile=ca or certifi.where()) if secure else None

    def send(self, texts: Sequence[Text]) -> Sequence[tuple[Fate, str]]:
        """Post each once; see `Way`."""
        return [asyncio.run(self._posted(text)) for text in texts]

    async def _posted(self, text: Text) -> tuple[Fate, str]:
        host, port = self._place.hostname or "", self._place.port or (443 if self._tls else 80)
        try:
            connection = await Connection.open(host, port, self._tls, self._patience)
        except (OSError, UnicodeError) as error:
            return "closed", f"it could not be reached: {type(error).__name__}"
        try:
            async with asyncio.timeout(self._patience.whole_s):
                return _fate(await self._asked(connection, text))
        except OSError as error:
            return "unknown", f"it did not say whether it took it: {type(error).__name__}"
        finally:
            await connection.close()

    async def _asked(self, connection: Connection, text: Text) -> Answer:
        body = json.dumps({"id": text.id, "to": text.phone, "text": text.words}, ensure_ascii=False).encode()
        headers: Headers = [
            ("Host", self._place.netloc.encode("idna").decode()),
            ("Content-Type", "application/json"),
            ("Authorization", f"Bearer {self._known.key}"),
            ("Idempotency-Key", text.id),
            ("Dropshelf-Signature", signature(self._known.secret, self._now() // 1000, body)),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
        ]
        return await connection.ask("POST", self._place.path or "/", headers, body)


def _fate(answer: Answer) -> tuple[Fate, str]:
    """Any 2xx is taken. A redirect and 4xx are a sure no; of what a broken server did nobody knows."""
    said = f"it answered {answer.status}"
    if 200 <= answer.status < 300:
        return "left", ""
    if answer.status in THIS_TEXT_ALONE:
        return "refused", said
    # 408 is a server that lost patience: it may have passed on what it had.
    return ("closed", said) if 300 <= answer.status < 500 and answer.status != 408 else ("unknown", said)
