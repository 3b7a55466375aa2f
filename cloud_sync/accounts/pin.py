"""The PIN of a remembered phone: worth nothing on another one, and no more than approving, editing and taking out."""

from itertools import pairwise

from sqlmodel import Session

from cloud_sync.accounts.codes import digest
from cloud_sync.accounts.passwords import hashed
from cloud_sync.tables.accounts import OwnerSession
from edge_agent.errors import BadInput

LEAST, MOST = 4, 8


def set_pin(session: Session, token: str, pin: str) -> None:
    """Give the phone of this session a PIN, empty: take it away. BadInput for what is no PIN, among the first that
    anyone would try, or for a browser that is not remembered."""
    row = session.get(OwnerSession, digest(token))
    if row is None or not row.remembered:
        raise BadInput("A PIN belongs to a phone that is remembered. Sign in once more, and let it be.")
    if pin:
        check_pin(pin)
    row.pin_hash, row.pin_at = hashed(pin) if pin else "", 0
    session.add(row)


def check_pin(pin: str) -> None:
    """BadInput when it may be no PIN."""
    if not (pin.isascii() and pin.isdigit() and LEAST <= len(pin) <= MOST):
        raise BadInput(f"A PIN is {LEAST} to {MOST} digits.")
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if len(set(pin)) < 3 or (len(steps) == 1 and steps <= {0, 1, 9}):
        raise BadInput("That PIN is among the first that anyone would try. Choose another.")
