"""Owners' passwords: argon2id, and what a password must not be."""

import gzip
import threading
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from edge_agent.errors import BadInput

SHORTEST, LONGEST = 8, 256
FEWEST_SIGNS = 4
_WORDS = """
password passwort passw pass parola qwerty qwertyuiop qwertz qwert asdf asdfgh asdfghjkl zxcvbnm yxcvbnm abc
abcd abcdef abcdefgh iloveyou loveyou lovely sunshine football fussball baseball basketball hockey princess
superman batman letmein welcome willkommen trustno dropshelf changeme admin administrator root user guest
login whatever starwars computer internet corvette monkey dragon master shadow michael jennifer jessica daniel
thomas andrew charlie hunter killer summer winter spring autumn sommer herbst fruehling monday friday secret
geheim hello hallo google samsung pokemon liverpool chelsea arsenal cookie cheese freedom flower purple orange
banana pepper ginger buster soccer tigger jordan mustang ferrari mercedes porsche yankees lakers matrix
phoenix diamond shop store till cash money schatz hase
"""
STEMS = frozenset(_WORDS.split())
"""What most passwords that are guessed first are made of; digits and signs around it change little."""
LOOKALIKES = str.maketrans("01345789@$!", "oieastbgasi")
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_FEW = threading.BoundedSemaphore(2)
"""So many are worked out at once: each takes 19 MiB, and anybody may ask for one."""
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$2P+ypFBrdFL6T8zaj/CG/g$cSo/um/Gza6uKSAlCK0DuY8Y403ad07r/F4rjlOO5hQ"


def hashed(password: str) -> str:
    """The argon2id hash (t=2, m=19 MiB, p=1) with its own salt."""
    with _FEW:
        return _HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """True when it is the password; as slow for an account that does not exist (None)."""
    try:
        with _FEW:
            return _HASHER.verify(stored or _NOBODY, password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def check_new(password: str, *, email: str, names: Iterable[str] = ()) -> None:
    """BadInput when the password is too short, too long, or among the first that anyone would try: of the 3,000 most
    common, a stem of such, the address, or one of `names` (the person, the shop) with no more than digits and signs."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"A password has {SHORTEST} to {LONGEST} characters; 15 or more are good.")
    plain = password.casefold()
    if plain in common() or len(set(password)) < FEWEST_SIGNS or _is_decorated(plain) or _is_own(plain, email, names):
        raise BadInput("That password is among the first that anyone would try. Choose another.")


@lru_cache(maxsize=1)
def common() -> frozenset[str]:
    """The most common passwords that are long enough; where they are from stands beside their file."""
    packed = (files("cloud_sync.accounts") / "common_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split())


def _is_own(password: str, email: str, names: Iterable[str]) -> bool:
    """True for what belongs to who chooses it, alone or twice, whatever digits and signs stand in it."""
    name, _, host = email.casefold().partition("@")
    own = {_letters(word) for word in (email.casefold(), name, host, host.partition(".")[0], *names)} - {""}
    core = _letters(password)
    half = core[: len(core) // 2]
    return core in own or password in own or (half in own and core == half * 2)


def _letters(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalpha())


def _is_decorated(password: str) -> bool:
    """True for a stem, alone or twice, with digits and signs around it or for its letters, and for digits alone."""
    core = password.strip("0123456789.,:;!?#$%&*+-_@ ")
    for plain in (core, core.translate(LOOKALIKES)):
        half = plain[: len(plain) // 2]
        if not plain or plain in STEMS or (half in STEMS and plain == half * 2):
            return True
    return False
