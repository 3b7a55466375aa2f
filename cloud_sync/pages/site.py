"""All owner's pages joined to the service: routes, assets, and what is shown when a page can't be."""

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException as AnyHTTPException

from cloud_sync.pages import (
    account,
    alerts,
    answer,
    audit,
    before_after,
    cash,
    catalogue,
    devices,
    drop_public,
    drops,
    experiment,
    hubs,
    imports,
    leaving,
    links,
    live,
    live_window,
    markets,
    orders,
    people,
    popups,
    promotions,
    public_drop,
    replies,
    reservations,
    returns,
    running_out,
    safety,
    samples,
    shop,
    sign_in,
    signals,
    stock,
    suppliers,
    tables,
    takings,
    tasks,
    terms,
    today,
    vat,
)
from cloud_sync.pages.guard import Away, ProofNeeded, asked_for_proof, sent_away
from cloud_sync.pages.look import TYPES, VARY, asset, asset_path, packed_asset, page, takes_gzip
from cloud_sync.pages.outermost import Outermost, for_programs
from edge_agent.errors import BadInput, NotKnown

router = APIRouter()

TITLES = {
    403: "That form can't be used",
    404: "There is no such page",
    405: "There is no such page",
    422: "That can't be done so",
}

ELSEWHERE = "It may have moved, or belong to another shop."


def register(app: FastAPI) -> None:
    """Add the pages to the service; to be called after every other middleware was added."""
    rooms = [sign_in, account, today, safety, orders, leaving, suppliers, terms, takings, stock]
    rooms += [live, alerts, replies, answer, catalogue, promotions, shop, tasks, signals, devices, people, audit]
    rooms += [drops, cash, returns, popups, vat, tables]
    rooms += [links, samples]
    rooms += [hubs, before_after, experiment, imports]
    rooms += [drop_public, public_drop, reservations, markets]
    rooms += [live_window, running_out]
    for room in (router, *(one.router for one in rooms)):
        app.include_router(room)
    app.add_exception_handler(Away, sent_away)
    app.add_exception_handler(ProofNeeded, asked_for_proof)
    app.add_exception_handler(AnyHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(BadInput, _bad_input)
    app.add_exception_handler(NotKnown, _not_known)
    app.add_middleware(Outermost, secure=app.state.service.settings.secure)


@router.get("/assets/{mark}/{name}")
def asset_file(request: Request, mark: str, name: str) -> Response:
    """A stylesheet, script or icon; its address names its content, so it may be kept for ever."""
    if name not in TYPES or asset_path(name) != f"/assets/{mark}/{name}":
        raise HTTPException(404)
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    if takes_gzip(request):
        packed = {**kept, **VARY, "Content-Encoding": "gzip"}
        return Response(packed_asset(name), media_type=TYPES[name], headers=packed)
    return Response(asset(name), media_type=TYPES[name], headers={**kept, **VARY})


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AnyHTTPException)
    if for_programs(request.url.path):
        answer = await http_exception_handler(request, error)
    else:
        words = error.detail if error.status_code in (403, 422) else ELSEWHERE
        answer = _page(request, error.status_code, words)
    if error.status_code == 405:
        answer.headers["Allow"] = ", ".join(sorted(_ways(request)))
    return answer


def _ways(request: Request) -> set[str]:
    """Every method that is taken at the path that was asked for: each has a route of its own."""
    found: set[str] = set()
    for one in iter_route_contexts(request.app.routes):
        route = one.original_route
        if isinstance(route, APIRoute) and route.path_regex.match(request.url.path):
            found |= route.methods or set()
    return found


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if for_programs(request.url.path):
        return await request_validation_exception_handler(request, error)
    in_path = any(fault["loc"][0] == "path" for fault in error.errors())
    if in_path:
        return _page(request, 404, ELSEWHERE)
    return _page(request, 422, "The form did not hold what was expected. Load the page again.")


async def _bad_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadInput)
    if for_programs(request.url.path):
        return JSONResponse({"error": error.message}, 422)
    return _page(request, 422, error.message)


async def _not_known(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotKnown)
    if for_programs(request.url.path):
        return JSONResponse({"error": error.message}, 404)
    return _page(request, 404, ELSEWHERE)


def _page(request: Request, status: int, words: str) -> Response:
    return page(
        request, "wrong.html", status=status, title=TITLES.get(status, "That did not work"), words=words, act=""
    )
