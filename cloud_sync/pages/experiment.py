"""The ninety days' experiment on the owner's page: from one product to a verdict, each step as the records show it."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlmodel import Session

from cloud_sync import experiments
from cloud_sync.catalogue import names
from cloud_sync.pages.before_after import SAID, lines_of
from cloud_sync.pages.days import ordinal_of
from cloud_sync.pages.guard import Doer, Fields, Looker, see_other
from cloud_sync.pages.look import page
from cloud_sync.pages.shown import Shown, shown
from cloud_sync.pages.standing import standing
from cloud_sync.pages.takings import ShopName
from cloud_sync.service import service_of
from edge_agent.errors import BadInput
from edge_agent.rules import imports_cells as cell
from edge_agent.rules.experiment import DAYS, VARIANTS, next_step, steps, verdict
from edge_agent.rules.imports_signals import cells_of
from edge_agent.rules.text import clean_name
from edge_agent.wire.events.experiments import ExperimentSet

router = APIRouter()
ShopField = Annotated[str, Form(max_length=32)]
Named = Annotated[str, Form(max_length=64)]


@router.get("/experiment")
def experiment_page(request: Request, owner: Looker, shop: ShopName = "") -> Response:
    """The newest experiment with its steps and figures, and those before it; or the form to begin one."""
    service = service_of(request)
    with service.database.reading() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        every = experiments.experiments(session, tenant=here.tenant, shop=here.shop)
        told: dict[str, Any] = {
            "standing": standing(session, here),
            "running": any(one.last_day >= here.day for one in every),
            "current": _shown(session, here, every[0]) if every else None,
            "before": every[1:],
            "whole": DAYS,
            "variants": VARIANTS,
            "said": SAID,
            "names": names(session, tenant=here.tenant, shop=here.shop) if every else {},
        }
    return page(request, "experiment.html", owner=owner, shop=here, **told)


def _shown(session: Session, here: Shown, plan: ExperimentSet) -> dict[str, Any]:
    where = {"tenant": here.tenant, "shop": here.shop}
    found = experiments.figures(session, **where, plan=plan, now=here.now, today=here.day)
    facts = experiments.facts(session, **where, plan=plan, known_days=found.after.known)
    taken = steps(plan, facts)
    return {
        "plan": plan,
        "facts": facts,
        "steps": taken,
        "next": next_step(taken),
        "done": sum(one.done for one in taken),
        "day": max(0, min(here.day, plan.last_day) - plan.first_day + 1),
        "days": plan.last_day - plan.first_day + 1,
        "found": found,
        "lines": lines_of(here, found),
        "verdict": verdict(plan, found, taken, here.day),
    }


@router.post("/experiment")
def begin(request: Request, owner: Doer, fields: Fields, shop: ShopField = "") -> Response:
    """Begin one: a product, its variants, and the first day."""
    service = service_of(request)
    given = cells_of("the form", {name: value for name, value in fields.items() if isinstance(value, str)})
    skus = tuple(
        cell.identifier(given, f"sku{number}", needed=False)
        for number in range(1, VARIANTS + 1)
        if given.text(f"sku{number}")
    )
    if not skus:
        raise BadInput("Name at least one variant by its SKU.")
    product = cell.identifier(given, "product", needed=True)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        first = _first(given.text("date"), here)
        plan = ExperimentSet(
            experiment=secrets.token_hex(8),
            name=clean_name(given.text("name")) or product,
            product=product,
            skus=skus,
            first_day=first,
            last_day=first + DAYS - 1,
        )
        experiments.begin(session, tenant=here.tenant, shop=here.shop, plan=plan, at=here.now)
    return see_other(f"/experiment?shop={here.shop}")


def _first(text: str, here: Shown) -> int:
    """The first day; without one today. It may lie behind as far as the days still reach today."""
    if not text:
        return here.day
    found = ordinal_of(text)
    if not here.day - DAYS < found <= here.day + DAYS:
        raise BadInput(f"Choose a day at most {DAYS} days from today.")
    return found


@router.post("/experiment/end")
def end(request: Request, owner: Doer, experiment: Named = "", shop: ShopField = "") -> Response:
    """End one with today."""
    service = service_of(request)
    with service.database.writing() as session:
        here = shown(session, tenant=owner.tenant, shop=shop, now=service.clock.now())
        where = {"tenant": here.tenant, "shop": here.shop}
        experiments.end(session, **where, named=experiment, day=here.day, at=here.now)
    return see_other(f"/experiment?shop={here.shop}")
