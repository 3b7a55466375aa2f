"""The owners' door as JSON for signals: a program pushes values and the calendar, and reads what is known."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from cloud_sync.accounts.door import Commander, Reader
from cloud_sync.pages.shown import shown
from cloud_sync.service import service_of
from cloud_sync.signals import calendar, enter, signals
from edge_agent.rules.imports_signals import Row, cells_of, event_of, signal_of

router = APIRouter(prefix="/v1/owner")
MOST = 500
Text = Annotated[str, Field(max_length=200)]
Number = Annotated[str, Field(max_length=32)] | int | float


class Value(BaseModel):
    """A value of a signal; `kind` is trend or count, `time` like 2026-03-01 or 2026-03-01T14:05 (the shop's time)."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    time: Text
    value: Number
    source: Text
    kind: Text = "trend"
    about: Text = ""


class Happening(BaseModel):
    """Something on the calendar, with dates like 2026-03-01."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    date: Text
    kind: Text
    until: Text = ""
    about: Text = ""
    attendance: Number = ""
    distance_km: Number = ""
    source: Text = ""
    called_off: bool = False


class Given(BaseModel):
    """`POST /v1/owner/signals`; without a `shop` the tenant's first is meant."""

    model_config = ConfigDict(extra="forbid")

    shop: Annotated[str, Field(max_length=32)] = ""
    signals: Annotated[tuple[Value, ...], Field(max_length=MOST)] = ()
    events: Annotated[tuple[Happening, ...], Field(max_length=MOST)] = ()


@router.post("/signals")
def owner_enters_signals(request: Request, owner: Commander, asked: Given) -> Response:
    """All of it or nothing (422 names the row and field); saying the same again changes nothing."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=asked.shop, now=service.clock.now())
        rows: list[Row] = [
            *(
                signal_of(cells_of(f"signals[{place}]", _fields(one)), here.zone, here.now)
                for place, one in enumerate(asked.signals)
            ),
            *(event_of(cells_of(f"events[{place}]", _fields(one))) for place, one in enumerate(asked.events)),
        ]
        done = enter(session, tenant=here.tenant, shop=here.shop, rows=rows, at=here.now)
    return JSONResponse({"new": done, "known": len(rows) - done})


@router.get("/signals")
def owner_reads_signals(request: Request, owner: Reader, shop: Annotated[str, Query(max_length=32)] = "") -> Response:
    """Every signal with its newest value and its age, and the calendar from today on."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        known = signals(session, tenant=here.tenant, shop=here.shop, now=here.now)
        coming = calendar(session, tenant=here.tenant, shop=here.shop, first_day=here.day)
    values = [
        {**one.newest.model_dump(), "usual": one.usual, "age_days": one.age, "counts": not one.is_old} for one in known
    ]
    return JSONResponse({"signals": values, "events": [one.model_dump() for one in coming]})


def _fields(given: BaseModel) -> dict[str, str]:
    plain: dict[str, Any] = given.model_dump()
    words = {True: "yes", False: ""}
    return {name: words[value] if isinstance(value, bool) else str(value) for name, value in plain.items()}
