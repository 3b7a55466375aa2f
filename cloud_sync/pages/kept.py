"""Forms over what is kept whole: what was typed as words, and nothing that somebody else changed meanwhile is lost."""

import hashlib

from starlette.datastructures import FormData

from edge_agent.errors import DropshelfError, NotKnown
from edge_agent.wire.envelope import Contract


class Meanwhile(DropshelfError):
    """What the form would change is not as the owner saw it."""


def mark_of(body: Contract | None) -> str:
    """What an owner saw, as a word: another one as soon as anything of it changes; `new` before there is any."""
    return hashlib.sha256(body.model_dump_json().encode()).hexdigest()[:16] if body else "new"


def as_seen(known: Contract | None, mark: str, what: str) -> None:
    """Meanwhile when `known` (called `what`) is not what the form with this mark was made of."""
    if mark == mark_of(known):
        return
    if known is None:
        raise NotKnown(f"there is no such {what}")
    if mark == "new":
        raise Meanwhile(f"There is such {_a(what)} already: it stands below. Nothing was saved.")
    raise Meanwhile(f"Somebody changed this {what} meanwhile. Nothing was saved; look at it as it is now.")


def typed(fields: FormData) -> dict[str, str]:
    """The form's fields; several boxes of one name, with spaces between them."""
    words: dict[str, list[str]] = {}
    for name, value in fields.multi_items():
        if isinstance(value, str):
            words.setdefault(name, []).append(value.strip())
    return {name: " ".join(some) for name, some in words.items()}


def _a(what: str) -> str:
    return f"an {what}" if what[0] in "aeiou" else f"a {what}"
