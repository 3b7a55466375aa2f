"""The devices' door: pairing, session, push and feed, as `edge_agent/wire/messages.py` writes them down."""

import asyncio
import logging
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from cloud_sync.accounts.attempts import TooMany
from cloud_sync.accounts.devices import Knocker, device_of, living
from cloud_sync.accounts.pairing import pair
from cloud_sync.doors import Door
from cloud_sync.feed import Refetch, page
from cloud_sync.ingest.batch import batch_of, signature_holds
from cloud_sync.ingest.body import TooLarge, unpack
from cloud_sync.ingest.own import own_page
from cloud_sync.ingest.receive import Refused, note_poll, open_session, receive
from cloud_sync.published import part_of
from cloud_sync.service import Service, address_of, service_of
from edge_agent.errors import BadInput, NotAllowed
from edge_agent.wire.envelope import MAX_WHOLE, Contract
from edge_agent.wire.limits import BATCH_BYTES, BATCH_EVENTS, MODEL_BYTES
from edge_agent.wire.messages import Limits, PairRequest, Refusal, Session, SessionRequest

log = logging.getLogger(__name__)
router = APIRouter(prefix="/v1")
Body = TypeVar("Body", bound=Contract)
Place = Annotated[int, Query(ge=0, le=MAX_WHOLE)]
Named = Annotated[str, Query(max_length=64, pattern="^[0-9A-Za-z_-]*$")]


@router.post("/pair")
async def pair_till(request: Request) -> Response:
    """A one-time code and a public key against a device and its credential."""
    service = service_of(request)
    asked = _body(PairRequest, await request.body())
    if isinstance(asked, Response):
        return asked
    return await run_in_threadpool(_pair, service, asked, address_of(request))


@router.post("/session")
async def session_of_till(request: Request) -> Response:
    """Opens a session: where the cloud stands, and what it asks of the till."""
    service = service_of(request)
    asked = _body(SessionRequest, await request.body())
    if isinstance(asked, Response):
        return asked
    return await asyncio.to_thread(answer_session, service, request.headers.get("authorization", ""), asked)


@router.post("/push")
async def push(request: Request) -> Response:
    """A signed batch of lines: stored raw, acknowledged by content, counted later."""
    service = service_of(request)
    packed = await request.body()
    encoding = request.headers.get("content-encoding", "")
    if encoding not in ("zstd", "gzip"):
        return refusal(415, "ENVELOPE", "a batch comes with Content-Encoding: zstd or gzip")
    return await asyncio.to_thread(answer_push, service, request.headers.get("authorization", ""), packed)


@router.get("/feed")
def feed(
    request: Request,
    after: Place,
    generation: Named,
    head: Place | None = None,
    journal: Named = "",
    fittings: str = "",
) -> Response:
    """The entries behind a cursor. `head` is the till's own last seq, so that the owner sees what waits; `fittings` is
    how its printer and the like stand (JSON, see docs/protocol.md; what is none is passed by)."""
    who = request.headers.get("authorization", "")
    return answer_feed(service_of(request), who, after, generation, head=head, journal=journal, fittings=fittings)


@router.get("/journal")
def own_journal(request: Request, journal: Named, after: Place) -> Response:
    """The till's own lines behind `after`, for one that was set back to an old copy of its journal."""
    return answer_own_journal(service_of(request), request.headers.get("authorization", ""), journal, after)


@router.get("/model")
def model(
    request: Request,
    sha256: Annotated[str, Query(pattern="^[0-9a-f]{64}$")],
    after: Annotated[int, Query(ge=0, le=MODEL_BYTES)],
) -> Response:
    """The next part of a published model's file; the feed names it."""
    service = service_of(request)
    try:
        _till(service, request.headers.get("authorization", ""), feed=True)
        with service.database.reading() as session:
            return answer(part_of(session, sha256, after))
    except NotAllowed as error:
        return refusal(401, "REVOKED", error.message)


KNOCKED_AT: dict[str, Door] = {"/v1/session": session_of_till, "/v1/push": push}
"""What returning tills ask by the thousand; `Doors` leads straight here."""


def _pair(service: Service, asked: PairRequest, address: str) -> Response:
    try:
        return answer(pair(service.database, asked, address=address, now=service.clock.now()))
    except TooMany as error:
        return refusal(429, "BUSY", error.message, wait_s=error.wait_s)
    except NotAllowed as error:
        return refusal(403, "CODE", error.message)


