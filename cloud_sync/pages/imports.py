"""Import: a file of the shop's or of another till, first shown (new, changed, refused), then taken, the same bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response, UploadFile

from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.imports.kept import Chosen, keep, kept
from cloud_sync.imports.plan import NAMES, OURS, Asked, Plan, planned, recognised
from cloud_sync.imports.taken import take
from cloud_sync.pages.files import csv_file
from cloud_sync.pages.guard import Doer, Fields, Looker, file_of, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from edge_agent.errors import BadInput
from edge_agent.rules.imports_rivals import Kind
from edge_agent.rules.imports_table import table

router = APIRouter()
SHOWN = 100
"""So many rows of each part stand on the page; the refused are all in their file."""
CALENDAR = {"order_days": "mon tue wed thu fri", "cutoff": "15:00", "lead_days": "1"}

Source = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
ShopField = Annotated[str, Form(max_length=32)]
Words = Annotated[str, Query(max_length=40)]
Of = Annotated[Kind | None, Query()]


@dataclass(frozen=True)
class Seen:
    """Which file is looked at in which shop, what of it, and what was said beside it."""

    shop: str
    source: str
    kind: Kind | None
    said: Mapping[str, str]


def in_address(
    source: Source,
    shop: ShopName = "",
    kind: Of = None,
    vat: Words = "",
    on_top: Words = "",
    order_days: Words = "",
    cutoff: Words = "",
    lead_days: Words = "",
) -> Seen:
    """From the address of a page."""
    said = {"vat": vat, "on_top": on_top, "order_days": order_days, "cutoff": cutoff, "lead_days": lead_days}
    return Seen(shop, source, kind, said)


@router.get("/imports")
def imports_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """Choose a file."""
    return _choose(request, owner, shop)


@router.post("/imports")
def look_at_file(
    request: Request, owner: Doer, fields: Fields, file: UploadFile | None = None, shop: ShopField = ""
) -> Response:
    """Keep the file for an hour and show what it would change; nothing is changed."""
    service = service_of(request)
    name = file.filename or "" if file else ""
    try:
        content = file_of(fields, "file")
        if not content:
            raise BadInput("Choose a file first; after you have shown who you are, choose it once more.")
        with service.database.writing() as session:
            here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
            where = {"tenant": here.tenant, "shop": here.shop}
            chosen = keep(session, **where, name=name, content=content, at=here.now)
            _, kinds = recognised(chosen)
    except BadInput as error:
        return _choose(request, owner, shop, wrong=error.message)
    return see_other(f"/imports/{chosen.source}?shop={here.shop}&kind={kinds[0]}")


@router.get("/imports/{source}")
def file_page(
    request: Request, owner: Looker, seen: Annotated[Seen, Depends(in_address)], taken: Annotated[int, Query()] = -1
) -> Response:
    """What would be new, changed and refused."""
    return _plan_page(request, owner, seen, taken=taken)


@router.post("/imports/{source}")
def take_file(
    request: Request,
    owner: Doer,
    fields: Fields,
    source: Source,
    shop: ShopField = "",
    kind: Annotated[Kind, Form()] = "items",
    mark: Annotated[str, Form(max_length=16)] = "",
) -> Response:
    """Take the very file that was shown, if it would still do what was shown; else show what it would do now."""
    said = {name: value for name in ("vat", "on_top", *CALENDAR) if isinstance(value := fields.get(name, ""), str)}
    seen, service = Seen(shop, source, kind, said), service_of(request)
    try:
        with service.database.writing() as session:
            here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
            chosen = kept(session, tenant=here.tenant, shop=here.shop, source=source, now=here.now)
            plan = planned(session, here, chosen, _asked(kind, said))
            if plan.mark == mark:
                take(session, here, chosen, plan)
    except BadInput as error:
        return _plan_page(request, owner, seen, status=422, wrong=error.message)
    if plan.mark != mark:
        words = "The shop changed meanwhile. Nothing was taken; look at what the file would do now."
        return _plan_page(request, owner, seen, status=409, wrong=words)
    return see_other(f"/imports/{source}?{urlencode({'shop': here.shop, 'kind': kind, **said, 'taken': plan.takes})}")


@router.get("/imports/{source}/refused.csv")
def refused_file(request: Request, owner: Looker, seen: Annotated[Seen, Depends(in_address)]) -> Response:
    """The rows that are refused, as they came, each with its line, its column and why; to be put right and sent."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=seen.shop, now=service.clock.now())
        chosen = kept(session, tenant=here.tenant, shop=here.shop, source=seen.source, now=here.now)
        kind = seen.kind or recognised(chosen)[1][0]
        plan = planned(session, here, chosen, _asked(kind, {**seen.said, "on_top": "yes"}))
    header, lines = table(chosen.name, chosen.content)
    cells = dict(lines)
    rows: list[list[str | int]] = [[bad.line, bad.column, bad.why, *cells.get(bad.line, [])] for bad in plan.refused]
    return csv_file(f"refused-{kind}.csv", ["line", "column", "why", *header], rows)


def _asked(kind: Kind, said: Mapping[str, str]) -> Asked:
    calendar = {name: said.get(name, "") or usual for name, usual in CALENDAR.items()}
    return Asked(kind, said.get("vat", "").strip(), said.get("on_top") == "yes", calendar)


def _choose(request: Request, owner: SignedIn, shop: str, *, wrong: str = "") -> Response:
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        tills = standing(session, here)
    told: dict[str, Any] = {"shop": here, "standing": tills, "wrong": wrong, "ours": OURS}
    return page(request, "imports.html", owner=owner, status=422 if wrong else 200, **told)


def _plan_page(
    request: Request, owner: SignedIn, seen: Seen, *, status: int = 200, wrong: str = "", taken: int = -1
) -> Response:
    service = service_of(request)
    plan: Plan | None = None
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=seen.shop, now=service.clock.now())
        tills = standing(session, here)
        try:
            chosen = kept(session, tenant=here.tenant, shop=here.shop, source=seen.source, now=here.now)
            whose, kinds = recognised(chosen)
        except BadInput as error:
            return _choose(request, owner, here.shop, wrong=error.message)
        asked = _asked(seen.kind or kinds[0], seen.said)
        try:
            plan = planned(session, here, chosen, asked)
        except BadInput as error:
            wrong = wrong or error.message
    told = _told(here, chosen, whose, asked, plan)
    told |= {"kinds": kinds, "wrong": wrong, "taken": taken, "standing": tills}
    return page(request, "import.html", owner=owner, status=status, shop=here, **told)


def _told(here: Shown, chosen: Chosen, whose: str, asked: Asked, plan: Plan | None) -> dict[str, Any]:
    said = {"shop": here.shop, "kind": asked.kind, "vat": asked.vat, "on_top": "yes" if asked.on_top else ""}
    said |= asked.calendar if whose and asked.kind == "suppliers" else {}
    needs = {"items": ("vat",), "suppliers": tuple(CALENDAR), "sales": ("on_top",)}.get(asked.kind, ())
    return {
        "file": chosen,
        "whose": NAMES[whose],
        "foreign": bool(whose),
        "asked": asked,
        "plan": plan,
        "query": urlencode(said),
        "said": said,
        "needs": needs if whose or asked.kind == "sales" else (),
        "most": SHOWN,
    }
