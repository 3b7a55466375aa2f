"""Models that were published: signed, kept whole, told to every shop by its feed, handed out to tills in parts."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, col, func, select

from cloud_sync.feed import held_shop, publish
from cloud_sync.signing import ensure_key, sign
from cloud_sync.tables.fleet import Candidate, PublishedModel
from cloud_sync.tables.house import Shop
from edge_agent.errors import BadInput, NotAllowed
from edge_agent.rules.day import DAY_MS
from edge_agent.wire.events.models import ModelPublished
from edge_agent.wire.limits import MODEL_BYTES, MODEL_PART_BYTES
from edge_agent.wire.messages import ModelPart

KEY = "demand"
"""What of the feed an offer sets: the newest one holds."""
UNSIGNED = "0" * 128
LASTS_DAYS = 180


@dataclass(frozen=True)
class Publishing:
    """How a model is published: the key that signs, the days until its offer ends, and why by force, if so."""

    data: Path
    key: Path
    days: int = LASTS_DAYS
    force: str = ""


def publish_model(session: Session, file: bytes, how: Publishing, now: int) -> ModelPublished:
    """Sign a judged candidate and tell every shop, in the caller's transaction.

    NotAllowed for a candidate that is not better than the one in use, or was never judged here, without a reason.
    """
    if not 0 < len(file) <= MODEL_BYTES:
        raise BadInput(f"a model has at most {MODEL_BYTES} bytes; this file has {len(file)}")
    ensure_key(session, how.data)
    sha256 = hashlib.sha256(file).hexdigest()
    judged = session.get(Candidate, sha256)
    if judged is None:
        raise NotAllowed("this file was never judged here: publish what cloud-sync train wrote")
    if not judged.better and not how.force:
        raise NotAllowed("the candidate is not better than the model in use; --force REASON publishes it all the same")
    offered = ModelPublished(
        version=_next_version(session, now),
        sha256=sha256,
        length=len(file),
        features=judged.features,
        taught_until=judged.taught_until,
        expires_at=now + how.days * DAY_MS,
        signature=UNSIGNED,
    )
    signed = sign(session, how.key, offered)
    session.add(_row(signed, file, "" if judged.better else how.force[:200], now))
    for tenant, shop in session.exec(select(Shop.tenant, Shop.shop).order_by(col(Shop.tenant), col(Shop.shop))).all():
        announce(session, held_shop(session, tenant, shop), signed, now)
    return signed


def announce(session: Session, shop: Shop, model: ModelPublished | None, now: int) -> None:
    """Tell a shop, whose row is held, of a model (None: of the newest one, if there is any)."""
    if model is None:
        row = newest(session)
        model = offer_of(row) if row else None
    if model is not None:
        publish(session, shop, model, key=KEY, at=now)


def newest(session: Session) -> PublishedModel | None:
    """The model that tills are offered."""
    return session.exec(select(PublishedModel).order_by(col(PublishedModel.version).desc()).limit(1)).first()


def offer_of(row: PublishedModel) -> ModelPublished:
    """What the feed says of a published model."""
    return ModelPublished(
        version=row.version,
        sha256=row.sha256,
        length=len(row.file),
        features=row.features,
        taught_until=row.taught_until,
        expires_at=row.expires_at,
        signature=row.signature,
    )


def part_of(session: Session, sha256: str, after: int) -> ModelPart:
    """The next bytes of a published file; none behind its end, and none of a file that is not published."""
    piece = func.substr(PublishedModel.file, after + 1, MODEL_PART_BYTES)
    found = session.exec(select(piece).where(PublishedModel.sha256 == sha256).limit(1)).first()
    return ModelPart(sha256=sha256, after=after, data=base64.b64encode(bytes(found or b"")).decode())


def _next_version(session: Session, now: int) -> int:
    """The day and a running number: it counts up also where a restored backup has forgotten the last ones."""
    row = newest(session)
    today = int(f"{datetime.fromtimestamp(now / 1000, UTC):%Y%m%d}01")
    return max(row.version + 1 if row else 1, today)


def _row(model: ModelPublished, file: bytes, forced: str, now: int) -> PublishedModel:
    fields = model.model_dump(exclude={"length"})
    return PublishedModel(**fields, published_at=now, forced=forced, file=file)
