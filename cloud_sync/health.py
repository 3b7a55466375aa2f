"""Is the service alive, is it ready, and its figures (the figures only from the machine itself or with the token)."""

import hmac
import ipaddress

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from cloud_sync.migrations import refuse_other
from cloud_sync.service import Service, service_of
from cloud_sync.tables.accounts import Device
from cloud_sync.tables.events import JournalRow, Quarantine
from cloud_sync.tables.figures import Position
from edge_agent.errors import Broken

router = APIRouter()


@router.get("/health/live")
def live() -> Response:
    """The process answers."""
    return JSONResponse({"live": True})


@router.get("/health/ready")
def ready(request: Request) -> Response:
    """The database answers, is at this program's revision, and what comes in is counted; else 503 with the reason."""
    try:
        with service_of(request).database.reading() as session:
            refuse_other(session.connection())
    except SQLAlchemyError:
        return JSONResponse({"ready": False, "why": "the database does not answer"}, 503)
    except Broken as error:
        return JSONResponse({"ready": False, "why": error.message}, 503)
    if not request.app.state.projector.alive:
        return JSONResponse({"ready": False, "why": "nothing counts what comes in"}, 503)
    return JSONResponse({"ready": True})


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Figures as plain text, one a line; 404 for anybody else."""
    service = service_of(request)
    if not (_from_here(request) or _has_token(request, service)):
        raise HTTPException(404)
    with service.database.service().reading() as session:
        figures = _figures(session)
    figures |= {"tills_inside": service.gate.inside, "counting_waits_seconds": request.app.state.projector.way.waits_s}
    lines = [f"dropshelf_{name} {value}" for name, value in figures.items()]
    return PlainTextResponse("\n".join(lines) + "\n")


def _figures(session: Session) -> dict[str, int]:
    open_ = col(Quarantine.state) == "open"
    received = session.exec(select(func.coalesce(func.sum(JournalRow.seq), 0))).one()
    counted = session.exec(select(func.coalesce(func.sum(Position.seq), 0))).one()
    return {
        "devices": session.exec(select(func.count()).select_from(Device)).one(),
        "journals": session.exec(select(func.count()).select_from(JournalRow)).one(),
        "events_received": received,
        "events_to_count": received - counted,
        "events_in_quarantine": session.exec(select(func.count()).select_from(Quarantine).where(open_)).one(),
        "events_waiting_on_tills": session.exec(select(func.coalesce(func.sum(Device.backlog), 0))).one(),
    }


def _from_here(request: Request) -> bool:
    """True for a request from this machine that no proxy passed on."""
    passed_on = {"forwarded", "x-forwarded-for", "x-real-ip"} & set(request.headers)
    if request.client is None or passed_on:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _has_token(request: Request, service: Service) -> bool:
    wanted, given = service.settings.metrics_token, request.headers.get("authorization", "")
    return bool(wanted) and hmac.compare_digest(f"Bearer {wanted}".encode(), given.encode())