def answer_session(service: Service, authorization: str, asked: SessionRequest) -> Response:
    """Where the cloud stands with a journal of the till of this credential."""
    now = service.clock.now()
    try:
        device = _till(service, authorization, feed=False)
        standing = open_session(service.database, device, asked, now)
    except NotAllowed as error:
        return refusal(401, "REVOKED", error.message)
    except Refused as error:
        return _said(error, asked.journal)
    spread_s, idle_s = service.gate.spread_s(lambda: living(service.database, now)), service.settings.idle_s
    limits = Limits(batch_events=BATCH_EVENTS, batch_bytes=BATCH_BYTES, spread_s=spread_s, idle_s=idle_s)
    return answer(
        Session(
            session=standing.session,
            ack=standing.seq,
            ack_hash=standing.hash.hex(),
            safe=standing.safe,
            generation=standing.generation,
            limits=limits,
            time=now,
        )
    )


def answer_push(service: Service, authorization: str, packed: bytes) -> Response:
    """Takes a batch of the till of this credential."""
    try:
        device = _till(service, authorization, feed=False)
        batch = batch_of(unpack(packed))
        if not signature_holds(batch, public_key=device.public_key, audience=service.audience, tenant=device.tenant):
            return refusal(403, "SIGNATURE", "the batch was not signed by this till's key for this cloud")
        ack = receive(service.database, device, batch, service.clock.now())
    except NotAllowed as error:
        return refusal(401, "REVOKED", error.message)
    except TooLarge as error:
        return refusal(413, "SIZE", error.message)
    except BadInput as error:
        return refusal(400, "ENVELOPE", error.message)
    except Refused as error:
        return _said(error, batch.header.journal)
    service.came_in(device.tenant, ack.journal)
    return answer(ack)


def answer_feed(
    service: Service,
    authorization: str,
    after: int,
    generation: str,
    *,
    head: int | None,
    journal: str,
    fittings: str = "",
) -> Response:
    """A page of the feed for the till of this credential, which writes `journal` (empty: the one it last opened)."""
    try:
        device = _till(service, authorization, feed=True)
        with service.database.of(device.tenant).reading() as session:
            entries = page(
                session,
                tenant=device.tenant,
                shop=device.shop,
                journal=journal or device.journal,
                after=after,
                generation=generation,
            )
        note_poll(service.database, device, service.clock.now(), head=head, fittings=fittings)
    except NotAllowed as error:
        return refusal(401, "REVOKED", error.message)
    except Refetch as error:
        return refusal(410, "REFETCH", error.message)
    return answer(entries)


def answer_own_journal(service: Service, authorization: str, journal: str, after: int) -> Response:
    """Own lines for the till of this credential."""
    try:
        device = _till(service, authorization, feed=True)
        with service.database.of(device.tenant).reading() as session:
            return answer(own_page(session, device, journal=journal, after=after))
    except NotAllowed as error:
        return refusal(401, "REVOKED", error.message)


def _till(service: Service, authorization: str, *, feed: bool) -> Knocker:
    """Who knocks, found among the tills of all tenants; what it asks for is then asked as its own tenant."""
    # Committed as if something were kept: a rollback would cost the driver the statements that it has prepared.
    with service.database.service().bare(writes=False) as bare:
        return device_of(bare, authorization, feed=feed, now=service.clock.now())


def _body(message: type[Body], raw: bytes) -> Body | Response:
    try:
        return message.model_validate_json(raw)
    except ValidationError as error:
        where = ", ".join(sorted({str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}))
        return refusal(400, "ENVELOPE", f"the message is not a {message.__name__} ({where or 'no JSON object'})")


def answer(message: Contract) -> Response:
    """A message as a 200 of `application/json`; nothing else counts as success."""
    return Response(message.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})


def refusal(status: int, error: str, words: str, *, wait_s: int | None = None) -> Response:
    """A refusal with its reason in words, and when to come again if that is known."""
    message = Refusal.model_validate({"error": error, "words": words})
    headers = {"Retry-After": str(wait_s)} if wait_s is not None else None
    return Response(message.model_dump_json(), status_code=status, media_type="application/json", headers=headers)


def _said(error: Refused, journal: str) -> Response:
    said = error.refusal
    log.warning("a till was refused: %s", said.words, extra={"error": said.error, "journal": journal, "seq": said.ack})
    return Response(error.refusal.model_dump_json(), status_code=error.status, media_type="application/json")
