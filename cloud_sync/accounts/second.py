"""The second step of signing in: an authenticator's codes, each once, and recovery codes for when it is lost."""

from pathlib import Path

from sqlalchemy import delete
from sqlmodel import Session, col, select

from cloud_sync.accounts.codes import new_code, shown, typed
from cloud_sync.accounts.passwords import hashed, matches
from cloud_sync.accounts.totp import step_of
from cloud_sync.keys import secret_of
from cloud_sync.tables.accounts import Owner, RecoveryCode
from edge_agent.errors import BadInput, NotKnown

CODES, LETTERS, HANDLE = 10, 16, 4
SECRET_BYTES = 20


def secret_for(key_file: Path, owner: Owner) -> bytes:
    """The secret that the authenticator shares with us, of this person's turn; it is stored nowhere."""
    return secret_of(key_file, "second", owner.tenant, owner.owner, owner.second_turn)[:SECRET_BYTES]


def held(session: Session, *, tenant: str, owner: str) -> Owner:
    """The person, held until the transaction ends, so that two requests do not take one code."""
    row = session.get(Owner, (tenant, owner), with_for_update=True)
    if row is None or row.disabled_at is not None:
        raise NotKnown("there is no such person")
    return row


def begin(session: Session, owner: Owner) -> None:
    """A new secret, not asked for until `confirm`; BadInput while another one is in use."""
    if owner.second_since is not None:
        raise BadInput("Codes are asked for already. Turn them off first.")
    owner.second_turn += 1
    owner.second_step = 0
    session.add(owner)


def confirm(session: Session, key_file: Path, owner: Owner, code: str, now: int) -> list[str]:
    """Ask for codes from now on: the authenticator has the secret, as its code shows. Returns the recovery codes."""
    if owner.second_since is not None or owner.second_turn == 0:
        raise BadInput("Begin again: there is nothing to confirm.")
    step = step_of(secret_for(key_file, owner), code, now=now, after=owner.second_step)
    if step is None:
        raise BadInput("That is not the code of now. See that the phone's clock is right, and type the newest code.")
    owner.second_since, owner.second_step = now, step
    session.add(owner)
    return new_recovery_codes(session, owner)


def end(session: Session, owner: Owner) -> None:
    """Ask for codes no more; the recovery codes are void."""
    owner.second_since = None
    session.add(owner)
    _void(session, owner)


def new_recovery_codes(session: Session, owner: Owner) -> list[str]:
    """Ten new ones to show once; the old ones are void."""
    _void(session, owner)
    codes: dict[str, str] = {}
    while len(codes) < CODES:
        code = new_code(LETTERS)
        codes[code[:HANDLE]] = code
    for handle, code in codes.items():
        session.add(RecoveryCode(tenant=owner.tenant, owner=owner.owner, handle=handle, code_hash=hashed(code)))
    return [shown(code) for code in codes.values()]


def codes_left(session: Session, *, tenant: str, owner: str) -> int:
    """How many recovery codes are unused."""
    mine = select(RecoveryCode.handle).where(RecoveryCode.tenant == tenant, RecoveryCode.owner == owner)
    return len(session.exec(mine.where(col(RecoveryCode.used_at).is_(None))).all())


def takes(session: Session, key_file: Path, owner: Owner, code: str, now: int) -> bool:
    """True for a code of the authenticator or an unused recovery code; either is used up by it. `owner` is held."""
    step = step_of(secret_for(key_file, owner), code, now=now, after=owner.second_step)
    if step is not None:
        owner.second_step = step
        session.add(owner)
        return True
    return _takes_recovery(session, owner, typed(code), now)


def _takes_recovery(session: Session, owner: Owner, code: str, now: int) -> bool:
    row = session.get(RecoveryCode, (owner.tenant, owner.owner, code[:HANDLE])) if len(code) == LETTERS else None
    if row is None or row.used_at is not None or not matches(row.code_hash, code):
        return False
    row.used_at = now
    session.add(row)
    return True


def _void(session: Session, owner: Owner) -> None:
    mine = (col(RecoveryCode.tenant) == owner.tenant) & (col(RecoveryCode.owner) == owner.owner)
    session.execute(delete(RecoveryCode).where(mine))
    session.flush()
