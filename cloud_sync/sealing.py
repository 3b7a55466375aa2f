"""What lies in the database closed: an address that is needed once, under a key of the cloud that no backup holds."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from cloud_sync.keys import secret_of
from cloud_sync.settings import Settings
from edge_agent.errors import Broken

NONCE = 12


@dataclass(frozen=True)
class Seal:
    """Closes and opens words of one tenant about one thing."""

    file: Path
    tenant: str
    about: str

    def close(self, words: str) -> bytes:
        """Closed words; the same ones look different each time."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, words.encode(), self.about.encode())

    def open(self, closed: bytes) -> str:
        """The words. Broken when they are not whole, or were closed under another key."""
        try:
            return self._cipher.decrypt(closed[:NONCE], closed[NONCE:], self.about.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Broken("what was sealed can't be opened") from error

    @property
    def _cipher(self) -> ChaCha20Poly1305:
        return ChaCha20Poly1305(secret_of(self.file, "sealed", self.tenant))


def seal_of(settings: Settings, tenant: str, about: str) -> Seal:
    """The seal of this cloud."""
    return Seal(settings.data / "keys" / "sealed.key", tenant, about)
