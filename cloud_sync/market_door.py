"""The marketplaces' door as JSON: an order in, an order off, what may still be sold; by the key of each."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from cloud_sync import markets
from cloud_sync.following import seller_found
from cloud_sync.keys import secret_of
from cloud_sync.reservations import Kept, NoneLeft
from cloud_sync.service import let_in, service_of
from cloud_sync.settings import Settings
from cloud_sync.tables.reservations import Market
from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.imports_market import MOST_PIECES, MarketLine, MarketOrder
from edge_agent.rules.reservation import number_of
from edge_agent.rules.text import clean_name
from edge_agent.wire.events.reservations import MOST_LINES

router = APIRouter(prefix="/v1/market")
Reference = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
AtPath = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
MOST_PRICE = 9_999_999


class Line(BaseModel):
    """Pieces of an item, named by SKU or barcode, at a unit `price` in minor units (none: the shop's own)."""

    model_config = ConfigDict(extra="forbid")

    sku: Annotated[str, Field(min_length=1, max_length=64)]
    pieces: Annotated[int, Field(ge=1, le=MOST_PIECES)]
    price: Annotated[int, Field(ge=0, le=MOST_PRICE)] | None = None


class Asked(BaseModel):
    """`POST /v1/market/orders`: under your own `reference`; `paid` with you or to be paid in the shop."""

    model_config = ConfigDict(extra="forbid")

    reference: Reference
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=MOST_LINES)]
    paid: bool = True


class OrderKept(BaseModel):
    """An order as it stands: open (kept until `until`, UTC ms), handed or released. Its customer shows `code`."""

    reference: str
    number: int
    code: str
    state: str
    until: int
    new: bool


class OrderRefused(BaseModel):
    """Why not: NONE_LEFT (`left` pieces of `sku` are there: tell less), CHANGED (the reference is known otherwise)."""

    error: str
    words: str
    sku: str = ""
    left: int = 0


class StockSaid(BaseModel):
    """Pieces of each SKU that may still be sold."""

    stock: dict[str, int]


def seller(request: Request) -> Market:
    """Whose key it is; 401 for nobody's."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    known = key and scheme.lower() == "bearer"
    found = seller_found(service_of(request).database, markets.key_hash(key)) if known else None
    if found is None:
        raise HTTPException(401, "This key opens nothing here.")
    let_in(request, found.tenant)
    return found


Seller = Annotated[Market, Depends(seller)]


@router.post("/orders")
def market_order(request: Request, known: Seller, asked: Asked) -> Response:
    """Keep an order's goods, all of it or nothing. Said again it changes nothing."""
    service = service_of(request)
    lines = tuple(MarketLine(line.sku, line.pieces, line.price) for line in asked.lines)
    order = MarketOrder(asked.reference, lines, asked.paid)
    number = code_for(service.settings, known, asked.reference)
    try:
        with service.database.writing() as session:
            taken = markets.take(session, known, order, number, service.clock.now())
    except NoneLeft as error:
        return _refused(409, "NONE_LEFT", error.message, sku=error.sku, left=error.left // markets.PIECE)
    except markets.Changed as error:
        return _refused(409, "CHANGED", error.message)
    except BadInput as error:
        return _refused(422, "WORDS", error.message)
    return _said(taken.kept, number, new=taken.new)


@router.delete("/orders/{reference}")
def market_order_off(request: Request, known: Seller, reference: AtPath) -> Response:
    """The order is no longer wanted: its goods are free."""
    service, number = service_of(request), ""
    try:
        with service.database.writing() as session:
            found = markets.cancel(session, known, reference, service.clock.now())
            number = code_for(service.settings, known, reference)
    except NotKnown as error:
        return _refused(404, "UNKNOWN", error.message)
    except markets.Changed as error:
        return _refused(409, "CHANGED", error.message)
    return _said(found, number, new=False)


@router.get("/stock")
def market_stock(request: Request, known: Seller) -> Response:
    """What may still be sold at this moment."""
    service = service_of(request)
    with service.database.reading() as session:
        found = markets.there(session, known, service.clock.now())
    return JSONResponse({"stock": found})


def code_for(settings: Settings, known: Market, reference: str) -> str:
    """The code of an order, the same each time: made of its reference and a key of the cloud."""
    words = ("market", known.tenant, known.shop, known.market, reference)
    return number_of(int.from_bytes(secret_of(settings.data / "keys" / "market.key", *words)[:8]))


def _said(one: Kept, number: str, *, new: bool) -> Response:
    row = one.row
    told: dict[str, Any] = {
        "reference": row.reference, "number": row.number, "code": number, "state": row.state, "until": row.until,
        "new": new,
    }  # fmt: skip
    return JSONResponse(told)


def _refused(status: int, error: str, words: str, **more: object) -> Response:
    said = OrderRefused.model_validate({"error": error, "words": clean_name(words, 200), **more})
    return JSONResponse(json.loads(said.model_dump_json()), status)
