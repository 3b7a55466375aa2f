"""Pairing a till: a one-time code for the owner to read out, and its exchange for a credential."""

import secrets

from sqlmodel import Session, select

from cloud_sync.accounts.attempts import claim, forgive
from cloud_sync.accounts.codes import digest, new_code, typed
from cloud_sync.database import Database
from cloud_sync.service import stamp
from cloud_sync.signing import public_key
from cloud_sync.tables.accounts import Device, PairCode
from cloud_sync.tables.house import Shop
from edge_agent.errors import NotAllowed, NotKnown
from edge_agent.rules.text import clean_name
from edge_agent.wire.limits import PAIR_CODE_CHARACTERS, PAIR_CODE_MS
from edge_agent.wire.messages import Paired, PairRequest

TRIES = 5
HANDLE = 3
"""So many characters find a code; the others prove it, in five tries."""


def make_code(session: Session, *, tenant: str, shop: str, now: int) -> str:
    """A new one-time code for a shop, valid for ten minutes; it is stored only hashed."""
    code = new_code(PAIR_CODE_CHARACTERS)
    expires_at = now + PAIR_CODE_MS
    row = PairCode(code_hash=digest(code), handle=code[:HANDLE], tenant=tenant, shop=shop, expires_at=expires_at)
    session.add(row)
    return code


def pair(database: Database, request: PairRequest, *, address: str, now: int) -> Paired:
    """Exchange a code for a device and its credential; NotAllowed when the code is wrong, used or too old."""
    with database.writing() as session:
        claim(session, f"pair:{address}", limit=TRIES, now=now)
    with database.service().writing() as session:
        row = _redeemed(session, typed(request.code), now)
        paired = _enrolled(session, row, request, now) if row else None
        if paired:
            forgive(session, f"pair:{address}")
    if paired is None:
        raise NotAllowed("The code is wrong, used or older than ten minutes. Ask for a new one: cloud-sync pair-code.")
    return paired


def _redeemed(session: Session, code: str, now: int) -> PairCode | None:
    """The row of a right code, now used; every open code of the same beginning loses a try otherwise."""
    right = None
    for row in session.exec(select(PairCode).where(PairCode.handle == code[:HANDLE])):
        if row.used_at is not None or now >= row.expires_at or row.tries >= TRIES:
            continue
        if secrets.compare_digest(row.code_hash, digest(code)):
            row.used_at, right = now, row
        else:
            row.tries += 1
        session.add(row)
    return right


def _enrolled(session: Session, code: PairCode, request: PairRequest, now: int) -> Paired:
    shop = session.get(Shop, (code.tenant, code.shop))
    if shop is None:
        raise NotKnown("the code's shop is gone")
    credential, name = secrets.token_urlsafe(32), secrets.token_hex(8)
    device = Device(
        tenant=shop.tenant,
        device=name,
        shop=shop.shop,
        till=clean_name(request.till) or "Till",
        public_key=request.public_key,
        credential_hash=digest(credential),
        paired_at=now,
    )
    session.add(device)
    audience = stamp(session, "audience")
    return Paired(
        tenant=shop.tenant,
        shop=shop.shop,
        device=name,
        credential=credential,
        audience=audience,
        shop_name=shop.name,
        model_key=public_key(session),
    )
