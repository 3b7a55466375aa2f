"""Owners' passwords: argon2id, and what a password must not be."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from edge_agent.errors import BadInput

SHORTEST, LONGEST = 8, 256
COMMON = frozenset(
    (
        "password",
        "passw0rd",
        "12345678",
        "123456789",
        "1234567890",
        "qwertyui",
        "qwertyuiop",
        "qwerty123",
        "iloveyou",
        "sunshine",
        "football",
        "baseball",
        "princess",
        "superman",
        "11111111",
        "00000000",
        "abcdefgh",
        "abcd1234",
        "password1",
        "password123",
        "letmein1",
        "welcome1",
        "trustno1",
        "dropshelf",
        "changeme",
        "admin123",
        "whatever",
        "starwars",
        "computer",
        "corvette",
    )
)
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$2P+ypFBrdFL6T8zaj/CG/g$cSo/um/Gza6uKSAlCK0DuY8Y403ad07r/F4rjlOO5hQ"


def hashed(password: str) -> str:
    """The argon2id hash (t=2, m=19 MiB, p=1) with its own salt."""
    return _HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """True when it is the password; as slow for an account that does not exist (None)."""
    try:
        return _HASHER.verify(stored or _NOBODY, password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def check_new(password: str, *, email: str) -> None:
    """BadInput when the password is too short, too long, or among the first that anyone would try."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"A password has {SHORTEST} to {LONGEST} characters; 15 or more are good.")
    if password.lower() in COMMON | {email.lower(), email.lower().partition("@")[0]} or len(set(password)) < 4:
        raise BadInput("That password is among the first that anyone would try. Choose another.")
