"""A sealed file: encrypted under a passphrase, in chunks whose order and end are authenticated.

`DROPSHELF-SEALED-1` and a newline; log2 N, r, p of scrypt (a byte each), salt (16), nonce's beginning (7); then chunks
of 64 KiB under ChaCha20-Poly1305, each with its 16 bytes of tag. A chunk's nonce is that beginning, its number (4, big
endian) and 1 for the last chunk, else 0; the header is authenticated with each.
"""

from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from edge_agent.errors import BadInput, NotAllowed

MAGIC = b"DROPSHELF-SEALED-1\n"
COST = bytes((15, 8, 1))
HIGHEST_COST = (17, 8, 4)
CHUNK, TAG, SALT, BEGINNING = 64 * 1024, 16, 16, 7
LEAST_CHARACTERS = 12


def seal(source: BinaryIO, target: BinaryIO, passphrase: str, random: bytes) -> None:
    """Encrypt `source` into `target`; `random` are 23 fresh random bytes. BadInput for a passphrase that is short."""
    if len(passphrase) < LEAST_CHARACTERS:
        raise BadInput(f"the passphrase has at least {LEAST_CHARACTERS} characters")
    if len(random) != SALT + BEGINNING:
        raise ValueError("a sealed file needs 23 random bytes")
    header = MAGIC + COST + random
    cipher = _cipher(passphrase, header)
    target.write(header)
    chunk = source.read(CHUNK)
    number = 0
    while True:
        behind = source.read(CHUNK)
        target.write(cipher.encrypt(_nonce(header, number, last=not behind), chunk, header))
        if not behind:
            return
        chunk, number = behind, number + 1


def unsealed(source: BinaryIO, passphrase: str) -> Iterator[bytes]:
    """The plain chunks. NotAllowed as soon as one is not as it was sealed, or the end is missing: then nothing that
    came before may be used either."""
    header = source.read(len(MAGIC) + len(COST) + SALT + BEGINNING)
    if not header.startswith(MAGIC) or len(header) != len(MAGIC) + len(COST) + SALT + BEGINNING:
        raise BadInput("this is no sealed backup")
    cipher = _cipher(passphrase, header)
    chunk, number = source.read(CHUNK + TAG), 0
    while True:
        behind = source.read(CHUNK + TAG)
        try:
            yield cipher.decrypt(_nonce(header, number, last=not behind), chunk, header)
        except InvalidTag:
            raise NotAllowed("the passphrase is another, or the file is damaged or cut short") from None
        if not behind:
            return
        chunk, number = behind, number + 1


def _cipher(passphrase: str, header: bytes) -> ChaCha20Poly1305:
    cost, salt = header[len(MAGIC) :][: len(COST)], header[len(MAGIC) + len(COST) :][:SALT]
    if any(asked > most for asked, most in zip(cost, HIGHEST_COST, strict=True)) or 0 in cost:
        raise BadInput("this sealed backup asks for more work than this program does")
    made = Scrypt(salt=salt, length=32, n=2 ** cost[0], r=cost[1], p=cost[2])
    return ChaCha20Poly1305(made.derive(passphrase.encode()))


def _nonce(header: bytes, number: int, *, last: bool) -> bytes:
    return header[-BEGINNING:] + number.to_bytes(4, "big") + bytes((last,))
