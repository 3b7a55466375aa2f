"""Forms over what is kept whole: what was typed as words, and nothing that somebody else changed meanwhile is lost."""

import hashlib
from collections.abc import Callable
from typing import Protocol

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session
from starlette.datastructures import FormData

from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.service import service_of
from edge_agent.errors import BadInput, DropshelfError, NotKnown
from edge_agent.wire.envelope import Contract

SAVED = "Saved. The tills take it with their next look."


class Meanwhile(DropshelfError):
    """What the form would change is not as the owner saw it."""


class Again(Protocol):
    """The form once more, with what was wrong; `as_typed` when it shows what was typed, else what holds now."""

    def __call__(self, *, status: int, wrong: str, as_typed: bool) -> Response: ...


def saved(
    request: Request,
    owner: SignedIn,
    shop: str,
    save: Callable[[Session, Shown], None],
    *,
    again: Again,
    then: Callable[[Shown], Response],
) -> Response:
    """Let `save` take a form in one transaction, and answer by `then`; what is not right is shown `again`."""
    service = service_of(request)
    try:
        with service.database.writing() as session:
            here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
            save(session, here)
    except Meanwhile as changed:
        return again(status=409, wrong=changed.message, as_typed=False)
    except BadInput as error:
        return again(status=422, wrong=error.message, as_typed=True)
    return then(here)


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
