"""A file that an owner said yes to: what its plan says is set, published and counted, in the caller's transaction."""

from sqlmodel import Session

from cloud_sync.catalogue import set_items, set_supplier
from cloud_sync.desk import count_stock, import_history
from cloud_sync.imports.kept import Chosen
from cloud_sync.imports.plan import Plan
from cloud_sync.pages.shown import Shown


def take(session: Session, here: Shown, chosen: Chosen, plan: Plan) -> None:
    """Do what the plan says; every till takes it from the feed."""
    where = {"tenant": here.tenant, "shop": here.shop}
    if plan.items:
        set_items(session, **where, items=plan.items, at=here.now)
    for supplier in plan.suppliers:
        set_supplier(session, **where, supplier=supplier, at=here.now)
    if plan.counted:
        count_stock(session, **where, counted=plan.counted, at=here.now)
    if plan.sales:
        import_history(session, **where, source=chosen.source, rows=plan.sales, at=here.now)
