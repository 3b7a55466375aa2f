"""A box that anybody can close and one passphrase opens: X25519 with a fresh key a box, HKDF, ChaCha20-Poly1305."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from edge_agent.errors import BadInput, Broken

LEAST_CHARACTERS = 12
KEY, SALT = 32, 16
ONCE = bytes(12)
"""Each box has a key of its own, which closes one thing."""
PASSPHRASE_COST, HASH_COST = 2**15, 2**14
"""Of scrypt: 32 MiB for a passphrase, 16 MiB for a hash that is made at the counter."""


def pair() -> tuple[bytes, bytes]:
    """A fresh private key and its public half."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def seal(public: bytes, plain: bytes, about: bytes) -> bytes:
    """Close a box that only the private half opens, bound to what it is `about`."""
    once = X25519PrivateKey.generate()
    mine = once.public_key().public_bytes_raw()
    key = _shared(once.exchange(X25519PublicKey.from_public_bytes(public)), mine, public)
    return mine + ChaCha20Poly1305(key).encrypt(ONCE, plain, about)


def open_box(private: bytes, box: bytes, about: bytes) -> bytes:
    """What lies in the box; Broken when it is another's, was changed, or is about something else."""
    own = X25519PrivateKey.from_private_bytes(private)
    mine, public = box[:KEY], own.public_key().public_bytes_raw()
    try:
        key = _shared(own.exchange(X25519PublicKey.from_public_bytes(mine)), mine, public)
        return ChaCha20Poly1305(key).decrypt(ONCE, box[KEY:], about)
    except (InvalidTag, ValueError) as error:
        raise Broken("a sealed number is not what was sealed here") from error


def _shared(secret: bytes, mine: bytes, public: bytes) -> bytes:
    return HKDF(SHA256(), KEY, salt=mine + public, info=b"dropshelf texts/1").derive(secret)


def lock(private: bytes, passphrase: str, salt: bytes) -> bytes:
    """The private key under a passphrase; BadInput for one that is short."""
    if len(passphrase) < LEAST_CHARACTERS:
        raise BadInput(f"the passphrase has at least {LEAST_CHARACTERS} characters")
    key = Scrypt(salt=salt, length=KEY, n=PASSPHRASE_COST, r=8, p=1).derive(passphrase.encode())
    return salt + ChaCha20Poly1305(key).encrypt(ONCE, private, b"")


def unlock(locked: bytes, passphrase: str) -> bytes | None:
    """The private key; None when the passphrase is another."""
    salt, box = locked[:SALT], locked[SALT:]
    key = Scrypt(salt=salt, length=KEY, n=PASSPHRASE_COST, r=8, p=1).derive(passphrase.encode())
    try:
        return ChaCha20Poly1305(key).decrypt(ONCE, box, b"")
    except InvalidTag:
        return None


def slow_hash(plain: bytes, salt: bytes) -> bytes:
    """A hash from which nobody goes through all phone numbers in a day."""
    return Scrypt(salt=salt, length=KEY, n=HASH_COST, r=8, p=1).derive(plain)
